import { stringify } from 'yaml';
import type { Account, Choice, Gift, PodAccount, Seen } from '../../domain/diagnose/explain.ts';
import { isTrouble, type Finding } from '../../domain/diagnose/finding.ts';
import { columns, type Paint, type Row } from '../look/table.ts';
import type { Diagnosis } from './doctor.ts';

type Diagnosed = Extract<Diagnosis, { kind: 'diagnosed' }>;

/** What is wrong and what to do, for people. */
export function textOf({ findings, account, workloads }: Diagnosed, paint: Paint): string {
  const parts = [
    ...(account === undefined ? [] : [accountText(account, paint)]),
    ...grouped(findings).map((group) => findingText(group, paint)),
    conclusion(findings, account === undefined ? `${count(workloads, 'workload')} examined` : ''),
  ];
  return parts.join('\n');
}

/** The same for programs. */
export function structured(form: 'json' | 'yaml', { findings, account }: Diagnosed): string {
  const troubles = findings.filter(isTrouble).length;
  const document: unknown = JSON.parse(JSON.stringify({ findings, account, troubles }));
  return form === 'json'
    ? `${JSON.stringify(document, null, 2)}\n`
    : stringify(document, { lineWidth: 0 });
}

const count = (number: number, thing: string) => `${number} ${thing}${number === 1 ? '' : 's'}`;

function conclusion(findings: readonly Finding[], examined: string): string {
  const troubles = findings.filter(isTrouble).length;
  const rest = examined === '' ? '' : ` (${examined})`;
  if (troubles > 0) return `${count(troubles, 'finding')}${rest}.\n`;
  return `Nothing is wrong${rest}.\n`;
}

/** What many suffer from alike is told once. */
const grouped = (findings: readonly Finding[]): readonly (readonly Finding[])[] => [
  ...Map.groupBy(findings, (one) => JSON.stringify([one.check, generalRemedy(one)])).values(),
];

/** The remedy as it reads for any workload. */
function generalRemedy({ about, remedy }: Finding): string | undefined {
  const [kind = '', namespace = '', name] = about.split('/');
  if (name === undefined) return remedy;
  return remedy
    ?.replaceAll(`${kind.toLowerCase()}/${name}`, '<kind>/<name>')
    .replaceAll(`-n ${namespace}`, '-n <namespace>');
}

const looks = { error: 'red', warning: 'yellow', note: 'dim' } as const;

const mostShown = 10;

function findingText(group: readonly Finding[], paint: Paint): string {
  const [first] = group;
  if (first === undefined) return '';
  const { check, level, sentence, docs } = first;
  const isAlike = group.every(({ remedy }) => remedy === first.remedy);
  const remedy = isAlike ? first.remedy : `${first.remedy} The same goes for the others.`;
  const shown = group.slice(0, mostShown).map(({ about, detail }) => {
    return `  - ${about}${detail === undefined ? '' : `: ${detail}`}\n`;
  });
  const more = group.length > mostShown ? `  - and ${group.length - mostShown} more\n` : '';
  const advice = remedy === undefined ? '' : `  ${remedy}\n`;
  const title = paint(looks[level], `${level} ${check}`);
  return `${title}: ${sentence}\n${shown.join('')}${more}${advice}  ${paint('dim', docs)}\n`;
}

function accountText(account: Account, paint: Paint): string {
  const { workload, seen, chosen, gets, refused, pods, verdict, reason, summary, next } = account;
  const because = reason === undefined ? '' : `, ${reason}`;
  return [
    `${paint('bold', workload)}: ${verdict}${because}`,
    ...(summary === undefined ? [] : [`  ${summary}`]),
    `  ${next}`,
    '',
    ...section('What is asked', seen.map(seenRow), 'No annotation asks for anything.', paint),
    ...section('Which Instrumentation', chosen.map(choiceRow), 'None is looked for.', paint),
    ...section('What a new pod gets', gets.map(giftRow), noGift(reason), paint),
    ...refused.map((one) => `  refused: ${one}`),
    ...section('What its pods have', podRows(pods), 'It has no pods.', paint),
  ].join('\n');
}

const noGift = (reason: string | undefined) =>
  reason === 'InstrumentationUnreadable' ? 'That is not known.' : 'Nothing.';

function section(
  title: string,
  rows: readonly Row[],
  otherwise: string,
  paint: Paint,
): readonly string[] {
  const [first, ...rest] = rows;
  if (first === undefined) return [paint('bold', title), `  ${otherwise}`, ''];
  const plain = columns([first, ...rest], (_look, text) => text);
  return [
    paint('bold', title),
    ...plain
      .trimEnd()
      .split('\n')
      .map((line) => `  ${line}`),
    '',
  ];
}

const seenRow = ({ key, value, place, effect }: Seen): Row => [
  place,
  `${key}: ${JSON.stringify(value)}`,
  effect,
];

const choiceRow = ({ language, instrumentation, createdAt, why, others }: Choice): Row => [
  language,
  instrumentation ?? 'none',
  [
    why,
    ...(createdAt === undefined ? [] : [`there since ${time(createdAt)}`]),
    ...(others.length === 0 ? [] : [`not ${others.join(', ')}`]),
  ].join('; '),
];

const giftRow = ({ language, container, endpoint, protocol, variables }: Gift): Row => [
  language,
  `in ${container}`,
  `to ${endpoint ?? 'nowhere'}${protocol === undefined ? '' : ` by ${protocol}`}`,
  variables.filter((name) => !name.startsWith('OTEL_')).join(', '),
];

function podRows(pods: readonly PodAccount[]): readonly Row[] {
  const rows = pods
    .slice(0, mostShown)
    .map(({ name, createdAt, phase, isReady, state }): Row => [
      name,
      state ?? 'asks for nothing',
      `made ${time(createdAt)}`,
      isReady ? 'ready' : `not ready (${phase})`,
    ]);
  return pods.length > mostShown ? [...rows, [`and ${pods.length - mostShown} more`]] : rows;
}

const time = (seconds: number) => `${new Date(seconds * 1_000).toISOString().slice(0, 19)}Z`;
