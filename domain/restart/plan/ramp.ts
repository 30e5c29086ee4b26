import type { Seconds } from '../records/metadata.ts';
import type { Judgement } from '../verdict.ts';
import { failureHoldsSeconds, instrumentationsOf, isOfPresentSettings } from './round.ts';
import type { Budget, Gate, Round } from './round.ts';
import { readSettings } from './settings.ts';

/** How the restarts for one Instrumentation have gone, as far as its present settings go. */
export interface Standing {
  readonly successes: number;
  /** Begun, and nobody can say yet how they will end. */
  readonly unproven: number;
}

export function standingsOf(
  { judgements, instrumentations, now }: Round,
  { proveSeconds }: Pick<Budget, 'proveSeconds'>,
): ReadonlyMap<string, Standing> {
  const since = new Map(
    [...instrumentations].map(([name, one]) => [name, readSettings(one).since ?? 0]),
  );
  const standings = new Map<string, Standing>();
  for (const judgement of judgements) {
    if (judgement.attempt.times.length === 0) continue;
    const open = isOpen(judgement, proveSeconds, now);
    for (const name of instrumentationsOf(judgement)) {
      const { successes, unproven } = standings.get(name) ?? none;
      const proven = isProven(judgement, since.get(name) ?? 0);
      standings.set(name, {
        successes: successes + Number(proven),
        unproven: unproven + Number(!proven && open),
      });
    }
  }
  return standings;
}

export const none: Standing = { successes: 0, unproven: 0 };

const isProven = (judgement: Judgement, since: Seconds): boolean =>
  judgement.attempt.kind === 'succeeded' &&
  judgement.attempt.isProven &&
  judgement.attempt.at >= since &&
  isOfPresentSettings(judgement);

/** Also a restart that its owner has deployed over says nothing, until it would have been proven. */
function isOpen({ attempt }: Judgement, proveSeconds: number, now: Seconds): boolean {
  const age = now - (attempt.times[0] ?? 0);
  if (attempt.kind === 'underWay') return true;
  if (attempt.kind === 'succeeded') return !attempt.isProven;
  if (attempt.kind === 'over' || attempt.kind === 'none') return age < proveSeconds;
  return age < failureHoldsSeconds;
}

/**
 * The first restart for new settings goes alone; each that succeeds lets one more go beside those
 * that are out, which doubles the step whenever a whole step has succeeded.
 */
export function rampGate(
  standings: ReadonlyMap<string, Standing>,
  { rampStart }: Pick<Budget, 'rampStart'>,
): Gate {
  const taken = new Map<string, number>();
  const isFull = (name: string) => {
    const { successes, unproven } = standings.get(name) ?? none;
    return unproven + (taken.get(name) ?? 0) >= rampStart + successes;
  };
  return {
    whyNot: ({ wanted }) =>
      wanted.instrumentations.some(isFull) ? { reason: 'RampUp', until: undefined } : undefined,
    take: ({ wanted }) => {
      for (const name of wanted.instrumentations) taken.set(name, (taken.get(name) ?? 0) + 1);
    },
  };
}
