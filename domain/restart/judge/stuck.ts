import type { ReasonFor } from '../../reasons.ts';
import type { Seconds } from '../records/metadata.ts';
import { askedOf } from '../snapshot.ts';
import type { Reading } from './reading.ts';
import { isSameMarker } from './rollout.ts';

/** What of our restarts speaks against another one, until a person has looked. */
export function whyStuck(reading: Reading): ReasonFor<'stuck'> | undefined {
  const { attempt } = reading;
  if (attempt.kind === 'didNotHelp' && !mayTryAgain(reading)) return 'RestartDidNotHelp';
  if (attempt.kind === 'reverted') return 'RestartReverted';
  if (wasRejected(reading)) return 'RestartRejected';
  return areSpent(reading) ? 'AttemptsSpent' : undefined;
}

/** Once, and not at once: whatever kept the webhook away may be over by then. */
const mayTryAgain = (reading: Reading): boolean =>
  reading.attempt.kind !== 'none' &&
  reading.snapshot.takenAt - reading.attempt.at >= secondTrySeconds &&
  !isSecond(reading);

/** The revision before is a restart for the same settings too, and not what its owner made of it. */
function isSecond({ rollout: { revision, previous }, snapshot: { revisions } }: Reading): boolean {
  const before = previous?.marker;
  return (
    before !== undefined &&
    before.asked === revision?.marker?.asked &&
    previous?.digest === revision.digest &&
    revisions.filter(({ marker }) => isSameMarker(marker, before)).length === 1
  );
}

const secondTrySeconds = 30 * 60;

function wasRejected({ snapshot, history }: Reading): boolean {
  const { memory, workload, wanted, policy } = snapshot;
  return (
    memory.rejected !== undefined &&
    memory.rejected.template === workload.digest &&
    memory.rejected.asked === askedOf(wanted) &&
    policy.resumedTo <= Math.max(history.lastNumber, memory.rejected.resumedTo ?? 0)
  );
}

const daySeconds = 86_400;

/** A time that lies ahead counts too: of two clocks one may be wrong. */
function areSpent({ snapshot: { takenAt, policy }, history, limits }: Reading): boolean {
  const counted = history.restarts.filter(({ number }) => number > policy.resumedTo);
  const since = (start: Seconds) => counted.filter(({ at }) => at > start).length;
  return (
    since(takenAt - daySeconds) >= limits.attemptsPerDay ||
    since(takenAt - 7 * daySeconds) >= limits.attemptsPerWeek
  );
}
