import { reasons, type Reason } from '../reasons.ts';
import type { Judgement, Verdict } from '../restart/verdict.ts';
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
      return found ? [{ judgement, ...found }] : [];
    })
    .toSorted(
      (one, other) => one.rank - other.rank || (one.judgement.key < other.judgement.key ? -1 : 1),
    )
    .slice(0, most)
    .map(({ judgement, reason }) => ({
      workload: judgement.key,
      reason,
      message: addressed(explain(reason), judgement),
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
  if (kind !== 'held') return undefined;
  return { reason: verdict.reason, rank: decided.has(verdict.reason) ? 3 : 2 };
}

/** What it is, and what to do about it. */
export function explain(reason: Reason): string {
  const entry: { readonly summary: string; readonly remedy?: string } = reasons[reason];
  return entry.remedy === undefined ? entry.summary : `${entry.summary} ${entry.remedy}`;
}

/** Commands are written for any workload; a person copies them for this one. */
export function addressed(text: string, { workload, attempt }: Judgement): string {
  const number = attempt.lastNumber;
  return text
    .replaceAll('<kind>', workload.kind.toLowerCase())
    .replaceAll('<name>', workload.name)
    .replaceAll('<namespace>', workload.namespace)
    .replaceAll('<number>', String(number))
    .replaceAll('<next>', String(number + 1));
}
