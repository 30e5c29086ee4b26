import { timeOf, writeStatus, type Change } from '../changes.ts';
import type { Condition } from '../pods.ts';
import { counted, limitsOf, wanted, type Deployment, type Family } from './family.ts';

type Conditions = readonly Condition[];

/** What a Deployment can say of itself: one row for each thing it says. */
export const sayings = {
  NewReplicaSetCreated: ['Progressing', 'True', 'Created new replica set "%s"'],
  FoundNewReplicaSet: ['Progressing', 'True', 'Found new replica set "%s"'],
  ReplicaSetCreateError: ['Progressing', 'False', 'Failed to create new replica set "%s"'],
  ReplicaSetUpdated: ['Progressing', 'True', 'ReplicaSet "%s" is progressing.'],
  NewReplicaSetAvailable: ['Progressing', 'True', 'ReplicaSet "%s" has successfully progressed.'],
  ProgressDeadlineExceeded: ['Progressing', 'False', 'ReplicaSet "%s" has timed out progressing.'],
  DeploymentPaused: ['Progressing', 'Unknown', 'Deployment is paused'],
  DeploymentResumed: ['Progressing', 'Unknown', 'Deployment is resumed'],
  MinimumReplicasAvailable: ['Available', 'True', 'Deployment has minimum availability.'],
  MinimumReplicasUnavailable: ['Available', 'False', 'Deployment does not have minimum availability.'],
} as const;
export type Saying = keyof typeof sayings;

export const find = (conditions: Conditions | undefined, type: string) =>
  conditions?.find((condition) => condition.type === type);

/** The conditions with one more said; saying the same again changes nothing, not even a time. */
export function say(conditions: Conditions, reason: Saying, name: string, now: number): Conditions {
  const [type, status, message] = sayings[reason];
  const before = find(conditions, type);
  if (before?.status === status && before.reason === reason) return conditions;
  return sayAgain(conditions, { type, status, reason, message: message.replace('%s', name) }, now);
}

/** Progress is the one thing worth saying again, for the deadline counts from there. */
function sayAgain(conditions: Conditions, { type, ...said }: Condition, now: number): Conditions {
  const time = timeOf(now);
  const before = find(conditions, type);
  const since = before?.status === said.status ? before.lastTransitionTime : undefined;
  const times = { lastUpdateTime: time, lastTransitionTime: since ?? time };
  return [...conditions.filter((one) => one !== before), { type, ...said, ...times }];
}

type Status = NonNullable<Deployment['status']>;

/** Every status write but those that announce a revision or a pause says which generation was seen. */
export function readStatus(deployment: Deployment, { current, all }: Family, now: number) {
  const available = counted(all, 'availableReplicas');
  const least = deployment.spec.replicas - limitsOf(deployment).unavailable;
  const saying = available >= least ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable';
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: counted(all, 'replicas'),
    updatedReplicas: current === undefined ? 0 : counted([current], 'replicas'),
    readyReplicas: counted(all, 'readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, wanted(all) - available),
    terminatingReplicas: counted(all, 'terminatingReplicas'),
    conditions: say(deployment.status?.conditions ?? [], saying, '', now),
  };
}

const stated = ['terminatingReplicas'];

export const write = (deployment: Deployment, status: Parameters<typeof writeStatus>[2]) =>
  writeStatus('deployments', deployment, status, stated);

export const deadlineOf = ({ spec }: Deployment) =>
  spec.progressDeadlineSeconds === 2 ** 31 - 1 ? undefined : spec.progressDeadlineSeconds;

/** The status during a rollout, which says how it goes, and when to look whether it still does. */
export function report(deployment: Deployment, family: Family, now: number): readonly Change[] {
  const counts = readStatus(deployment, family, now);
  const deadline = deadlineOf(deployment);
  const told = judge(deployment, family, { counts, now });
  const conditions = passOnFailure(told, family);
  const { reason, lastUpdateTime = '' } = find(conditions, 'Progressing') ?? {};
  const written = write(deployment, { ...counts, conditions });
  if (deadline === undefined || reason === undefined || isOver.includes(reason)) return written;
  return [...written, { kind: 'look', at: Date.parse(lastUpdateTime) + deadline * 1000 + 1 }];
}

const isOver: readonly string[] = ['NewReplicaSetAvailable', 'ProgressDeadlineExceeded'];

interface Look {
  readonly counts: ReturnType<typeof readStatus>;
  readonly now: number;
}

function judge(deployment: Deployment, { current }: Family, { counts, now }: Look): Conditions {
  const { conditions } = counts;
  const deadline = deadlineOf(deployment);
  if (deadline === undefined) return conditions.filter(({ type }) => type !== 'Progressing');
  const before = find(conditions, 'Progressing');
  const name = current?.metadata.name ?? deployment.metadata.name;
  const isDone = before?.reason === 'NewReplicaSetAvailable';
  if (isDone && counts.replicas === counts.updatedReplicas) return conditions;
  if (isComplete(deployment, counts)) return say(conditions, 'NewReplicaSetAvailable', name, now);
  if (isMoving(deployment.status ?? {}, counts)) {
    const others = before?.reason === 'ReplicaSetUpdated' ? restate(conditions, now) : conditions;
    return say(others, 'ReplicaSetUpdated', name, now);
  }
  const until = Date.parse(before?.lastUpdateTime ?? '') + deadline * 1000;
  if (isDone || !(until < now)) return conditions;
  return say(conditions, 'ProgressDeadlineExceeded', name, now);
}

function restate(conditions: Conditions, now: number): Conditions {
  const before = find(conditions, 'Progressing');
  return before === undefined ? conditions : sayAgain(conditions, before, now);
}

export function isComplete({ metadata, spec }: Deployment, status: Status): boolean {
  const counts = [status.replicas, status.updatedReplicas, status.availableReplicas];
  const isSeen = (status.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  return isSeen && counts.every((count = 0) => count === spec.replicas);
}

function isMoving(before: Status, after: Status): boolean {
  const grew = (counter: 'updatedReplicas' | 'readyReplicas' | 'availableReplicas') =>
    (after[counter] ?? 0) > (before[counter] ?? 0);
  const old = ({ replicas = 0, updatedReplicas = 0 }: Status) => replicas - updatedReplicas;
  const counters = ['updatedReplicas', 'readyReplicas', 'availableReplicas'] as const;
  return old(after) < old(before) || counters.some(grew);
}

/** What keeps a ReplicaSet from having its pods is the Deployment's trouble too; the newest comes first. */
function passOnFailure(conditions: Conditions, { current, all }: Family): Conditions {
  const failures = [...(current === undefined ? [] : [current]), ...all].flatMap(
    ({ status }) => find(status?.conditions, 'ReplicaFailure') ?? [],
  );
  const [failure] = failures;
  const before = find(conditions, 'ReplicaFailure');
  if (failure !== undefined && before?.reason === failure.reason) return conditions;
  const others = conditions.filter((one) => one !== before);
  if (failure?.lastTransitionTime === undefined) return others;
  return [...others, { ...failure, lastUpdateTime: failure.lastTransitionTime }];
}
