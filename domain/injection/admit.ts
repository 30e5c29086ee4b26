import { marks } from '../../crds/names.ts';
import { isObject, member, objectAt, textAt, type JsonObject } from '../json.ts';
import type { ReasonFor } from '../reasons.ts';
import { inject, type Asked, type Given, type Injection } from './inject.ts';
import type { Note } from './injector.ts';
import { match, type Refusal, type World } from './match.ts';
import { diff, type Operation } from './patch.ts';
import { envOf, readPod, type Container, type Pod } from './pod/shape.ts';
import { helperVariables } from './sdk/attributes.ts';
import { ownersOf, type Owner } from './sdk/owners.ts';
import { digest, readMark, writeDeclined, writeInjected, type Stamp } from './stamp.ts';

/** What becomes of one pod. */
export type Admission =
  | { readonly kind: 'untouched'; readonly reason: ReasonFor<'exempt'> }
  | {
      readonly kind: 'declined';
      readonly reason: ReasonFor<'refused'>;
      readonly stamp: Stamp;
      readonly refusals: readonly Refusal[];
      readonly pod: JsonObject;
    }
  | {
      readonly kind: 'injected';
      readonly stamp: Stamp;
      readonly given: readonly Given[];
      readonly refusals: readonly Refusal[];
      readonly notes: readonly Note[];
      readonly pod: JsonObject;
    };

/**
 * Decides about a pod, or about a pod template whose owner is told. Whatever JSON it is given, it
 * answers; it never changes what it is given.
 */
export function admit(json: unknown, world: World, owner?: Owner): Admission {
  const pod = isObject(json) ? json : {};
  const metadata = objectAt(pod, 'metadata') ?? {};
  const asked = match(objectAt(metadata, 'annotations') ?? {}, world);
  if (asked.kind === 'exempt') return { kind: 'untouched', reason: asked.reason };
  const read = readPod(pod);
  if (read === undefined) return decline(pod, asked, [...unreadable(asked), ...asked.refusals]);
  const exempt = whyExempt(read);
  if (exempt !== undefined) return { kind: 'untouched', reason: exempt };

  const owners = owner === undefined ? ownersOf(read.metadata, read.labels) : [owner];
  const injection = inject(read, asked, world, owners);
  if (injection.given.length === 0) return decline(pod, asked, injection.refusals);
  return accept(injection, asked);
}

/** The patch that an API server is to apply to the pod as it arrived. */
export function patchOf(before: unknown, admission: Admission): readonly Operation[] {
  if (admission.kind === 'untouched' || !isObject(before)) return [];
  return diff(before, admission.pod);
}

function accept({ pod, given, refusals, notes }: Injection, asked: Asked): Admission {
  const stamp = stampOf(asked, refusals);
  const marked = mark(pod, marks.injected, writeInjected(stamp));
  return { kind: 'injected', stamp, given, refusals, notes, pod: marked };
}

function decline(pod: JsonObject, asked: Asked, refusals: readonly Refusal[]): Admission {
  const stamp = stampOf(asked, refusals);
  const reason = refusals[0]?.reason ?? 'PodUnreadable';
  const marked = mark(pod, marks.declined, writeDeclined(stamp, reason));
  return { kind: 'declined', reason, stamp, refusals, pod: marked };
}

/** What the namespace forbids is not asked by anybody, and a pod is made anew once it allows it. */
function stampOf({ asked, defaults, refusals: told }: Asked, refusals: readonly Refusal[]): Stamp {
  const forbidden = refusals
    .filter((refusal) => byNamespace.has(refusal.reason) && !told.includes(refusal))
    .map(({ language }) => language);
  return { asked: forbidden.length === 0 ? asked : digest([asked, ...forbidden]), defaults };
}

const byNamespace: ReadonlySet<string> = new Set(['LimitRangeForbids', 'PodSecurityForbids']);

const unreadable = ({ asks }: Asked): readonly Refusal[] =>
  asks.map(({ language }) => ({ language, reason: 'PodUnreadable' }));

/** Writes one mark; a pod carries only the latest. */
function mark(pod: JsonObject, key: string, value: string): JsonObject {
  const metadata = member(pod, 'metadata') ?? {};
  if (!isObject(metadata)) return pod;
  const annotations = member(metadata, 'annotations') ?? {};
  if (!isObject(annotations)) return pod;
  const { [marks.injected]: _injected, [marks.declined]: _declined, ...others } = annotations;
  return { ...pod, metadata: { ...metadata, annotations: { ...others, [key]: value } } };
}

const agentInitContainers = new Set([
  'opentelemetry-auto-instrumentation-java',
  'opentelemetry-auto-instrumentation-nodejs',
  'opentelemetry-auto-instrumentation-python',
  'opentelemetry-auto-instrumentation-dotnet',
  'otel-agent-attach-apache',
  'otel-agent-attach-nginx',
  'otel-agent-source-container-clone',
]);

/** Pods that carry an agent already, by our hand or another's, and pods that cannot be changed. */
function whyExempt(pod: Pod): ReasonFor<'exempt'> | undefined {
  if (textAt(pod.annotations, 'kubernetes.io/config.mirror') !== undefined) return 'StaticPod';
  const isStamped = readMark(textAt(pod.annotations, marks.injected) ?? '') !== undefined;
  const containers = [...pod.containers, ...pod.initContainers];
  if (isStamped && (carriesAgent(pod) || containers.some(carriesAddress))) return 'AlreadyInjected';
  return carriesAgent(pod) ? 'AgentInTemplate' : undefined;
}

export function carriesAgent({ containers, initContainers }: Pod): boolean {
  return (
    initContainers.some(({ name }) => agentInitContainers.has(name)) ||
    containers.some(({ name }) => name === 'opentelemetry-auto-instrumentation') ||
    [...containers, ...initContainers].some(carriesVariables)
  );
}

/**
 * Variables as injection leaves them. People write the node's name by the same recipe, so it counts
 * only beside the address that nobody writes by hand.
 */
const carriesVariables = (container: Container) =>
  container.name !== 'otc-container' &&
  carriesAddress(container) &&
  reads(container, helperVariables.nodeName, 'spec.nodeName');

const carriesAddress = (container: Container) =>
  reads(container, 'OTEL_NODE_IP', 'status.hostIP') ||
  reads(container, 'OTEL_POD_IP', 'status.podIP');

const reads = (container: Container, name: string, path: string) =>
  envOf(container).some((entry) => entry.name === name && fieldOf(entry) === path);

const fieldOf = (entry: JsonObject) =>
  textAt(objectAt(objectAt(entry, 'valueFrom') ?? {}, 'fieldRef') ?? {}, 'fieldPath');
