import type { ObservedInstrumentation } from '../records/instrumentation.ts';
import type { Seconds } from '../records/metadata.ts';
import type { Budget, Candidate, Gate, Round, Wait } from './round.ts';
import { readSettings, type SettingsHistory } from './settings.ts';

const daySeconds = 86_400;

/** Whether it is the settings that pods are behind, rather than the agent as such. */
export const isOutdated = ({ verdict }: Candidate): boolean =>
  verdict.reason === 'InstrumentationChanged';

/** What has just changed may change again: a difference has to last before it is worth a restart. */
export function settleGate({ instrumentations, now }: Round, budget: Budget): Gate {
  const histories = historiesIn(instrumentations);
  return {
    whyNot(candidate) {
      const seen = (candidate.since ?? now) + budget.settleMissingSeconds;
      const settled = isOutdated(candidate)
        ? candidate.wanted.instrumentations.map((name) => settledAt(histories(name), budget, now))
        : [];
      return waitUntil(Math.max(seen, ...settled), now);
    },
  };
}

/**
 * Restarts follow few changes, and each is written down before the first of them: whoever plans
 * next knows of it, whatever became of the workload. The last gate, since it is for those alone
 * that nothing else holds back.
 */
export function followGate({ instrumentations, now }: Round, follows: Set<string>): Gate {
  const histories = historiesIn(instrumentations);
  return {
    whyNot(candidate) {
      if (!isOutdated(candidate)) return undefined;
      const fresh = candidate.wanted.instrumentations.filter((name) => {
        const { since, followed } = histories(name);
        return since === undefined || !followed.includes(since);
      });
      fresh.forEach((name) => follows.add(name));
      return fresh.length === 0 ? undefined : { reason: 'Settling', until: now + 1 };
    },
  };
}

function historiesIn(instrumentations: ReadonlyMap<string, ObservedInstrumentation>) {
  const known = new Map<string, SettingsHistory>();
  return (name: string): SettingsHistory => {
    const found = known.get(name);
    if (found) return found;
    const instrumentation = instrumentations.get(name);
    const history = instrumentation ? readSettings(instrumentation) : unknown;
    known.set(name, history);
    return history;
  };
}

const unknown: SettingsHistory = { digest: '', since: undefined, followed: [] };

const waitUntil = (until: Seconds, now: Seconds): Wait | undefined =>
  until > now ? { reason: 'Settling', until } : undefined;

function settledAt({ since, followed }: SettingsHistory, budget: Budget, now: Seconds): Seconds {
  if (since === undefined) return now + budget.settleOutdatedSeconds;
  const settled = since + budget.settleOutdatedSeconds;
  if (followed.includes(since)) return settled;
  const inDay = roomAt(followed, budget.attemptsPerDay, daySeconds);
  return Math.max(settled, inDay, roomAt(followed, budget.attemptsPerWeek, 7 * daySeconds));
}

/** When fewer than so many of the times lie in the window. */
export function roomAt(times: readonly Seconds[], most: number, windowSeconds: number): Seconds {
  const oldestFirst = times.toSorted((one, other) => one - other);
  const leaver = oldestFirst[oldestFirst.length - most];
  return leaver === undefined ? 0 : leaver + windowSeconds;
}
