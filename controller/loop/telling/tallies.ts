import type { Breaker } from '../../../domain/restart/plan.ts';
import type { ObservedInstrumentation } from '../../../domain/restart/records/instrumentation.ts';
import { statusOf, type InstrumentationStatus } from '../../../domain/status/status.ts';
import type { Telling } from '../../../domain/status/told.ts';
import type { Ledger } from './ledger.ts';

/** The status of each Instrumentation, made anew when something that it rests on is another. */
export interface Tallies {
  /** Forgets those of which something has changed, and those that are gone. */
  readonly forget: (changed: ReadonlySet<string>, all: ReadonlyMap<string, unknown>) => void;
  readonly of: (
    instrumentation: ObservedInstrumentation,
    telling: Telling,
  ) => InstrumentationStatus;
}

interface Known {
  readonly instrumentation: ObservedInstrumentation;
  readonly breaker: Breaker | undefined;
  readonly isFollowed: boolean;
  readonly webhook: Telling['webhook'];
  readonly status: InstrumentationStatus;
}

export function createTallies(ledger: Pick<Ledger, 'askingFor'>): Tallies {
  const known = new Map<string, Known>();
  return {
    forget: (changed, all) => {
      for (const name of known.keys()) if (changed.has(name) || !all.has(name)) known.delete(name);
    },
    of: (instrumentation, telling) => {
      const { plan, webhook } = telling;
      const name = `${instrumentation.namespace}/${instrumentation.name}`;
      const breaker = plan.breakers.get(name);
      const isFollowed = plan.follows.has(name);
      const found = known.get(name);
      const isSame =
        found?.instrumentation === instrumentation &&
        found.isFollowed === isFollowed &&
        found.webhook === webhook &&
        isSameBreaker(found.breaker, breaker);
      if (isSame) return found.status;
      const status = statusOf(instrumentation, ledger.askingFor(name), telling);
      known.set(name, { instrumentation, breaker, isFollowed, webhook, status });
      return status;
    },
  };
}

const isSameBreaker = (one: Breaker | undefined, other: Breaker | undefined): boolean =>
  one?.since === other?.since &&
  one?.workload === other?.workload &&
  one?.reason === other?.reason &&
  one?.settings === other?.settings;
