import { annotations as keys } from '../../../crds/names.ts';
import { objectAt, textAt } from '../../json.ts';
import type { ReasonFor } from '../../reasons.ts';
import type { ObservedInstrumentation } from '../records/instrumentation.ts';
import { secondsAt, type Seconds } from '../records/metadata.ts';
import type { Judgement } from '../verdict.ts';
import type { Standing } from './ramp.ts';
import { instrumentationsOf, isOfPresentSettings, type Gate, type Round } from './round.ts';
import { settingsDigest } from './settings.ts';

/** Restarts for an Instrumentation are stopped: they did harm, or no good. */
export interface Breaker {
  readonly since: Seconds;
  readonly workload: string;
  readonly reason: string;
  readonly settings: string;
}

/**
 * Breakers that are open now, by `namespace/name` of their Instrumentation: those that the status
 * tells of, and those that what is in the cluster opens.
 */
export function openBreakers(
  round: Round,
  standings: ReadonlyMap<string, Standing>,
): ReadonlyMap<string, Breaker> {
  const failures = failuresIn(round);
  const breakers = [...round.instrumentations].flatMap(([name, instrumentation]) => {
    const resumedTo = resumedToOf(instrumentation, round.now);
    const told = readBreaker(instrumentation);
    const isSame = told?.settings === settingsDigest(instrumentation);
    if (told && isSame && told.since > resumedTo) return [[name, told] as const];
    const counted = (failures.get(name) ?? []).filter(({ at }) => at > resumedTo);
    const because = whatOpens(counted, standings.get(name)?.successes ?? 0);
    if (because === undefined) return [];
    const { workload, reason } = because;
    const settings = settingsDigest(instrumentation);
    return [[name, { since: round.now, workload, reason, settings }] as const];
  });
  return new Map(breakers);
}

export function breakerGate(breakers: ReadonlyMap<string, Breaker>): Gate {
  return {
    whyNot: ({ wanted }) =>
      breakers.size > 0 && wanted.instrumentations.some((name) => breakers.has(name))
        ? { reason: 'BreakerOpen', until: undefined }
        : undefined,
  };
}

interface Failure {
  readonly workload: string;
  readonly reason: ReasonFor<'stuck'>;
  readonly at: Seconds;
}

function failuresIn({ judgements, now }: Round): ReadonlyMap<string, readonly Failure[]> {
  const found = new Map<string, Failure[]>();
  for (const judgement of judgements) {
    const reason = failureOf(judgement, now);
    if (reason === undefined || judgement.attempt.kind === 'none') continue;
    const failure = { workload: judgement.key, reason, at: judgement.attempt.at };
    for (const name of instrumentationsOf(judgement))
      found.set(name, [...(found.get(name) ?? []), failure]);
  }
  return found;
}

/** What a failure says of the settings it has said within a day; later it is one workload's own. */
const tellsSeconds = 86_400;

/** So soon an owner undoes a restart that did harm, often before anybody has seen the harm. */
const undoneSoonSeconds = 30 * 60;

function failureOf(judgement: Judgement, now: Seconds): ReasonFor<'stuck'> | undefined {
  const { attempt, coverage, wanted } = judgement;
  if (attempt.kind === 'none' || !isOfPresentSettings(judgement)) return undefined;
  const age = now - attempt.at;
  if (age > tellsSeconds) return undefined;
  if (attempt.kind === 'failed') return 'RestartFailed';
  if (attempt.kind === 'didNotHelp') return 'RestartDidNotHelp';
  if (attempt.kind === 'reverted')
    return age <= undoneSoonSeconds && lacks(judgement) ? 'RestartReverted' : undefined;
  // The webhook was asked for its new pods, and gave them nothing.
  const isDeclined = wanted.kind === 'given' && coverage.refused > 0;
  const isYoung =
    attempt.kind === 'underWay' || (attempt.kind === 'succeeded' && !attempt.isProven);
  return isDeclined && isYoung ? 'RestartDidNotHelp' : undefined;
}

const lacks = ({ coverage: { missing, outdated, adopted, refused } }: Judgement): boolean =>
  missing + outdated + adopted + refused > 0;

const pairSeconds = 3_600;

function whatOpens(failures: readonly Failure[], successes: number): Failure | undefined {
  const inTurn = failures.toSorted(
    (one, other) => one.at - other.at || (one.workload < other.workload ? -1 : 1),
  );
  if (successes === 0) return inTurn[0];
  return inTurn.find(({ at }, index) => at - (inTurn[index - 1]?.at ?? -Infinity) <= pairSeconds);
}

export function readBreaker({ status }: ObservedInstrumentation): Breaker | undefined {
  const told = objectAt(status, 'breaker');
  const since = told && secondsAt(told, 'since');
  if (!told || since === undefined) return undefined;
  const text = (key: string) => textAt(told, key) ?? '';
  return { since, workload: text('workload'), reason: text('reason'), settings: text('settings') };
}

/** A time to come would forgive what has not happened yet, so it forgives nothing. */
function resumedToOf({ annotations }: ObservedInstrumentation, now: Seconds): Seconds {
  const resumedTo = secondsAt(annotations, keys.resume) ?? 0;
  return resumedTo <= now ? resumedTo : 0;
}
