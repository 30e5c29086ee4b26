import { attemptOf, isFailure, type Attempt, type Patience } from '../attempt.ts';
import { coverageOf, lackOf, type Coverage, type Lack } from '../coverage.ts';
import type { Snapshot } from '../snapshot.ts';
import { historyOf, type History } from './history.ts';
import { rolloutOf, type Rollout } from './rollout.ts';

/** How often one workload may be restarted, and how long its pods must run before they count. */
export interface Limits extends Patience {
  readonly attemptsPerDay: number;
  readonly attemptsPerWeek: number;
  /** So long an owner who has just deployed is left alone. */
  readonly quietSeconds: number;
}

/** A snapshot, and what it says once it is read. */
export interface Reading {
  readonly snapshot: Snapshot;
  readonly limits: Limits;
  readonly coverage: Coverage;
  readonly lack: Lack | undefined;
  readonly rollout: Rollout;
  readonly history: History;
  readonly attempt: Attempt;
  /** Our restart fails and is not blamed for it any more: a better one may follow it at once. */
  readonly isForgiven: boolean;
}

export function read(snapshot: Snapshot, limits: Limits): Reading {
  const coverage = coverageOf(snapshot);
  const rollout = rolloutOf(snapshot);
  const history = historyOf(snapshot);
  const attempt = attemptOf(snapshot, rollout, limits, history);
  return {
    snapshot,
    limits,
    coverage,
    lack: lackOf(coverage),
    rollout,
    history,
    attempt,
    isForgiven: attempt.kind === 'over' && isFailure(snapshot, rollout),
  };
}
