import type { ReasonFor } from '../reasons.ts';
import { isSameAttempt, type Attempt } from './attempt.ts';
import { podStates, type Coverage } from './coverage.ts';
import type { Seconds } from './records/metadata.ts';
import type { Workload } from './records/workload.ts';
import type { Wanted } from './snapshot.ts';

/** The judgement on one workload. */
export type Verdict =
  | { readonly kind: 'exempt'; readonly reason: ReasonFor<'exempt'> }
  | { readonly kind: 'current' }
  | { readonly kind: 'refused'; readonly reason: ReasonFor<'refused'> }
  | {
      readonly kind: 'stuck';
      readonly reason: ReasonFor<'stuck'>;
      readonly cause: Cause | undefined;
    }
  | { readonly kind: 'held'; readonly reason: ReasonFor<'held'>; readonly cause: Cause }
  | {
      readonly kind: 'waiting';
      readonly reason: ReasonFor<'waiting'>;
      readonly cause: Cause | undefined;
      /** When it is looked at again, where that is known. */
      readonly until: Seconds | undefined;
    }
  | { readonly kind: 'behind'; readonly reason: Cause };

/** Why pods lack what they asked for. */
export type Cause = ReasonFor<'behind'>;

/** What `judge` found out on the way to its verdict, for the plan, the status and the gauges. */
export interface Judgement {
  readonly key: string;
  readonly workload: Workload;
  readonly verdict: Verdict;
  /** Since when the verdict's difference exists, as far as we know. */
  readonly since: Seconds | undefined;
  readonly coverage: Coverage;
  /** When the youngest of the pods was made for which no webhook was called. */
  readonly youngestBareAt: Seconds | undefined;
  readonly wanted: Wanted;
  /** Our latest restart of it, as the cluster tells it. */
  readonly attempt: Attempt;
  /** It says nothing about when its pods can work: it is restarted alone in its namespace. */
  readonly isBlind: boolean;
}

/** Whether two verdicts say the same, whenever they end. */
export const isSameVerdict = (one: Verdict, other: Verdict): boolean =>
  one === other ||
  (one.kind === other.kind && reasonIn(one) === reasonIn(other) && causeIn(one) === causeIn(other));

const reasonIn = (verdict: Verdict) => ('reason' in verdict ? verdict.reason : undefined);

const causeIn = (verdict: Verdict) => ('cause' in verdict ? verdict.cause : undefined);

/** Whether one judgement can stand for the other, so that nothing that rests on it has to be renewed. */
export const isSameJudgement = (one: Judgement, other: Judgement): boolean =>
  one.workload === other.workload &&
  one.wanted === other.wanted &&
  one.since === other.since &&
  one.youngestBareAt === other.youngestBareAt &&
  one.isBlind === other.isBlind &&
  isSameVerdict(one.verdict, other.verdict) &&
  untilOf(one.verdict) === untilOf(other.verdict) &&
  podStates.every((state) => one.coverage[state] === other.coverage[state]) &&
  isSameAttempt(one.attempt, other.attempt);

const untilOf = (verdict: Verdict) => (verdict.kind === 'waiting' ? verdict.until : undefined);
