import type { ObservedInstrumentation } from '../records/instrumentation.ts';
import type { Seconds } from '../records/metadata.ts';
import type { Wanted } from '../snapshot.ts';
import type { Judgement, Verdict } from '../verdict.ts';

/** How many restarts may be, and how fast: every one a setting with a ceiling. */
export interface Budget {
  readonly settleMissingSeconds: number;
  readonly settleOutdatedSeconds: number;
  readonly soakSeconds: number;
  readonly proveSeconds: number;
  readonly atOnce: number;
  readonly atOncePerNamespace: number;
  readonly statefulAtOnce: number;
  readonly perHour: number;
  /** A ramp of one by one would make a bench of a thousand workloads last for days. */
  readonly rampStart: number;
  readonly attemptsPerDay: number;
  readonly attemptsPerWeek: number;
}

/** Everything the plan of a round is made from, besides the budget. */
export interface Round {
  /** Of all workloads, and not only of those that were judged anew. */
  readonly judgements: readonly Judgement[];
  /** By `namespace/name`, each with the status we wrote last, be it in the cache yet or not. */
  readonly instrumentations: ReadonlyMap<string, ObservedInstrumentation>;
  /** When the dry run was sent that proves the webhook; nothing while it is not proven. */
  readonly provenAt: Seconds | undefined;
  /** When warming up after taking the lease ends. */
  readonly warmAt: Seconds;
  /** Restarts of the last hour of which no judgement tells: refused writes, and of workloads that are gone. */
  readonly untoldAt: readonly Seconds[];
  readonly now: Seconds;
}

/** A workload that a restart would mend. */
export interface Candidate extends Judgement {
  readonly verdict: Extract<Verdict, { readonly kind: 'behind' }>;
  readonly wanted: Extract<Wanted, { readonly kind: 'given' }>;
}

export const isCandidate = (judgement: Judgement): judgement is Candidate =>
  judgement.verdict.kind === 'behind' && judgement.wanted.kind === 'given';

/** Why a candidate is put off, and when to ask again, where that is known. */
export interface Wait {
  readonly reason: Extract<Verdict, { readonly kind: 'waiting' }>['reason'];
  readonly until: Seconds | undefined;
}

/** One limit on restarts. */
export interface Gate {
  readonly whyNot: (candidate: Candidate) => Wait | undefined;
  /** It is restarted, so less is left for those behind it. */
  readonly take?: (candidate: Candidate) => void;
}

/** Of no workload's settings are these: what it got counts for nothing that is asked now. */
export const isOfPresentSettings = ({ attempt, wanted }: Judgement): boolean =>
  attempt.kind !== 'none' && wanted.kind !== 'nothing' && attempt.asked === wanted.stamp.asked;

export const instrumentationsOf = ({ wanted }: Judgement): readonly string[] =>
  wanted.kind === 'nothing' ? [] : wanted.instrumentations;

export const earlier = (one: Seconds | undefined, other: Seconds | undefined) =>
  one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);

/** A restart that failed keeps its place for so long: what it broke may need the room. */
export const failureHoldsSeconds = 30 * 60;

export const hourSeconds = 3_600;

/** After so long a restart counts for no workload but its own. */
export const countsSeconds = ({ proveSeconds }: Pick<Budget, 'proveSeconds'>): number =>
  Math.max(hourSeconds, failureHoldsSeconds, proveSeconds);
