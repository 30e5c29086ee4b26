import { reasons, type Entry, type Reason } from '../reasons.ts';
import { adviceOn, type Advice } from '../restart/judge/advice.ts';
import type { Verdict } from '../restart/verdict.ts';
import type { Told } from './told.ts';

/** One workload that only a person can help. */
export interface Attention {
  readonly workload: string;
  readonly reason: Reason;
  readonly message: string;
}

const most = 10;

/** What was tried in vain comes first, what somebody has decided so comes last. */
export const attentionOf = (asking: readonly Told[]): readonly Attention[] =>
  asking
    .flatMap(({ judgement, verdict }) => {
      const found = needing(verdict);
      return found ? [{ judgement, verdict, ...found }] : [];
    })
    .toSorted(
      (one, other) => one.rank - other.rank || (one.judgement.key < other.judgement.key ? -1 : 1),
    )
    .slice(0, most)
    .map(({ judgement, verdict, reason }) => ({
      workload: judgement.key,
      reason,
      message: messageOf(adviceOn(judgement, verdict) ?? reasons[reason]),
    }));

const decided: ReadonlySet<Reason> = new Set(['RemediationOff', 'ObserveOnly', 'OutdatedOnly']);

interface Need {
  readonly reason: Reason;
  readonly rank: number;
}

function needing(verdict: Verdict): Need | undefined {
  const { kind } = verdict;
  if (kind === 'stuck') return { reason: verdict.reason, rank: 0 };
  if (kind === 'refused') return { reason: verdict.reason, rank: 1 };
  if (kind === 'held') return { reason: verdict.reason, rank: decided.has(verdict.reason) ? 4 : 2 };
  return waitsForPeople(verdict) ? { reason: verdict.reason, rank: 3 } : undefined;
}

/** A budget that asks for as many pods as there are would be waited for in silence, and for ever. */
export const waitsForPeople = (
  verdict: Verdict,
): verdict is Extract<Verdict, { kind: 'waiting' }> =>
  verdict.kind === 'waiting' && verdict.reason === 'DisruptionNotAllowed';

const messageOf = ({
  summary,
  remedy,
}: Pick<Advice, 'summary'> & { readonly remedy?: string | undefined }) =>
  remedy === undefined ? summary : `${summary} ${remedy}`;

/** What is told of all workloads together names none: their own lines do, and what to do about each. */
export function explain(reason: Reason): string {
  const { outcome, summary, remedy }: Entry = reasons[reason];
  if (reason === 'BreakerOpen') return `${summary} ${closing}`;
  if (remedy === undefined || !remedy.includes('<')) return messageOf({ summary, remedy });
  return outcome === 'waiting' ? summary : `${summary} ${listed}`;
}

const closing =
  'Read status.breaker. Change the settings of the Instrumentation, or go on with them by its annotation otel-retrofit.dev/resume with the value of status.breaker.since.';

const listed = 'What to do about each is said in status.attention.';
