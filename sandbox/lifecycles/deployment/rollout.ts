import type { Change } from '../changes.ts';
import { patch, remove } from '../changes.ts';
import { hasEnded } from '../pods.ts';
import type { ReplicaSet } from '../replicaset.ts';
import {
  counted,
  limitsOf,
  names,
  resize,
  revisionOf,
  sizes,
  wanted,
  type Deployment,
  type Family,
  type World,
} from './family.ts';

const isInUse = ({ spec }: ReplicaSet) => spec.replicas > 0;

/** The number of replicas has changed since the ReplicaSets were told. */
export const isScaled = (deployment: Deployment, { all }: Family) =>
  all
    .filter(isInUse)
    .map(({ metadata }) => metadata.annotations?.[names.desired])
    .some((told) => told !== undefined && Number(told) !== deployment.spec.replicas);

/** Sizes the ReplicaSets by their shares, so that a rollout under way goes neither faster nor slower. */
export function scale(deployment: Deployment, { current, old, all }: Family): readonly Change[] {
  const { replicas, strategy } = deployment.spec;
  const inUse = all.filter(isInUse);
  const [first = current ?? old.at(-1)] = inUse;
  if (first === undefined) return [];
  if (inUse.length < 2) return resize(deployment, first, replicas);
  if (current !== undefined && isSaturated(deployment, current)) {
    return inUse.filter((set) => set !== current).flatMap((set) => resize(deployment, set, 0));
  }
  return strategy.type === 'RollingUpdate' ? scaleByShare(deployment, inUse) : [];
}

const isSaturated = ({ spec }: Deployment, set: ReplicaSet) =>
  set.spec.replicas === spec.replicas &&
  Number(set.metadata.annotations?.[names.desired]) === spec.replicas &&
  set.status?.availableReplicas === spec.replicas;

function scaleByShare(deployment: Deployment, oldestFirst: readonly ReplicaSet[]) {
  const { replicas } = deployment.spec;
  const allowed = replicas === 0 ? 0 : replicas + limitsOf(deployment).surge;
  const toAdd = allowed - wanted(oldestFirst);
  const order = toAdd > 0 ? oldestFirst.toReversed() : oldestFirst;
  const sets = order.toSorted((one, other) => other.spec.replicas - one.spec.replicas);
  let added = 0;
  const parts = sets.map((set) => {
    const left = toAdd - added;
    const growth = growthOf(deployment, set);
    const part = left === 0 ? 0 : toAdd > 0 ? Math.min(growth, left) : Math.max(growth, left);
    added += part;
    return part;
  });
  return sets.map((set, index): Change => {
    const rest = index === 0 ? toAdd - added : 0;
    const size = Math.max(0, set.spec.replicas + (parts[index] ?? 0) + rest);
    const metadata = { annotations: sizes(deployment) };
    return patch('replicasets', set, { metadata, spec: { replicas: size } });
  });
}

function growthOf(deployment: Deployment, { metadata, spec }: ReplicaSet): number {
  if (deployment.spec.replicas === 0) return -spec.replicas;
  const before = Number(metadata.annotations?.[names.max] ?? 0) || deployment.status?.replicas || 0;
  if (before === 0) return 0;
  const most = deployment.spec.replicas + limitsOf(deployment).surge;
  return Math.round((spec.replicas * most) / before) - spec.replicas;
}

/** One step of a rolling update: the new ReplicaSet grows if it may, otherwise the old ones shrink. */
export function roll(deployment: Deployment, family: Family, current: ReplicaSet): readonly Change[] {
  const size = grown(deployment, family.all, current.spec.replicas);
  if (size !== current.spec.replicas) return resize(deployment, current, size);
  return shrink(deployment, family, current);
}

/** How large the new ReplicaSet may be. */
export function grown(deployment: Deployment, all: readonly ReplicaSet[], size: number): number {
  const { replicas, strategy } = deployment.spec;
  if (size >= replicas || strategy.type === 'Recreate') return replicas;
  const room = replicas + limitsOf(deployment).surge - wanted(all);
  return size + Math.max(0, Math.min(room, replicas - size));
}

/** Pods that do not serve go first, for they are no loss. */
function shrink(deployment: Deployment, { old, all }: Family, current: ReplicaSet) {
  const atLeast = deployment.spec.replicas - limitsOf(deployment).unavailable;
  const missing = current.spec.replicas - (current.status?.availableReplicas ?? 0);
  let idle = Math.max(0, wanted(all) - atLeast - missing);
  if (idle === 0) return [];
  let spare = Math.max(0, counted(all, 'availableReplicas') - atLeast);
  const sized = old.filter(isInUse).map((set) => {
    const idling = Math.min(idle, Math.max(0, set.spec.replicas - (set.status?.availableReplicas ?? 0)));
    idle -= idling;
    return { set, size: set.spec.replicas - idling };
  });
  return sized.flatMap(({ set, size }) => {
    const serving = Math.min(spare, size);
    spare -= serving;
    return resize(deployment, set, size - serving);
  });
}

/** One step of a replacement: the old pods go, all of them, before a new one comes. */
export function isCleared({ old }: Family, { pods }: World, current?: ReplicaSet): boolean {
  const remaining = pods.filter(
    ({ metadata }) => !metadata.ownerReferences?.some(({ uid }) => uid === current?.metadata.uid),
  );
  return counted(old, 'replicas') === 0 && remaining.every(hasEnded);
}

/** Forgets the oldest of the ReplicaSets that have no pods any more. */
export function forget({ spec }: Deployment, { old }: Family): readonly Change[] {
  const tooMany = old.length - (spec.revisionHistoryLimit ?? Infinity);
  return old
    .toSorted((one, other) => revisionOf(one) - revisionOf(other))
    .slice(0, Math.max(0, tooMany))
    .filter(({ metadata, status }) => metadata.generation === status?.observedGeneration)
    .filter((set) => !isInUse(set) && (set.status?.replicas ?? 0) === 0)
    .map((set) => remove('replicasets', set));
}
