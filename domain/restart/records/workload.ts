import { isObject, listAt, objectAt, textAt, type JsonObject } from '../../json.ts';
import { readApplied, withoutApplied, type Applied } from './applied.ts';
import {
  annotationsOf,
  countAt,
  identityOf,
  labelsOf,
  metadataOf,
  ownerOf,
  secondsAt,
  type Identity,
  type Owner,
  type Seconds,
  type WorkloadKind,
} from './metadata.ts';
import { readStrategy, type Strategy } from './strategy.ts';
import { markTemplate, type ReadMark, type TemplateMark } from './template.ts';

export interface Workload extends Identity, TemplateMark {
  readonly kind: WorkloadKind;
  /** The version it was read at: a restart is refused for any other. */
  readonly version: string;
  readonly generation: number;
  readonly labels: JsonObject;
  readonly annotations: JsonObject;
  /** Whoever rolls it out in our stead, such as another operator. */
  readonly owner: Owner | undefined;
  readonly applied: Applied;
  /** Whole, since what a new pod would get is decided on it. */
  readonly template: JsonObject;
  readonly strategy: Strategy;
  readonly counters: Counters;
}

/** How far its pods are, in the same words for all three kinds. */
export interface Counters {
  readonly observedGeneration: number;
  readonly desired: number;
  readonly current: number;
  readonly updated: number;
  readonly ready: number;
  readonly available: number;
  /** Only of a StatefulSet. */
  readonly currentRevision: string | undefined;
  readonly updateRevision: string | undefined;
  readonly conditions: readonly Condition[];
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  /** When it was said, or said again; only of a Deployment. */
  readonly saidAt: Seconds | undefined;
}

/** Each member is written out: to spread others into an object takes a large cluster as long as the rest. */
export function readWorkload(
  kind: WorkloadKind,
  json: unknown,
  mark: ReadMark = markTemplate,
): Workload | undefined {
  const metadata = metadataOf(json);
  if (!metadata || !isObject(json)) return undefined;
  const spec = objectAt(json, 'spec') ?? {};
  const template = objectAt(spec, 'template') ?? {};
  const { namespace, name, uid, createdAt, deletedAt } = identityOf(metadata);
  const { marker, digest } = mark(template);
  return {
    kind,
    namespace,
    name,
    uid,
    createdAt,
    deletedAt,
    version: textAt(metadata, 'resourceVersion') ?? '',
    generation: countAt(metadata, 'generation'),
    labels: labelsOf(metadata),
    annotations: withoutApplied(annotationsOf(metadata)),
    owner: ownerOf(metadata),
    applied: readApplied(metadata),
    template,
    strategy: readStrategy(kind, spec),
    counters: readCounters(kind, spec, objectAt(json, 'status') ?? {}),
    marker,
    digest,
  };
}

function readCounters(kind: WorkloadKind, spec: JsonObject, status: JsonObject): Counters {
  const count = (key: string) => countAt(status, key);
  const isDaemonSet = kind === 'DaemonSet';
  return {
    observedGeneration: count('observedGeneration'),
    desired: isDaemonSet ? count('desiredNumberScheduled') : countAt(spec, 'replicas', 1),
    current: count(isDaemonSet ? 'currentNumberScheduled' : 'replicas'),
    updated: count(isDaemonSet ? 'updatedNumberScheduled' : 'updatedReplicas'),
    ready: count(isDaemonSet ? 'numberReady' : 'readyReplicas'),
    available: count(isDaemonSet ? 'numberAvailable' : 'availableReplicas'),
    currentRevision: textAt(status, 'currentRevision'),
    updateRevision: textAt(status, 'updateRevision'),
    conditions: (listAt(status, 'conditions') ?? []).filter(isObject).map(readCondition),
  };
}

const readCondition = (condition: JsonObject): Condition => ({
  type: textAt(condition, 'type') ?? '',
  status: textAt(condition, 'status') ?? '',
  reason: textAt(condition, 'reason') ?? '',
  saidAt: secondsAt(condition, 'lastUpdateTime'),
});

export const workloadKey = ({ kind, namespace, name }: WorkloadName): string =>
  `${kind}/${namespace}/${name}`;

export type WorkloadName = Pick<Workload, 'kind' | 'namespace' | 'name'>;
