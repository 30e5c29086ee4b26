import { stringify } from 'yaml';
import { reasons, type Entry, type Reason } from '../../domain/reasons.ts';
import type { PodState } from '../../domain/restart/coverage.ts';
import { adviceOn } from '../../domain/restart/judge/advice.ts';
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
  /** What to do about it, in commands that are written for it. */
  readonly remedy: string | undefined;
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
    remedy: adviceOn(judgement, verdict)?.remedy,
  };
}

const time = (seconds: number | undefined) =>
  seconds === undefined ? undefined : `${new Date(seconds * 1_000).toISOString().slice(0, 19)}Z`;

/** Whoever asked for nothing is spared the line. */
export const hasAsked = ({ reason }: Answer): boolean =>
  reason !== 'NotAsked' && reason !== 'OptedOut';

export interface Explained {
  readonly reason: Reason;
  readonly summary: string;
  readonly remedy: string | undefined;
}

/** Each reason that is told, once, with what it means and what to do: in commands to copy. */
export function explained(answers: readonly Answer[]): readonly Explained[] {
  const sufferers = Map.groupBy(answers, ({ reason }) => reason);
  return meanings(answers).map((one) => ({
    ...one,
    remedy: remedyFor(sufferers.get(one.reason) ?? []) ?? one.remedy,
  }));
}

/** The same as it reads for any workload. */
function meanings(answers: readonly Answer[]): readonly Explained[] {
  const told = answers.flatMap(({ reason, cause }) => [reason, cause]);
  return [...new Set(told.filter((one) => one !== undefined))].map((reason) => {
    const { summary, remedy }: Entry = reasons[reason];
    return { reason, summary, remedy };
  });
}

/** Written for the first of them; the others are named, where it would read otherwise for them. */
function remedyFor([first, ...others]: readonly Answer[]): string | undefined {
  const remedy = first?.remedy;
  const unlike = others.filter((one) => one.remedy !== remedy);
  if (remedy === undefined || unlike.length === 0) return remedy;
  const named = unlike
    .slice(0, mostNamed)
    .map(({ kind, namespace, name }) => `${kind.toLowerCase()}/${name} -n ${namespace}`);
  const rest = unlike.length - named.length;
  const more = rest === 0 ? '' : ` and ${rest} more`;
  return `${remedy} The same goes for ${named.join(', ')}${more}.`;
}

const mostNamed = 5;

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

export function structured(
  form: 'json' | 'yaml',
  answers: readonly Answer[],
  unread: readonly object[] = [],
): string {
  const said = { workloads: answers, reasons: meanings(answers), totals: totalsOf(answers) };
  const document: unknown = JSON.parse(
    JSON.stringify(unread.length === 0 ? said : { ...said, unread }),
  );
  return form === 'json'
    ? `${JSON.stringify(document, null, 2)}\n`
    : stringify(document, { lineWidth: 0 });
}
