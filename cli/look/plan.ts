import { explained, type Answer } from './answer.ts';
import { explanation, needsWords } from './status.ts';
import { columns, type Paint, type Row } from './table.ts';

/** What would be restarted, in what order, and what is held back and why. */
export function planText(answers: readonly Answer[], paint: Paint): string {
  const next = answers
    .filter((answer) => answer.next !== undefined)
    .toSorted((one, other) => (one.next ?? 0) - (other.next ?? 0));
  const later = answers.filter(({ verdict }) => verdict === 'waiting');
  const never = answers.filter(({ verdict }) => left.has(verdict));
  const told = [...next, ...later, ...never];
  if (told.length === 0) return 'Nothing is to be restarted: every pod has what it asked for.\n';
  const parts = [
    ...section('Restarted now, in this order', next, paint),
    ...section('Waiting', later, paint),
    ...section('Left to people', never, paint),
    ...explained(told.filter(needsWords)).map((one) => explanation(one, paint)),
  ];
  return parts.join('\n');
}

const left: ReadonlySet<Answer['verdict']> = new Set(['held', 'stuck', 'refused']);

const title: Row = ['WORKLOAD', 'REASON', 'COVERAGE', 'UNTIL'];

const section = (name: string, answers: readonly Answer[], paint: Paint): readonly string[] =>
  answers.length === 0
    ? []
    : [`${paint('bold', name)}\n${columns([title, ...answers.map(rowOf)], paint)}`];

const rowOf = ({ workload, reason, covered, pods, until = '' }: Answer): Row => [
  workload,
  reason ?? '',
  `${covered}/${pods}`,
  until,
];
