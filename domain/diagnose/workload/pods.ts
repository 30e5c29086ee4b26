import { isObject, listAt, objectAt, textAt, type JsonObject } from '../../json.ts';
import { hasPodsRefused, lacksPods, refusedCreate } from '../../restart/judge/sickness.ts';
import { countAt, secondsAt } from '../../restart/records/metadata.ts';
import { workloadKey, type Workload } from '../../restart/records/workload.ts';
import {
  placeOf,
  specOf,
  statusOf,
  type Cluster,
  type Injected,
  type Subject,
} from '../cluster.ts';
import { finding, wordsFor, type Finding } from '../finding.ts';
import { once } from '../once.ts';
import { containerIn } from './language.ts';

/** What keeps pods that carry an agent from running. */
export function podFindings(subject: Subject, cluster: Cluster): readonly Finding[] {
  return [
    ...refusedBirth(subject, cluster),
    ...subject.pods.flatMap((pod) => troubleOf(pod, subject)),
    ...shortProbes(subject),
  ];
}

function refusedBirth({ key, judgement }: Subject, cluster: Cluster): readonly Finding[] {
  const { workload, wanted } = judgement;
  const refusal = wanted.kind === 'nothing' ? undefined : refusalOf(workload, cluster);
  if (refusal === undefined) return [];
  const detail = textAt(refusal, 'message');
  return [finding('PodsRefused', key, { detail, workloads: [key], words: wordsFor(workload) })];
}

/** A Deployment has a condition that tells, and the others lack pods and have an Event. */
function refusalOf(workload: Workload, cluster: Cluster): JsonObject | undefined {
  const { kind, namespace, name } = workload;
  if (kind === 'Deployment') {
    if (!hasPodsRefused(workload)) return undefined;
    const conditions =
      listAt(statusOf(cluster.find(kind, namespace, name) ?? {}), 'conditions') ?? [];
    return conditions.filter(isObject).find((one) => textAt(one, 'type') === 'ReplicaFailure');
  }
  return lacksPods(workload) ? refusalsIn(cluster).get(workloadKey(workload)) : undefined;
}

/** The last Event of each workload that tells of it. */
const refusalsIn = once(({ all }: Cluster): ReadonlyMap<string, JsonObject> => {
  const refusals = all('Event').filter((event) => textAt(event, 'reason') === refusedCreate);
  const inTurn = refusals.toSorted((one, other) => toldAt(one) - toldAt(other));
  return new Map(inTurn.map((event) => [regarding(event), event]));
});

function regarding(event: JsonObject): string {
  const about = objectAt(event, 'involvedObject') ?? {};
  return ['kind', 'namespace', 'name'].map((part) => textAt(about, part)).join('/');
}

const toldAt = (event: JsonObject) => secondsAt(event, 'lastTimestamp') ?? 0;

const agentName = /^(?:opentelemetry-auto-instrumentation|otel-agent-)/;

function troubleOf(pod: JsonObject, subject: Subject): readonly Finding[] {
  const spec = specOf(pod);
  const carries = [...(listAt(spec, 'initContainers') ?? []), ...(listAt(spec, 'containers') ?? [])]
    .filter(isObject)
    .some((container) => agentName.test(textAt(container, 'name') ?? ''));
  if (!carries) return [];
  const targets = new Set(
    subject.admission.kind === 'injected'
      ? subject.admission.given.flatMap(({ containers }) => containers)
      : [],
  );
  const statuses = ['initContainerStatuses', 'containerStatuses'].flatMap((key) =>
    (listAt(statusOf(pod), key) ?? []).filter(isObject),
  );
  return statuses.flatMap((status) => {
    const name = textAt(status, 'name') ?? '';
    const place = { pod, status, subject };
    if (agentName.test(name)) return ofAgent(place);
    return targets.has(name) ? ofTarget(place) : [];
  });
}

const unpulled = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
]);

function ofAgent(place: Place): readonly Finding[] {
  const { pod, status } = place;
  const waiting = stateOf(status, 'state', 'waiting');
  const ended =
    stateOf(status, 'state', 'terminated') ?? stateOf(status, 'lastState', 'terminated');
  const reason = textAt(waiting ?? {}, 'reason') ?? '';
  if (unpulled.has(reason)) {
    const container = containerIn(specOf(pod), textAt(status, 'name') ?? '') ?? {};
    return [told('AgentImageNotPulled', place, textAt(container, 'image'))];
  }
  const failed = ended !== undefined && countAt(ended, 'exitCode') !== 0;
  const stays = waiting !== undefined && reason !== 'PodInitializing' && reason !== '';
  if (!failed && (!stays || reason === 'ContainerCreating')) return [];
  return [told('AgentNotCopied', place, textAt(ended ?? {}, 'reason') ?? reason)];
}

function ofTarget(place: Place): readonly Finding[] {
  const { status } = place;
  const ends = ['state', 'lastState'].map((when) => stateOf(status, when, 'terminated'));
  const isKilled = ends.some((end) => textAt(end ?? {}, 'reason') === 'OOMKilled');
  const runs = stateOf(status, 'state', 'running') !== undefined;
  if (isKilled && (!runs || countAt(status, 'restartCount') >= often)) {
    return [told('MemoryTooSmall', place)];
  }
  const waiting = stateOf(status, 'state', 'waiting') ?? {};
  return textAt(waiting, 'reason') === 'CrashLoopBackOff' ? [told('CrashesWithAgent', place)] : [];
}

/** What happened once, and to a container that runs again, may have been long ago. */
const often = 2;

const stateOf = (status: JsonObject, when: string, kind: string) =>
  objectAt(objectAt(status, when) ?? {}, kind);

type Trouble = 'AgentImageNotPulled' | 'AgentNotCopied' | 'CrashesWithAgent' | 'MemoryTooSmall';

interface Place {
  readonly pod: JsonObject;
  readonly status: JsonObject;
  readonly subject: Subject;
}

function told(check: Trouble, { pod, status, subject }: Place, detail = ''): Finding {
  const { key, judgement } = subject;
  const container = textAt(status, 'name') ?? '';
  const [, name = ''] = placeOf(pod).split('/');
  return finding(check, key, {
    detail: detail === '' ? container : `${container}: ${detail}`,
    workloads: [key],
    words: { ...wordsFor(judgement.workload), pod: name, container },
  });
}

/** So long a Java application may well take to start on a small share of a processor. */
const startSeconds = 30;

function shortProbes({ key, admission }: Subject): readonly Finding[] {
  if (admission.kind !== 'injected') return [];
  return probesIn(admission).map((detail) =>
    finding('ProbesTooShort', key, { detail, workloads: [key] }),
  );
}

const probesIn = once(({ given, pod }: Injected): readonly string[] => {
  const java = given.find(({ language }) => language === 'java');
  return (java?.containers ?? []).flatMap((name) => {
    const container = containerIn(specOf(pod), name) ?? {};
    const kind =
      objectAt(container, 'startupProbe') === undefined ? 'livenessProbe' : 'startupProbe';
    const probe = objectAt(container, kind);
    if (probe === undefined) return [];
    const waits =
      countAt(probe, 'initialDelaySeconds') +
      countAt(probe, 'periodSeconds', 10) * countAt(probe, 'failureThreshold', 3);
    return waits >= startSeconds ? [] : [`${name}: ${kind} waits ${waits} seconds`];
  });
});
