import { stringify } from 'yaml';
import { reasons, type Reason } from '../../domain/reasons.ts';
import type { PodState } from '../../domain/restart/coverage.ts';
import type { Judgement, Verdict } from '../../domain/restart/verdict.ts';
import type { Assessment } from './assess.ts';

/** What is said of one workload. Members may be added, never renamed. */
export interface Answer {
  readonly workload: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly verdict: Verdict['kind'];
  readonly reason: Reason | undefined;
  /** Why pods lack what they asked for, where that is not the reason itself. */
  readonly cause: Reason | undefined;
  readonly since: string | undefined;
  readonly until: string | undefined;
  /** How many of its pods have what they asked for. */
  readonly covered: number;
  readonly pods: number;
  readonly states: Readonly<Partial<Record<PodState, number>>>;
  readonly instrumentations: readonly string[];
  /** Its place among those that are restarted next. */
  readonly next: number | undefined;
}

/** The last word on each workload: the plan's, where it puts one off. */
export function answersOf({ judgements, plan }: Assessment): readonly Answer[] {
  const order = new Map(plan.restarts.map(({ judgement }, index) => [judgement.key, index + 1]));
  return judgements.map((judgement) => {
    const verdict = plan.verdicts.get(judgement.key) ?? judgement.verdict;
    return answerOf(judgement, verdict, order.get(judgement.key));
  });
}

function answerOf(judgement: Judgement, verdict: Verdict, next: number | undefined): Answer {
  const { key, workload, coverage, wanted, since } = judgement;
  const counts = Object.entries(coverage).filter(([, count]) => count > 0);
  return {
    workload: key,
    kind: workload.kind,
    namespace: workload.namespace,
    name: workload.name,
    verdict: verdict.kind,
    reason: 'reason' in verdict ? verdict.reason : undefined,
    cause: 'cause' in verdict ? verdict.cause : undefined,
    since: verdict.kind === 'exempt' || verdict.kind === 'current' ? undefined : time(since),
    until: verdict.kind === 'waiting' ? time(verdict.until) : undefined,
    covered: coverage.current + coverage.aged,
    pods: counts.reduce((sum, [, count]) => sum + count, 0),
    states: Object.fromEntries(counts),
    instrumentations: wanted.kind === 'nothing' ? [] : wanted.instrumentations,
    next,
  };
}

const time = (seconds: number | undefined) =>
  seconds === undefined ? undefined : `${new Date(seconds * 1_000).toISOString().slice(0, 19)}Z`;

/** Whoever asked for nothing is spared the line. */
export const hasAsked = ({ reason }: Answer): boolean =>
  reason !== 'NotAsked' && reason !== 'OptedOut';

/** Each reason that is told, once, with what it means and what to do. */
export function explained(answers: readonly Answer[]) {
  const told = answers.flatMap(({ reason, cause }) => [reason, cause]);
  return [...new Set(told.filter((one) => one !== undefined))].map((reason) => {
    const { summary, remedy }: { summary: string; remedy?: string } = reasons[reason];
    return { reason, summary, remedy };
  });
}

export interface Totals {
  readonly workloads: number;
  readonly pods: number;
  readonly covered: number;
}

export const totalsOf = (answers: readonly Answer[]): Totals => ({
  workloads: answers.length,
  pods: answers.reduce((sum, { pods }) => sum + pods, 0),
  covered: answers.reduce((sum, { covered }) => sum + covered, 0),
});

export function structured(form: 'json' | 'yaml', answers: readonly Answer[]): string {
  const document: unknown = JSON.parse(
    JSON.stringify({ workloads: answers, reasons: explained(answers), totals: totalsOf(answers) }),
  );
  return form === 'json'
    ? `${JSON.stringify(document, null, 2)}\n`
    : stringify(document, { lineWidth: 0 });
}
