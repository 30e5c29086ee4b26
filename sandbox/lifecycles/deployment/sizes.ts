import { patch, remove, type Change } from '../changes.ts';
import { share } from '../pods.ts';
import type { Workload } from '../shapes.ts';
import { counted, revisionOf, wanted, type Family } from './family.ts';

/** How many pods there may be at most, and must be available at least. */
export function boundsOf({ spec: { replicas, strategy } }: Workload) {
  if (strategy.type === 'Recreate') return { most: replicas, least: replicas };
  const { maxSurge, maxUnavailable } = strategy.rollingUpdate ?? {};
  const surge = share(maxSurge, replicas, Math.ceil);
  const missing = share(maxUnavailable, replicas, Math.floor) || Number(surge === 0);
  return { most: replicas + surge, least: Math.max(0, replicas - missing) };
}

/** What a ReplicaSet is to have from now on. */
export interface Size {
  readonly set: Workload;
  readonly replicas: number;
}

const sized = (set: Workload, replicas: number): readonly Size[] =>
  replicas === set.spec.replicas ? [] : [{ set, replicas }];

export const resize = ({ set, replicas }: Size): Change =>
  patch('replicasets', set, { spec: { replicas } });

/** The family as it will be. */
export function resized({ deployment, current, old, all }: Family, sizes: readonly Size[]): Family {
  const after = (set: Workload) => {
    const replicas = sizes.find((size) => size.set === set)?.replicas ?? set.spec.replicas;
    return { ...set, spec: { ...set.spec, replicas } };
  };
  return {
    deployment,
    current: current && after(current),
    old: old.map(after),
    all: all.map(after),
  };
}

const isInUse = ({ spec }: Workload) => spec.replicas > 0;
const available = ({ status }: Workload) => status?.availableReplicas ?? 0;

/** Recreating: all old pods are to go before a new one comes. */
export const clear = ({ old }: Family): readonly Size[] => old.flatMap((set) => sized(set, 0));

/** One step of a rolling update: the new ReplicaSet grows if it may, otherwise the old ones shrink. */
export function roll(family: Family, current: Workload): readonly Size[] {
  const { replicas } = current.spec;
  const size = sizeOf(family, replicas);
  return size === replicas ? shrink(family, replicas - available(current)) : sized(current, size);
}

/** How large the new ReplicaSet may be. */
export function sizeOf({ deployment, all }: Family, size: number): number {
  const { replicas, strategy } = deployment.spec;
  if (size >= replicas || strategy.type === 'Recreate') return replicas;
  const room = boundsOf(deployment).most - wanted(all);
  return size + Math.max(0, Math.min(room, replicas - size));
}

/**
 * The old ReplicaSets shrink by what is beyond the least, but for new pods that are missing. Pods
 * that do not serve go first, for they are no loss. A ReplicaSet that counts more pods than it should
 * have is still shrinking: its count cannot be relied on yet.
 */
export function shrink({ deployment, old, all }: Family, missing: number): readonly Size[] {
  const { least } = boundsOf(deployment);
  let idle = wanted(all) - least - missing;
  let spare = Math.max(0, counted(all, 'availableReplicas') - least);
  const inUse = old.filter(isInUse);
  if (idle <= 0 || inUse.some((set) => available(set) > set.spec.replicas)) return [];
  const left = inUse.map((set) => {
    const idling = Math.min(idle, set.spec.replicas - available(set));
    idle -= idling;
    return { set, size: set.spec.replicas - idling };
  });
  return left.flatMap(({ set, size }) => {
    const serving = Math.min(spare, size);
    spare -= serving;
    return sized(set, size - serving);
  });
}

/** Forgets the oldest of the ReplicaSets that have no pods any more. */
export function forget({ deployment, old }: Family): readonly Change[] {
  const tooMany = old.length - (deployment.spec.revisionHistoryLimit ?? 10);
  const oldest = old.toSorted((one, other) => revisionOf(one) - revisionOf(other));
  return oldest
    .slice(0, Math.max(0, tooMany))
    .filter((set) => !isInUse(set) && (set.status?.replicas ?? 0) === 0)
    .filter(({ metadata, status }) => metadata.generation === status?.observedGeneration)
    .map((set) => remove('replicasets', set));
}
