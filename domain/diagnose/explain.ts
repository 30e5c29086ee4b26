import { annotations as keys } from '../../crds/names.ts';
import type { Given } from '../injection/inject.ts';
import { languages, type Language } from '../injection/instrumentation/settings.ts';
import { merge } from '../injection/match.ts';
import { isObject, listAt, textAt, type JsonObject } from '../json.ts';
import { stateOf, type PodState } from '../restart/coverage.ts';
import { decisionOf } from '../restart/gather.ts';
import { adviceOn } from '../restart/judge/advice.ts';
import type { Seconds } from '../restart/records/metadata.ts';
import { podReader } from '../restart/records/pod.ts';
import type { Verdict } from '../restart/verdict.ts';
import { annotationsIn, specOf, type Cluster, type Subject } from './cluster.ts';
import { variablesOf } from './workload/effective.ts';
import { containerIn } from './workload/language.ts';
import { causeIn } from './workload/verdict.ts';

/** One workload, rule by rule, in the order in which the rules are applied. */
export interface Account {
  readonly workload: string;
  readonly seen: readonly Seen[];
  readonly chosen: readonly Choice[];
  readonly gets: readonly Gift[];
  /** What is refused, each as `language: reason`. */
  readonly refused: readonly string[];
  readonly pods: readonly PodAccount[];
  readonly verdict: Verdict['kind'];
  readonly reason: string | undefined;
  readonly cause: string | undefined;
  readonly summary: string | undefined;
  readonly next: string;
}

/** An annotation that somebody wrote, and whether it counts. */
export interface Seen {
  readonly key: string;
  readonly value: string;
  readonly place: 'pod template' | 'namespace' | 'workload';
  readonly effect: 'counts' | 'is overruled' | 'has no effect there';
}

export interface Choice {
  readonly language: Language;
  readonly instrumentation: string | undefined;
  readonly createdAt: Seconds | undefined;
  readonly why: string;
  /** Others that could be meant by another annotation. */
  readonly others: readonly string[];
}

/** What a new pod would get. */
export interface Gift {
  readonly language: Language;
  readonly instrumentation: string;
  readonly container: string;
  readonly endpoint: string | undefined;
  readonly protocol: string | undefined;
  /** The variables that are added or changed. */
  readonly variables: readonly string[];
}

export interface PodAccount {
  readonly name: string;
  readonly createdAt: Seconds;
  readonly phase: string;
  readonly isReady: boolean;
  readonly state: PodState | undefined;
}

export function explain(subject: Subject, cluster: Cluster): Account {
  const { judgement, verdict, world } = subject;
  const { admission } = decisionOf(judgement.workload, world);
  return {
    workload: subject.key,
    seen: seenBy(subject),
    chosen: languages.flatMap((language) => chosenFor(language, subject, cluster)),
    gets:
      admission.kind === 'injected'
        ? admission.given.flatMap((one) => giftsOf(one, subject, admission.pod))
        : [],
    refused:
      admission.kind === 'untouched'
        ? []
        : admission.refusals.map(({ language, reason }) => `${language}: ${reason}`),
    pods: podsOf(subject),
    verdict: verdict.kind,
    reason: 'reason' in verdict ? verdict.reason : undefined,
    cause: causeIn(verdict),
    summary: adviceOn(judgement, verdict)?.summary,
    next: nextFor(subject),
  };
}

const isAboutUs = (key: string) =>
  key.startsWith('instrumentation.opentelemetry.io/') || key.startsWith('otel-retrofit.dev/');

function seenBy({ annotations, template, world }: Subject): readonly Seen[] {
  const onPod = annotationsIn(template);
  const onNamespace = world.namespace.annotations;
  const rows = (place: Seen['place'], from: JsonObject): readonly Seen[] =>
    Object.keys(from)
      .filter(isAboutUs)
      .toSorted()
      .map((key) => {
        const value = textAt(from, key) ?? '';
        const counts = merge(onPod, onNamespace, key) === value;
        return { key, value, place, effect: counts ? 'counts' : 'is overruled' };
      });
  const own = rows('workload', annotations).map((row): Seen =>
    ofWorkloads.has(row.key)
      ? { ...row, effect: 'counts' }
      : { ...row, effect: 'has no effect there' },
  );
  return [...rows('pod template', onPod), ...rows('namespace', onNamespace), ...own];
}

/** What is said of restarts is read from the workload too. */
const ofWorkloads: ReadonlySet<string> = new Set([
  keys.remediation,
  keys.restartOutdated,
  keys.resume,
]);

function chosenFor(
  language: Language,
  { template, world }: Subject,
  { instrumentations, evidence: { isHidden } }: Cluster,
): readonly Choice[] {
  const { name: home, annotations } = world.namespace;
  const value = merge(annotationsIn(template), annotations, keys.inject(language));
  if (value === undefined || value.toLowerCase() === 'false') return [];
  const here = [...instrumentations.keys()].filter((one) => one.startsWith(`${home}/`));
  const isBare = value.toLowerCase() === 'true';
  const only = here.length === 1 ? here[0] : undefined;
  const meant = isBare ? only : value.includes('/') ? value : `${home}/${value}`;
  const known = meant === undefined ? undefined : instrumentations.get(meant);
  const others = [...instrumentations.keys()].filter((one) => one !== meant).slice(0, mostOthers);
  const instrumentation = known === undefined ? undefined : meant;
  const [place = '', name] = isBare ? [home] : (meant ?? value).split('/');
  const isUnread = known === undefined && isHidden(place, name);
  const why = isBare ? whyBare(here.length, home) : whyNamed(known !== undefined, meant ?? value);
  const createdAt = known?.read.createdAt;
  return [{ language, instrumentation, createdAt, why: isUnread ? unread : why, others }];
}

const unread = 'whoever asks may not read it';

const mostOthers = 5;

function whyBare(count: number, home: string): string {
  if (count === 1) return `the only one in the namespace ${home}`;
  return count === 0
    ? `"true" means the only one in the namespace ${home}, and it holds none`
    : `"true" means the only one in the namespace ${home}, and it holds ${count}`;
}

const whyNamed = (isThere: boolean, name: string) =>
  isThere ? 'the annotation names it' : `the annotation names ${name}, which is not there`;

function giftsOf(
  { language, instrumentation, containers }: Given,
  { template }: Subject,
  pod: JsonObject,
): readonly Gift[] {
  return containers.map((container) => {
    const before = variablesOf(containerIn(specOf(template), container) ?? {});
    const after = containerIn(specOf(pod), container) ?? {};
    const values = variablesOf(after);
    const names = (listAt(after, 'env') ?? [])
      .filter(isObject)
      .flatMap((entry) => textAt(entry, 'name') ?? []);
    return {
      language,
      instrumentation,
      container,
      endpoint: values.get('OTEL_EXPORTER_OTLP_ENDPOINT'),
      protocol: values.get('OTEL_EXPORTER_OTLP_PROTOCOL'),
      variables: names.filter((name) => !before.has(name) || before.get(name) !== values.get(name)),
    };
  });
}

function podsOf({ pods, judgement }: Subject): readonly PodAccount[] {
  const read = podReader();
  return pods.flatMap((json) => {
    const pod = read(json);
    if (pod === undefined) return [];
    const { name, createdAt, phase, isReady } = pod;
    return [{ name, createdAt, phase, isReady, state: stateOf(pod, judgement.wanted) }];
  });
}

/** What the controller does about it, without anybody's help. */
function nextFor({ verdict, next }: Subject): string {
  if (next !== undefined) return `It is restarted, as number ${next} in turn.`;
  const isUnknown = verdict.kind === 'refused' && verdict.reason === 'InstrumentationUnreadable';
  return isUnknown ? 'What is done about it is not known.' : outlook[verdict.kind];
}

const useless = 'A restart would not help: a person has to change something.';

const outlook: Readonly<Record<Verdict['kind'], string>> = {
  exempt: 'Nothing is done about it.',
  current: 'Every pod has what it asked for.',
  waiting: 'It is restarted when what it waits for is over.',
  behind: 'It is restarted in its turn.',
  held: 'It is left to people to restart it.',
  refused: useless,
  stuck: useless,
};
