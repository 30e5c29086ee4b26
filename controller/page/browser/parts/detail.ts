import type { Detail, PodLine } from '../../wire.ts';
import { ago, ahead, instant, lasting } from '../model/times.ts';
import { counted, restartWords, stateWords } from '../model/words.ts';
import { element, prose } from './elements.ts';

/** Why a workload is as it is, what to do, and its pods. */
export const explain = (detail: Detail, now: number): readonly HTMLElement[] => [
  ...adviceOf(detail),
  factsOf(detail, now),
  ...podsOf(detail, now),
];

function adviceOf({ summary, remedy, cause, row }: Detail): readonly HTMLElement[] {
  const because = cause === undefined ? '' : ` ${cause}`;
  return [
    element('p', { class: 'summary' }, prose(`${summary}${because} `), keyOf(row.reason)),
    ...(remedy === undefined
      ? []
      : [
          element(
            'div',
            { class: 'remedy' },
            element('h3', {}, 'What to do'),
            ...stepsIn(remedy).map((step) => element('p', {}, prose(step))),
          ),
        ]),
  ];
}

const keyOf = (reason: string | undefined) =>
  reason === undefined ? undefined : element('code', { class: 'key' }, reason);

function factsOf({ row, instrumentations, languages }: Detail, now: number): HTMLElement {
  const { since, until, restart } = row;
  const facts: readonly (readonly [term: string, said: string | false])[] = [
    ['Instrumentation', instrumentations.join(', ')],
    ['Agents', languages.join(', ')],
    ['Since', since !== undefined && `${instant(since)}, ${ago(since, now)}`],
    ['Looked at again', until !== undefined && ahead(until, now)],
    [
      'Latest restart',
      restart !== undefined &&
        `number ${restart.number}, ${ago(restart.at, now)}: ${restartWords[restart.state]}, ${restart.updated} of ${counted(restart.desired, 'pod')} new`,
    ],
  ];
  const told = facts.filter(([, said]) => said !== false && said !== '');
  return element(
    'dl',
    {},
    ...told.flatMap(([term, said]) => [
      element('dt', {}, term),
      element('dd', {}, said === false ? '' : said),
    ]),
  );
}

/** Each on a line of its own: a step ends with a stop or semicolon that is no part of a command. */
const stepsIn = (remedy: string): readonly string[] =>
  remedy.split(/(?<=[.;]) (?=(?:[^`]*`[^`]*`)*[^`]*$)/);

function podsOf({ pods, more, remedy }: Detail, now: number): readonly HTMLElement[] {
  if (pods.length === 0) return [element('h3', {}, 'No pod lives')];
  const groups = Map.groupBy(
    pods,
    ({ state = '', summary, remedy: own }) => `${state} ${summary} ${own ?? ''}`,
  );
  const parts = [...groups.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : groupOf([first, ...others], remedy, now),
  );
  return [
    element('h3', {}, 'Pods'),
    ...parts,
    ...(more === 0 ? [] : [element('p', { class: 'none' }, `And ${counted(more, 'more pod')}.`)]),
  ];
}

type Group = readonly [PodLine, ...PodLine[]];

/** Pods that are as they are for the same reason are told of once, and what stands above is not told again. */
function groupOf(group: Group, above: string | undefined, now: number): HTMLElement {
  const [{ state, summary, reason, remedy }] = group;
  const way = remedy === above ? 'What to do stands above.' : remedy;
  return element(
    'section',
    { class: 'group' },
    element(
      'h4',
      {},
      element('i', { class: `of-${state ?? 'none'}` }),
      `${group.length} ${state === undefined ? 'without' : stateWords[state]}`,
    ),
    element('p', {}, prose(`${summary} `), keyOf(reason)),
    ...(way === undefined || remedy === undefined ? [] : [element('p', {}, prose(way))]),
    element(
      'table',
      {},
      element('thead', {}, element('tr', {}, ...columns.map(headOf))),
      element('tbody', {}, ...group.map((pod) => podRow(pod, now))),
    ),
  );
}

const columns = ['Pod', 'Phase', 'Ready', 'Restarts', 'Age'] as const;

const headOf = (word: string) => element('th', { scope: 'col' }, word);

function podRow({ name, phase, isReady, restarts, createdAt }: PodLine, now: number) {
  const down = isReady ? {} : { class: 'isDown' };
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, name),
    element('td', down, phase),
    element('td', down, isReady ? 'yes' : 'no'),
    element('td', {}, String(restarts)),
    element('td', {}, lasting(now - createdAt)),
  );
}
