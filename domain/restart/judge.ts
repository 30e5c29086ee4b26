import { reasons, type Reason, type ReasonFor } from '../reasons.ts';
import { objectAt, listAt, isObject } from '../json.ts';
import { stateOf, type PodState } from './coverage.ts';
import { causeOf } from './judge/cause.ts';
import { whyHeld } from './judge/held.ts';
import { youngestOf } from './judge/rollout.ts';
import { read, type Limits, type Reading } from './judge/reading.ts';
import { whyStuck } from './judge/stuck.ts';
import type { Seconds } from './records/metadata.ts';
import type { ObservedPod } from './records/pod.ts';
import type { Workload } from './records/workload.ts';
import type { Snapshot } from './snapshot.ts';
import type { Cause, Judgement, Verdict } from './verdict.ts';

/** Decides whether a restart would give a workload's pods what they asked for, and may be made. */
export function judge(snapshot: Snapshot, limits: Limits): Judgement {
  const reading = read(snapshot, limits);
  const { key, workload, wanted, memory } = snapshot;
  const { coverage, attempt } = reading;
  const isBare = (pod: ObservedPod) => stateOf(pod, wanted) === 'missing';
  return {
    key,
    workload,
    verdict: verdictOf(reading),
    since: memory.behindSince,
    coverage,
    youngestBareAt:
      coverage.missing === 0 ? undefined : youngestOf(snapshot.pods, isBare)?.createdAt,
    wanted,
    attempt,
    isBlind: isBlind(workload),
  };
}

/**
 * The order is the policy: what is none of ours comes first; then our own restart, before everything
 * it may have changed; and whether anything is lacking at all before why it is not mended.
 */
function verdictOf(reading: Reading): Verdict {
  const { lack, snapshot, rollout } = reading;
  const cause = lack && causeOf(snapshot, rollout, lack);
  const verdict = exempt(reading) ?? ofOurRestart(reading, cause) ?? refused(reading);
  if (verdict) return verdict;
  if (cause === undefined) {
    return snapshot.pods.length === 0
      ? { kind: 'exempt', reason: 'NothingRuns' }
      : { kind: 'current' };
  }
  const stuck = whyStuck(reading);
  if (stuck !== undefined) return { kind: 'stuck', reason: stuck, cause };
  const held = whyHeld(reading);
  if (held !== undefined) return { kind: 'held', reason: held, cause };
  return waiting(reading, cause) ?? { kind: 'behind', reason: cause };
}

function exempt({ snapshot, attempt }: Reading): Verdict | undefined {
  const { wanted, isBeingDeleted, workload, pods } = snapshot;
  if (wanted.kind === 'nothing') return { kind: 'exempt', reason: wanted.reason };
  if (isBeingDeleted) return { kind: 'exempt', reason: 'BeingDeleted' };
  const isIdle = workload.counters.desired === 0 && pods.length === 0;
  return isIdle && attempt.kind !== 'underWay'
    ? { kind: 'exempt', reason: 'NothingRuns' }
    : undefined;
}

function ofOurRestart({ attempt }: Reading, cause: Cause | undefined): Verdict | undefined {
  if (attempt.kind === 'failed') return { kind: 'stuck', reason: 'RestartFailed', cause };
  if (attempt.kind !== 'underWay') return undefined;
  return { kind: 'waiting', reason: 'RolloutInProgress', cause, until: undefined };
}

function refused({ snapshot, rollout }: Reading): Verdict | undefined {
  const { wanted } = snapshot;
  if (wanted.kind === 'refused') return { kind: 'refused', reason: wanted.reason };
  const youngest = (...states: readonly (PodState | undefined)[]) =>
    youngestOf(rollout.pods, (pod) => states.includes(stateOf(pod, wanted)));
  const declined = youngest('refused');
  // What was declined once and given to a later pod would be given again.
  const given = declined && youngest('current', 'aged');
  if (declined === undefined || (given && given.createdAt > declined.createdAt)) return undefined;
  return { kind: 'refused', reason: reasonOf(declined) };
}

/** Another release may have reasons that this one does not know. */
function reasonOf({ declined }: ObservedPod): ReasonFor<'refused'> {
  const reason = declined?.reason;
  return reason !== undefined && isRefusal(reason) ? reason : 'UnknownRefusal';
}

const isRefusal = (key: string): key is ReasonFor<'refused'> =>
  Object.hasOwn(reasons, key) && reasons[key as Reason].outcome === 'refused';

function waiting(reading: Reading, cause: Cause): Verdict | undefined {
  const { snapshot, rollout, isForgiven, limits } = reading;
  const wait = (reason: ReasonFor<'waiting'>, until?: Seconds): Verdict => ({
    kind: 'waiting',
    reason,
    cause,
    until,
  });
  const [newest] = snapshot.revisions;
  const quietAt = (newest?.createdAt ?? 0) + limits.quietSeconds;
  if (!rollout.isOurs && snapshot.takenAt < quietAt) return wait('OwnerActive', quietAt);
  if (!rollout.isComplete && !isForgiven) return wait('RolloutInProgress');
  return snapshot.mayDisrupt ? undefined : wait('DisruptionNotAllowed');
}

/** Its pods count as working the moment their containers run. */
function isBlind({ template, strategy }: Workload): boolean {
  const containers = (listAt(objectAt(template, 'spec') ?? {}, 'containers') ?? []).filter(
    isObject,
  );
  return (
    strategy.minReadySeconds === 0 &&
    !containers.some((container) => objectAt(container, 'readinessProbe') !== undefined)
  );
}
