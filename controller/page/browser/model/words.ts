import type { State, VerdictKind } from '../../wire.ts';

export const verdictWords: Readonly<Record<VerdictKind, string>> = {
  stuck: 'Stuck',
  refused: 'Refused',
  behind: 'Behind',
  waiting: 'Waiting',
  held: 'Held',
  current: 'Current',
  exempt: 'Exempt',
};

/** What each verdict means to whoever reads the page. */
export const verdictHelp: Readonly<Record<VerdictKind, string>> = {
  stuck: 'We have tried. A person must look.',
  refused: 'The agent cannot be given, and the reason says why.',
  behind: 'Pods lack their agent. The workload is restarted next.',
  waiting: 'Pods lack their agent. The workload is restarted later.',
  held: 'Pods lack their agent, and restarting is left to people.',
  current: 'Every pod has what it asked for.',
  exempt: 'Nothing was asked for.',
};

export const stateWords: Readonly<Record<State, string>> = {
  current: 'current',
  aged: 'aged',
  adopted: 'adopted',
  outdated: 'outdated',
  missing: 'missing',
  refused: 'refused',
  unwanted: 'unwanted',
};

export const restartWords = {
  underWay: 'under way',
  succeeded: 'succeeded',
  failed: 'failed',
  didNotHelp: 'did not help',
  reverted: 'was undone',
  over: 'is over',
} as const;

const numbers = new Intl.NumberFormat('en');

export const number = (value: number): string => numbers.format(value);

export const counted = (count: number, one: string): string =>
  `${number(count)} ${one}${count === 1 ? '' : 's'}`;

/** Rounded down, so that a hundred means all. */
export const percent = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${Math.floor((part / whole) * 100)} %`;
