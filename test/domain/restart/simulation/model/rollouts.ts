import { amountOf } from './amount.ts';
import type { Agenda } from './agenda.ts';
import { isAvailable, livePods, newestOf, revisionKey } from './records.ts';
import type { ModelPod, ModelRevision, ModelWorkload, Summary } from './records.ts';
import type { Pods } from './pods.ts';

export interface RolloutWorld {
  readonly agenda: Agenda;
  readonly pods: Pods;
  readonly uid: (stem: string) => string;
  readonly onWorkload: (workload: ModelWorkload) => void;
  readonly onRevision: (workload: ModelWorkload, revision: ModelRevision, isGone: boolean) => void;
  /** Until then the workload controllers do not run. */
  readonly awayUntil: () => number;
}

/** What kube-controller-manager does, as far as a restart can tell. */
export function createRollouts(world: RolloutWorld) {
  const { agenda, onWorkload, awayUntil } = world;

  /** Soon, and once for all that happens meanwhile. */
  function wake(workload: ModelWorkload): void {
    if (workload.isDue || workload.isGone) return;
    workload.isDue = true;
    agenda.after(Math.max(1, awayUntil() - agenda.now()), () => {
      workload.isDue = false;
      if (workload.isGone) return;
      if (agenda.now() < awayUntil()) wake(workload);
      else reconcile(workload);
    });
  }

  function reconcile(workload: ModelWorkload): void {
    const revision = reviseFor(workload, world);
    if (!workload.strategy.isPaused) {
      if (workload.kind === 'Deployment') replaceByNumber(workload, revision, world);
      else if (workload.kind === 'StatefulSet') replaceByOrdinal(workload, revision, world);
      else replaceByNode(workload, revision, world);
    }
    settleCounters(workload, revision);
    const { told } = workload;
    const counted = summary(workload, agenda.now());
    if (told && isSame(told, counted)) return;
    const isProgress =
      told === undefined || counted.updated > told.updated || counted.ready > told.ready;
    if (workload.progressAt !== undefined && isProgress) workload.progressAt = agenda.now();
    workload.told = counted;
    workload.version += 1;
    onWorkload(workload);
  }

  function settleCounters(workload: ModelWorkload, revision: ModelRevision): void {
    const now = agenda.now();
    const live = livePods(workload);
    const updated = live.filter((pod) => pod.revision === revision);
    const available = updated.filter((pod) => isAvailable(pod, workload, now)).length;
    const isDone = available >= workload.replicas && live.length === updated.length;
    workload.observedGeneration = workload.generation;
    workload.updated = updated.length;
    if (isDone) {
      workload.progressAt = undefined;
      workload.isExpired = false;
      workload.currentRevision = revision.name;
      prune(workload, revision, world);
    } else watchDeadline(workload, now);
    // Availability comes with time alone.
    if (available < updated.filter(({ isReady }) => isReady).length)
      agenda.after(workload.strategy.minReadySeconds, () => {
        wake(workload);
      });
  }

  function watchDeadline(workload: ModelWorkload, now: number): void {
    const { progressDeadlineSeconds } = workload.strategy;
    if (progressDeadlineSeconds === undefined || workload.progressAt === undefined) return;
    const due = workload.progressAt + progressDeadlineSeconds;
    if (now >= due) workload.isExpired = true;
    else
      agenda.after(due - now, () => {
        if (workload.progressAt !== undefined) wake(workload);
      });
  }

  return { wake };
}

export type Rollouts = ReturnType<typeof createRollouts>;

function summary(workload: ModelWorkload, now: number): Summary {
  const live = livePods(workload);
  return {
    seen: workload.observedGeneration,
    updated: workload.updated,
    pods: live.length,
    ready: live.filter(({ isReady }) => isReady).length,
    available: live.filter((pod) => isAvailable(pod, workload, now)).length,
    isExpired: workload.isExpired,
    current: workload.currentRevision,
    newest: newestOf(workload)?.name,
  };
}

const isSame = (one: Summary, other: Summary): boolean =>
  one.seen === other.seen &&
  one.updated === other.updated &&
  one.pods === other.pods &&
  one.ready === other.ready &&
  one.available === other.available &&
  one.isExpired === other.isExpired &&
  one.current === other.current &&
  one.newest === other.newest;

/** The revision of the live template: an earlier one is taken up again under a new number. */
function reviseFor(
  workload: ModelWorkload,
  { agenda, uid, onRevision }: RolloutWorld,
): ModelRevision {
  const key = revisionKey(workload.mark);
  const newest = newestOf(workload);
  if (newest?.key === key) return newest;
  const number = (newest?.number ?? 0) + 1;
  const again = workload.revisions.find((one) => one.key === key);
  workload.progressAt = agenda.now();
  workload.isExpired = false;
  if (again) {
    again.number = number;
    onRevision(workload, again, false);
    return again;
  }
  const name = uid(`rev-${workload.name}`);
  const revision: ModelRevision = {
    uid: name,
    name,
    hash: name,
    createdAt: agenda.now(),
    template: workload.template,
    mark: workload.mark,
    key,
    number,
  };
  workload.revisions.push(revision);
  workload.currentRevision ??= name;
  onRevision(workload, revision, false);
  return revision;
}

function replaceByNumber(
  workload: ModelWorkload,
  revision: ModelRevision,
  { agenda, pods }: RolloutWorld,
): void {
  const { replicas, strategy } = workload;
  const live = livePods(workload);
  const fresh = live.filter((pod) => pod.revision === revision);
  const old = live.filter((pod) => pod.revision !== revision);
  const isRecreate = strategy.type === 'Recreate';
  const surge = isRecreate ? 0 : amountOf(strategy.maxSurge, replicas, Math.ceil);
  const spare = isRecreate ? replicas : amountOf(strategy.maxUnavailable, replicas, Math.floor);
  const least = replicas - Math.max(spare, surge === 0 ? 1 : 0);
  if (isRecreate && workload.pods.some((pod) => pod.revision !== revision)) {
    old.forEach((pod) => pods.remove(workload, pod));
    return;
  }
  const room = Math.min(replicas - fresh.length, replicas + surge - live.length);
  for (let count = 0; count < room; count++) pods.create(workload, revision, 0);
  fresh.slice(replicas).forEach((pod) => pods.remove(workload, pod));

  const isUp = (pod: ModelPod) => isAvailable(pod, workload, agenda.now());
  const freshDown = fresh.filter((pod) => !isUp(pod)).length;
  let mayGo = live.length - least - freshDown;
  for (const pod of old.filter((one) => !isUp(one))) if (mayGo-- > 0) pods.remove(workload, pod);
  let mayStop = livePods(workload).filter(isUp).length - least;
  for (const pod of old.filter((one) => one.deletedAt === undefined))
    if (mayStop-- > 0) pods.remove(workload, pod);
}

/** The highest ordinal first, and none before all are ready. */
function replaceByOrdinal(
  workload: ModelWorkload,
  revision: ModelRevision,
  { agenda, pods }: RolloutWorld,
): void {
  const { replicas, strategy } = workload;
  const bySeat = new Map(workload.pods.map((pod) => [pod.seat, pod]));
  const isUp = (pod: ModelPod | undefined) => pod && isAvailable(pod, workload, agenda.now());
  for (let seat = 0; seat < replicas; seat++) {
    const pod = bySeat.get(seat);
    if (pod === undefined) {
      pods.create(workload, revisionForSeat(workload, revision, seat), seat);
      return;
    }
    if (!isUp(pod)) return;
  }
  for (let seat = replicas - 1; seat >= strategy.partition; seat--) {
    const pod = bySeat.get(seat);
    if (!pod || pod.revision === revision) continue;
    if (strategy.type !== 'OnDelete') pods.remove(workload, pod);
    return;
  }
}

/** A pod that is lost below those already replaced comes back as it was. */
function revisionForSeat(
  workload: ModelWorkload,
  revision: ModelRevision,
  seat: number,
): ModelRevision {
  const below = workload.pods.filter((pod) => pod.revision !== revision).map((pod) => pod.seat);
  const current = workload.revisions.find(({ name }) => name === workload.currentRevision);
  return current && Math.max(-1, ...below) > seat ? current : revision;
}

function replaceByNode(
  workload: ModelWorkload,
  revision: ModelRevision,
  { agenda, pods }: RolloutWorld,
): void {
  const { replicas, strategy } = workload;
  const taken = new Set(workload.pods.map(({ seat }) => seat));
  for (let seat = 0; seat < replicas; seat++)
    if (!taken.has(seat)) pods.create(workload, revision, seat);
  if (strategy.type === 'OnDelete') return;
  const isUp = (pod: ModelPod) => isAvailable(pod, workload, agenda.now());
  const old = livePods(workload).filter((pod) => pod.revision !== revision);
  old.filter((pod) => !isUp(pod)).forEach((pod) => pods.remove(workload, pod));
  const down = replicas - livePods(workload).filter(isUp).length;
  const most = Math.max(1, amountOf(strategy.maxUnavailable, replicas, Math.ceil));
  old
    .filter(isUp)
    .slice(0, Math.max(0, most - down))
    .forEach((pod) => pods.remove(workload, pod));
}

/** Only what no pod is made of is forgotten, the oldest first. */
function prune(
  workload: ModelWorkload,
  revision: ModelRevision,
  { onRevision }: RolloutWorld,
): void {
  const inUse = new Set([revision, ...workload.pods.map((pod) => pod.revision)]);
  const idle = workload.revisions
    .filter((one) => !inUse.has(one))
    .toSorted((one, other) => one.number - other.number);
  const extra = idle.slice(0, Math.max(0, idle.length - workload.strategy.revisionHistoryLimit));
  if (extra.length === 0) return;
  workload.revisions = workload.revisions.filter((one) => !extra.includes(one));
  extra.forEach((one) => onRevision(workload, one, true));
}
