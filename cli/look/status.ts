import { explained, hasAsked, totalsOf, type Answer } from './answer.ts';
import { columns, type Paint, type Row } from './table.ts';

/** Who has the agents they asked for, who has not, and why. */
export function statusText(answers: readonly Answer[], isWide: boolean, paint: Paint): string {
  const shown = isWide ? answers : answers.filter(hasAsked);
  if (shown.length === 0) return 'No workload asks for an agent.\n';
  const parts = [
    columns([isWide ? [...title, ...more] : title, ...shown.map(isWide ? wideRow : row)], paint),
    ...(isWide ? [columns([places, ...byNamespace(shown)], paint)] : []),
    ...explained(shown.filter(needsWords)).map((one) => explanation(one, paint)),
    summary(shown),
  ];
  return parts.join('\n');
}

const title: Row = ['WORKLOAD', 'VERDICT', 'REASON', 'COVERAGE'];
const more: Row = ['CAUSE', 'SINCE', 'UNTIL', 'INSTRUMENTATION'];

const row = ({ workload, verdict, reason, covered, pods }: Answer): Row => [
  workload,
  verdict,
  reason ?? '',
  `${covered}/${pods}`,
];

const wideRow = (answer: Answer): Row => [
  ...row(answer),
  answer.cause ?? '',
  answer.since ?? '',
  answer.until ?? '',
  answer.instrumentations.join(', '),
];

const places: Row = ['NAMESPACE', 'WORKLOADS', 'PODS', 'WITH AGENT'];

function byNamespace(answers: readonly Answer[]): readonly Row[] {
  return [...Map.groupBy(answers.filter(hasAsked), ({ namespace }) => namespace)].map(
    ([namespace, of]) => {
      const { workloads, pods, covered } = totalsOf(of);
      return [namespace, `${workloads}`, `${pods}`, `${covered}`];
    },
  );
}

/** That somebody asks for nothing explains itself. */
export const needsWords = (answer: Answer): boolean =>
  hasAsked(answer) && answer.verdict !== 'current';

export function explanation(
  { reason, summary: sentence, remedy }: ReturnType<typeof explained>[number],
  paint: Paint,
): string {
  const advice = remedy === undefined ? '' : `  ${remedy}\n`;
  return `${paint('bold', reason)}: ${sentence}\n${advice}`;
}

function summary(answers: readonly Answer[]): string {
  const { workloads, pods, covered } = totalsOf(answers.filter(hasAsked));
  const kinds = Map.groupBy(answers.filter(hasAsked), ({ verdict }) => verdict);
  const counts = [...kinds].map(([verdict, of]) => `${of.length} ${verdict}`);
  const asking = workloads === 1 ? '1 workload asks' : `${workloads} workloads ask`;
  return `${asking} for agents (${counts.join(', ')}): ${covered} of ${pods} pods have theirs.\n`;
}
