import type { ReasonFor } from '../../reasons.ts';
import type { Revision } from '../records/revision.ts';
import type { Strategy } from '../records/strategy.ts';
import type { Workload } from '../records/workload.ts';
import type { Reading } from './reading.ts';
import { isPastDeadline, isSick } from './sickness.ts';

type Held = ReasonFor<'held'>;

/** Why people must restart it, if they must. The order is the policy: the first that holds is told. */
export function whyHeld(reading: Reading): Held | undefined {
  const { isInsistent } = reading.snapshot.policy;
  for (const [reason, isSo] of rows)
    if (isSo(reading) && !(isInsistent && lifted.has(reason))) return reason;
  return undefined;
}

/** What is lifted where somebody near the workload has said "restart" in so many words. */
const lifted: ReadonlySet<Held> = new Set<Held>([
  'OutdatedOnly',
  'OwnedByAnother',
  'DowntimeExpected',
]);

const rows: readonly (readonly [Held, (reading: Reading) => boolean])[] = [
  ['RemediationOff', ({ snapshot }) => snapshot.policy.remediation === 'off'],
  ['ObserveOnly', ({ snapshot }) => snapshot.policy.remediation === 'observe'],
  [
    'OutdatedOnly',
    ({ snapshot, lack }) => lack === 'outdated' && !snapshot.policy.restartsOutdated,
  ],
  ['ProtectedNamespace', ({ snapshot }) => snapshot.policy.isProtected],
  ['Paused', ({ snapshot }) => snapshot.workload.strategy.isPaused],
  ['OnDelete', ({ snapshot }) => snapshot.workload.strategy.type === 'OnDelete'],
  ['Partitioned', ({ snapshot }) => snapshot.workload.strategy.partition > 0],
  ['OwnedByAnother', ({ snapshot }) => snapshot.workload.owner !== undefined],
  ['NotRestartable', ({ snapshot }) => !known.has(snapshot.workload.strategy.type)],
  ['DowntimeExpected', ({ snapshot }) => takesAllAtOnce(snapshot.workload)],
  ['AlreadySick', isAlreadySick],
  ['MarkerWouldBeErased', ({ snapshot }) => wouldErase(snapshot.workload)],
  ['MarkerErased', hasErased],
  ['NoHistory', keepsTooLittle],
];

/** A strategy of a newer API may do anything. */
const known = new Set(['RollingUpdate', 'Recreate', 'OnDelete']);

function takesAllAtOnce({ kind, strategy, counters }: Workload): boolean {
  const { desired } = counters;
  if (strategy.type === 'Recreate') return true;
  if (kind === 'StatefulSet' && desired <= 1) return true;
  // Each node loses its pod for a while, whatever its DaemonSet does; only all at once is worse.
  if (kind === 'DaemonSet' && desired <= 1) return false;
  return mayLose(kind, strategy, desired) >= desired;
}

/** How many pods may be away at a time, rounded as the controller of the kind rounds. */
function mayLose(kind: Workload['kind'], strategy: Strategy, desired: number): number {
  const { maxUnavailable, maxSurge } = strategy;
  const most = amountOf(maxUnavailable, desired, kind === 'DaemonSet' ? Math.ceil : Math.floor);
  if (kind === 'StatefulSet') return Math.max(most, 1);
  const surge = amountOf(maxSurge, desired, Math.ceil);
  return most === 0 && surge === 0 ? 1 : most;
}

function amountOf(
  amount: number | string,
  desired: number,
  round: (amount: number) => number,
): number {
  if (typeof amount === 'number') return amount;
  const share = Number.parseFloat(amount);
  return Number.isNaN(share) ? 0 : round((share * desired) / 100);
}

/** The pods of a restart that failed and is forgiven are what the next one is to mend. */
function isAlreadySick({ snapshot, rollout, isForgiven }: Reading): boolean {
  if (isForgiven) return rollout.otherPods.some(isSick);
  return snapshot.pods.some(isSick) || isPastDeadline(snapshot.workload);
}

const wouldErase = ({ applied }: Workload): boolean =>
  applied.replaces || (applied.emptiesAnnotations && !applied.isServerSide);

/**
 * A template that is newer than our restart and came without its marker. One that is merely older
 * and was gone back to proves nothing: it never had the marker.
 */
function hasErased({ snapshot: { revisions, policy } }: Reading): boolean {
  return revisions.some((newer, index) => {
    const older: Revision | undefined = revisions[index + 1];
    return (
      newer.marker === undefined &&
      older?.marker !== undefined &&
      older.marker.number > policy.resumedTo &&
      newer.createdAt > older.createdAt
    );
  });
}

/** Settings may change to and fro, and what remembers that must outlast a change. */
function keepsTooLittle({ snapshot: { workload }, lack }: Reading): boolean {
  const { revisionHistoryLimit } = workload.strategy;
  return revisionHistoryLimit === 0 || (revisionHistoryLimit === 1 && lack === 'outdated');
}
