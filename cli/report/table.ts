import type { Given } from '../../domain/injection/inject.ts';
import type { Reason } from '../../domain/reasons.ts';
import type { Problem } from '../manifest/model.ts';
import {
  entryOf,
  lineOf,
  nameOf,
  notesOf,
  outcomeOf,
  refusalsOf,
  totalsOf,
  type Report,
  type Result,
} from './report.ts';

/** Gives text a look, or leaves it as it is where nobody would see it. */
export type Paint = (look: 'bold' | 'dim' | 'green' | 'red' | 'yellow', text: string) => string;

/** The report for people: one row per outcome, and below them what each reason means. */
export function tableOf(report: Report, paint: Paint): string {
  const rows = report.results.flatMap(rowsOf);
  const parts = [
    ...(rows.length === 0 ? [] : [aligned(rows, paint)]),
    ...explanations(report, paint),
    ...report.hints.map((hint) => problemText(hint, paint)),
    `${summary(report)}\n`,
  ];
  return parts.join('\n');
}

type Row = readonly string[];

const header: Row = ['WORKLOAD', 'LANGUAGES', 'INSTRUMENTATION', 'OUTCOME', 'REASON'];

function rowsOf(result: Result): readonly Row[] {
  const name = nameOf(result.workload);
  if (result.kind === 'elsewhere') {
    return [[name, '', '', 'untouched', `its pods are those of ${result.reference}`]];
  }
  const { admission } = result;
  if (admission.kind === 'untouched') return [[name, '', '', 'untouched', admission.reason]];
  const given = admission.kind === 'injected' ? admission.given : [];
  const noted = (one: Given) =>
    notesOf(result)
      .filter(({ language }) => language === one.language)
      .map(({ reason }) => reason);
  return [
    ...grouped(given, (one) => [one.instrumentation, 'injected', list(noted(one))]),
    ...grouped(admission.refusals, ({ reason }) => ['', 'refused', reason]),
  ].map((row) => [name, ...row]);
}

/** Languages that fared alike share a row. */
function grouped<T extends { readonly language: string }>(
  fates: readonly T[],
  cells: (fate: T) => Row,
): readonly Row[] {
  const languages = new Map<string, string[]>();
  for (const fate of fates) {
    const key = JSON.stringify(cells(fate));
    languages.set(key, [...(languages.get(key) ?? []), fate.language]);
  }
  return [...languages].map(([key, found]) => [list(found), ...(JSON.parse(key) as string[])]);
}

const list = (words: readonly string[]) => [...new Set(words)].join(', ');

function aligned(rows: readonly Row[], paint: Paint): string {
  const all = [header, ...rows];
  const widths = header.map((_title, column) =>
    Math.max(...all.map((row) => row[column]?.length ?? 0)),
  );
  const lines = all.map((row, index) => {
    const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    const look = looks[row[3] ?? ''];
    const shown = cells.map((cell, column) =>
      column === 3 && look !== undefined ? paint(look, cell) : cell,
    );
    const line = shown.join('  ').trimEnd();
    return index === 0 ? paint('bold', line) : line;
  });
  return lines.join('\n') + '\n';
}

const looks: Readonly<Record<string, 'green' | 'red' | 'dim' | undefined>> = {
  injected: 'green',
  refused: 'red',
  untouched: 'dim',
};

/** Each reason once, with everyone it is about. */
function explanations({ results, known }: Report, paint: Paint): readonly string[] {
  const found = results.flatMap((result) =>
    [...refusalsOf(result), ...notesOf(result)].map((about) => ({ about, result })),
  );
  const reasons = [...new Set(found.map(({ about }) => about.reason))];
  return reasons.map((reason) => {
    const { outcome, summary: sentence, remedy } = entryOf(reason);
    const title = paint(outcome === 'refused' ? 'red' : 'yellow', `${reason} (${outcome})`);
    const lines = [
      `${title}: ${sentence}`,
      ...(remedy === undefined ? [] : [`  ${remedy}`]),
      ...(asksForOne.has(reason) ? [`  ${knownText(known)}`] : []),
      ...found
        .filter(({ about }) => about.reason === reason)
        .map(({ about, result }) => `  - ${whoText(about, result)}`),
    ];
    return lines.join('\n') + '\n';
  });
}

const asksForOne: ReadonlySet<Reason> = new Set<Reason>([
  'NoInstrumentation',
  'SeveralInstrumentationsSelect',
  'InstrumentationNotFound',
]);

function knownText(known: readonly string[]): string {
  if (known.length === 0) {
    return 'The input holds none; --instrumentation tells of those that live in the cluster.';
  }
  const more = known.length > 10 ? `, and ${known.length - 10} more` : '';
  return `Known here: ${known.slice(0, 10).join(', ')}${more}.`;
}

interface About {
  readonly language: string;
  readonly container?: string;
  readonly detail?: string;
}

function whoText({ language, container, detail }: About, { workload }: Result): string {
  const place = container === undefined ? '' : ` in container ${container}`;
  const what = detail === undefined ? '' : `: ${detail}`;
  const where = `${workload.item.file.path}:${lineOf(workload)}`;
  return `${nameOf(workload)} (${where}), ${language}${place}${what}`;
}

/** A problem or a hint: where, what, and what to do. */
export function problemText(problem: Problem, paint: Paint): string {
  const { file, line, column, path, sentence, remedy } = problem;
  const where = [file, line, column].filter((part) => part !== undefined).join(':');
  const about = path === undefined || path === '' ? '' : `${path}: `;
  const advice = remedy === undefined ? '' : `  ${remedy}\n`;
  return `${paint('bold', `${where}:`)} ${about}${sentence}\n${advice}`;
}

function summary(report: Report): string {
  if (report.results.length === 0) return 'No workload was found.';
  const { injected, refused, untouched } = totalsOf(report);
  const partly = report.results.filter(
    (result) => outcomeOf(result) === 'injected' && refusalsOf(result).length > 0,
  ).length;
  const inPart = partly === 0 ? '' : ` (${partly} in part)`;
  return `${injected} injected${inPart}, ${refused} refused, ${untouched} untouched.`;
}
