import { historyOf, type History } from './judge/history.ts';
import { bornOf, haveRunFor, type Rollout } from './judge/rollout.ts';
import { isFailing } from './judge/sickness.ts';
import type { Seconds } from './records/metadata.ts';
import type { Marker } from './records/template.ts';
import { askedOf, type Snapshot } from './snapshot.ts';

/** Our latest restart of a workload, as the cluster tells it. */
export type Attempt =
  | { readonly kind: 'none'; readonly times: readonly Seconds[]; readonly lastNumber: number }
  | {
      readonly kind: 'underWay' | 'succeeded' | 'failed' | 'didNotHelp' | 'reverted' | 'over';
      /** The digest that was asked for when it was sent. */
      readonly asked: string;
      readonly number: number;
      readonly at: Seconds;
      /** Of all restarts that markers and revisions tell of or that we remember, newest first, without doubles. */
      readonly times: readonly Seconds[];
      /** The highest of them all: the next restart is one higher. */
      readonly lastNumber: number;
      /** Complete and 15 minutes old: it counts for the ramp. */
      readonly isProven: boolean;
    };

export function isSameAttempt(one: Attempt, other: Attempt): boolean {
  const isSame =
    one.kind === other.kind &&
    one.lastNumber === other.lastNumber &&
    one.times.length === other.times.length &&
    one.times.every((at, index) => at === other.times[index]);
  if (!isSame || one.kind === 'none' || other.kind === 'none') return isSame;
  return (
    one.asked === other.asked &&
    one.number === other.number &&
    one.at === other.at &&
    one.isProven === other.isProven
  );
}

/** How long pods must run before they count. */
export interface Patience {
  readonly soakSeconds: number;
  readonly proveSeconds: number;
}

/** Reads our latest restart from what is in the cluster, and from what was sent and is not yet in it. */
export function attemptOf(
  snapshot: Snapshot,
  rollout: Rollout,
  patience: Patience,
  history: History = historyOf(snapshot),
): Attempt {
  const { latest, restarts, lastNumber } = history;
  const times = restarts.map(({ at }) => at);
  const { sent } = snapshot.memory;
  if (sent !== undefined && sent.number > (latest?.number ?? 0)) {
    const asked = askedOf(snapshot.wanted) ?? '';
    const told = {
      times: [...new Set([sent.at, ...times])],
      lastNumber: Math.max(sent.number, lastNumber),
    };
    return { kind: 'underWay', asked, number: sent.number, at: sent.at, ...told, isProven: false };
  }
  if (latest === undefined) return { kind: 'none', times, lastNumber };
  const { asked, number } = latest;
  const at = latest.times[0] ?? rollout.revision?.createdAt ?? 0;
  const kind = kindOf(snapshot, rollout, patience, latest);
  const isProven = kind === 'succeeded' && isProvenBy(snapshot, rollout, patience);
  return { kind, asked, number, at, times, lastNumber, isProven };
}

type Kind = Exclude<Attempt['kind'], 'none'>;

function kindOf(snapshot: Snapshot, rollout: Rollout, patience: Patience, latest: Marker): Kind {
  const blamed = (kind: Kind): Kind => (isForgiven(latest, snapshot) ? 'over' : kind);
  if (isUndone(snapshot, rollout)) return rollout.revision ? blamed('reverted') : 'underWay';
  if (!rollout.isOurs) return 'over';
  if (isFailure(snapshot, rollout)) return blamed('failed');
  if (!rollout.isComplete) return isOpen(snapshot, rollout) ? 'underWay' : 'over';
  if (rollout.pods.some((pod) => pod.injected?.asked === askedOf(snapshot.wanted)))
    return isSoaked(snapshot, rollout, patience) ? 'succeeded' : unsoaked(snapshot, rollout);
  const born = bornOf(rollout);
  if (born.length > 0 && born.every(({ injected }) => injected === undefined))
    return blamed('didNotHelp');
  return isSoaked(snapshot, rollout, patience) ? 'over' : unsoaked(snapshot, rollout);
}

const unsoaked = (snapshot: Snapshot, rollout: Rollout): Kind =>
  isOpen(snapshot, rollout) ? 'underWay' : 'over';

/**
 * The template is as it was before our restart, and the revision of the restart is still there. Until
 * its own revision is the newest, it may as well be the watch of workloads that lags behind.
 */
const isUndone = ({ workload }: Snapshot, { previous }: Rollout): boolean =>
  previous !== undefined &&
  (previous.marker?.number ?? 0) > (workload.marker?.number ?? 0) &&
  previous.digest === workload.digest;

/** What went wrong for other settings, or was forgiven, says nothing about a restart today. */
const isForgiven = ({ asked, number }: Marker, { wanted, policy }: Snapshot): boolean =>
  asked !== askedOf(wanted) || number <= policy.resumedTo;

/** Later, and with no pod of another revision left, what fails is the owner's. */
const isOpen = ({ takenAt }: Snapshot, { revision, otherPods }: Rollout): boolean =>
  revision === undefined || takenAt - revision.createdAt < openSeconds || otherPods.length > 0;

const openSeconds = 30 * 60;

/** Our restart fails, whether it is still blamed for it or not. */
export const isFailure = (snapshot: Snapshot, rollout: Rollout): boolean =>
  rollout.isOurs &&
  rollout.revision !== undefined &&
  isOpen(snapshot, rollout) &&
  isFailing(snapshot.workload, rollout, snapshot.takenAt);

/**
 * A container that crashes without a readiness probe is ready for an instant at each start, and its
 * rollout completes all the same.
 */
function isSoaked(snapshot: Snapshot, rollout: Rollout, { soakSeconds }: Patience): boolean {
  const { workload, takenAt } = snapshot;
  const pods = isOpen(snapshot, rollout) ? rollout.pods : bornOf(rollout);
  return haveRunFor(pods, Math.max(soakSeconds, workload.strategy.minReadySeconds), takenAt);
}

function isProvenBy(snapshot: Snapshot, rollout: Rollout, { proveSeconds }: Patience): boolean {
  const { takenAt } = snapshot;
  const age = takenAt - (rollout.revision?.createdAt ?? takenAt);
  if (age < proveSeconds) return false;
  return !isOpen(snapshot, rollout) || haveRunFor(bornOf(rollout), proveSeconds, takenAt);
}
