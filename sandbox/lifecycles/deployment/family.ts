import { isDeepStrictEqual } from 'node:util';
import type { Fields, Metadata } from '../../api.ts';
import { patch, type Change, type Refusal } from '../changes.ts';
import { share, type Condition, type Pod, type Template } from '../pods.ts';
import type { ReplicaSet } from '../replicaset.ts';

export interface Deployment {
  readonly metadata: Metadata;
  readonly spec: {
    readonly replicas: number;
    readonly selector: Fields;
    readonly template: Template;
    readonly paused?: boolean;
    readonly minReadySeconds?: number;
    readonly progressDeadlineSeconds?: number;
    readonly revisionHistoryLimit?: number;
    readonly strategy: {
      readonly type: string;
      readonly rollingUpdate?: {
        readonly maxSurge?: number | string;
        readonly maxUnavailable?: number | string;
      };
    };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly collisionCount?: number;
    readonly conditions?: readonly Condition[];
  };
}

export interface World {
  readonly replicaSets: readonly ReplicaSet[];
  /** Of all its ReplicaSets. */
  readonly pods: readonly Pod[];
  readonly refusal?: Refusal | undefined;
}

/** A Deployment's ReplicaSets, oldest first: the one after its template, if there is one, and the rest. */
export interface Family {
  readonly current: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
  readonly all: readonly ReplicaSet[];
}

export const hashLabel = 'pod-template-hash';

const prefix = 'deployment.kubernetes.io/';
export const names = {
  revision: `${prefix}revision`,
  history: `${prefix}revision-history`,
  desired: `${prefix}desired-replicas`,
  max: `${prefix}max-replicas`,
} as const;

export function readFamily({ spec }: Deployment, replicaSets: readonly ReplicaSet[]): Family {
  const all = replicaSets.toSorted(byAge);
  const current = all.find((set) => isDeepStrictEqual(bare(set.spec.template), bare(spec.template)));
  return { current, old: all.filter((set) => set !== current), all };
}

export const byAge = ({ metadata: one }: ReplicaSet, { metadata: other }: ReplicaSet) =>
  Date.parse(one.creationTimestamp ?? '') - Date.parse(other.creationTimestamp ?? '') ||
  (one.name < other.name ? -1 : 1);

/** A template without the mark of its ReplicaSet. */
function bare({ metadata, spec }: Template) {
  const { [hashLabel]: _hash, ...labels } = metadata?.labels ?? {};
  return { ...metadata, labels, spec };
}

export const revisionOf = ({ metadata }: Pick<ReplicaSet, 'metadata'>) =>
  Number(metadata.annotations?.[names.revision] ?? 0);

/** What a ReplicaSet has from its Deployment: its annotations, its number, and where it was before. */
export function labelled(deployment: Deployment, old: readonly ReplicaSet[], set?: ReplicaSet) {
  const kept = set?.metadata.annotations ?? {};
  const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(
    ([name]) => !notCopied.includes(name),
  );
  const next = Math.max(0, ...old.map(revisionOf)) + 1;
  const { [names.revision]: before, [names.history]: history } = kept;
  const annotations = { ...kept, ...Object.fromEntries(copied) };
  if (Number(before ?? 0) >= next) return annotations;
  if (before === undefined) return { ...annotations, [names.revision]: String(next) };
  const former = history === undefined ? before : `${history},${before}`;
  return { ...annotations, [names.revision]: String(next), [names.history]: former };
}

const notCopied: readonly string[] = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'deprecated.deployment.rollback.to',
  ...Object.values(names),
];

/** How many pods there may be beyond, and how many may be missing from, those that are wanted. */
export function limitsOf({ spec: { replicas, strategy } }: Deployment) {
  if (strategy.type !== 'RollingUpdate') return { surge: 0, unavailable: 0 };
  const surge = share(strategy.rollingUpdate?.maxSurge, replicas, Math.ceil);
  const unavailable = share(strategy.rollingUpdate?.maxUnavailable, replicas, Math.floor);
  const atLeastOne = surge === 0 && unavailable === 0 ? 1 : unavailable;
  return { surge, unavailable: Math.min(atLeastOne, replicas) };
}

export const sizes = (deployment: Deployment) => ({
  [names.desired]: String(deployment.spec.replicas),
  [names.max]: String(deployment.spec.replicas + limitsOf(deployment).surge),
});

export function resize(deployment: Deployment, set: ReplicaSet, replicas: number): readonly Change[] {
  if (replicas === set.spec.replicas) return [];
  const annotations = sizes(deployment);
  return [patch('replicasets', set, { metadata: { annotations }, spec: { replicas } })];
}

export const wanted = (sets: readonly ReplicaSet[]) =>
  sets.reduce((sum, { spec }) => sum + spec.replicas, 0);

type Counter = 'replicas' | 'readyReplicas' | 'availableReplicas' | 'terminatingReplicas';

export const counted = (sets: readonly ReplicaSet[], counter: Counter) =>
  sets.reduce((sum, { status }) => sum + (status?.[counter] ?? 0), 0);
