import { writeStatus, type Change } from '../changes.ts';
import type { Condition, Status, Workload } from '../shapes.ts';
import { counted, wanted, type Family } from './family.ts';
import { boundsOf } from './sizes.ts';

type Conditions = readonly Condition[];

/** What a Deployment says of itself, and of what it is a reason. */
const sayings = {
  NewReplicaSetCreated: ['Progressing', 'True'],
  ReplicaSetUpdated: ['Progressing', 'True'],
  NewReplicaSetAvailable: ['Progressing', 'True'],
  ProgressDeadlineExceeded: ['Progressing', 'False'],
  DeploymentPaused: ['Progressing', 'Unknown'],
  DeploymentResumed: ['Progressing', 'Unknown'],
  MinimumReplicasAvailable: ['Available', 'True'],
  MinimumReplicasUnavailable: ['Available', 'False'],
} as const;

export const find = (conditions: Conditions | undefined, type: string) =>
  conditions?.find((condition) => condition.type === type);

/** Saying the same again changes nothing, not even a time; but progress is worth saying again. */
export function say(conditions: Conditions, reason: keyof typeof sayings, now: number): Conditions {
  const [type, status] = sayings[reason];
  const before = find(conditions, type);
  const isSame = before?.status === status && before.reason === reason;
  if (isSame && reason !== 'ReplicaSetUpdated') return conditions;
  const lastUpdateTime = `${new Date(now).toISOString().slice(0, 19)}Z`;
  const { lastTransitionTime = lastUpdateTime } = before?.status === status ? before : {};
  const said = { type, status, reason, lastUpdateTime, lastTransitionTime };
  return [...conditions.filter((one) => one !== before), said];
}

/** The status as it is counted: only this one says which generation was seen. */
export function countStatus({ deployment, current, all }: Family, now: number) {
  const available = counted(all, 'availableReplicas');
  const isServing = available >= boundsOf(deployment).least;
  const saying = isServing ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable';
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: counted(all, 'replicas'),
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: counted(all, 'readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, wanted(all) - available),
    terminatingReplicas: counted(all, 'terminatingReplicas'),
    conditions: say(deployment.status?.conditions ?? [], saying, now),
  };
}

/** The status during a rollout also says how it goes, and when to look whether it still does. */
export function report(family: Family, now: number): readonly Change[] {
  const { deployment } = family;
  const counts = countStatus(family, now);
  const conditions = judge(family, counts, now);
  const written = writeStatus('deployments', deployment, { ...counts, conditions });
  const { reason = '' } = find(conditions, 'Progressing') ?? {};
  if (/^(?:NewReplicaSetAvailable|ProgressDeadlineExceeded)$/.test(reason)) return written;
  return [...written, { kind: 'look', at: dueOf(deployment, conditions) + 1 }];
}

/** When it is too late for the next progress. */
const dueOf = ({ spec: { progressDeadlineSeconds = 600 } }: Workload, conditions: Conditions) =>
  Date.parse(find(conditions, 'Progressing')?.lastUpdateTime ?? '') +
  progressDeadlineSeconds * 1000;

function judge({ deployment }: Family, counts: Status, now: number): Conditions {
  const { conditions = [] } = counts;
  const isDone = find(conditions, 'Progressing')?.reason === 'NewReplicaSetAvailable';
  if (isDone && counts.replicas === counts.updatedReplicas) return conditions;
  if (isComplete(deployment, counts)) return say(conditions, 'NewReplicaSetAvailable', now);
  if (isMoving(deployment.status ?? {}, counts)) return say(conditions, 'ReplicaSetUpdated', now);
  const isLate = dueOf(deployment, conditions) < now;
  return isLate && !isDone ? say(conditions, 'ProgressDeadlineExceeded', now) : conditions;
}

export function isComplete({ metadata, spec }: Workload, status: Status = {}): boolean {
  const counts = [status.replicas, status.updatedReplicas, status.availableReplicas];
  const isSeen = (status.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  return isSeen && counts.every((count = 0) => count === spec.replicas);
}

const old = ({ replicas = 0, updatedReplicas = 0 }: Status) => replicas - updatedReplicas;

function isMoving(before: Status, after: Status): boolean {
  const counters = ['updatedReplicas', 'readyReplicas', 'availableReplicas'] as const;
  return old(after) < old(before) || counters.some((one) => (after[one] ?? 0) > (before[one] ?? 0));
}
