import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Order } from './tell.ts';

/** What the real controllers were seen to do in a story: the same every time at rest, not always in between. */
export interface Record {
  readonly rests: readonly string[];
  readonly states: readonly string[];
  /** `0>1 1>2`: which state was seen to follow which. */
  readonly steps: string;
}

const file = join(import.meta.dirname, 'orders.json');

export const readRecords = () =>
  JSON.parse(readFileSync(file, 'utf8')) as Readonly<{ [title: string]: Record }>;

export const writeRecords = (records: ReadonlyMap<string, Record>) =>
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(records), undefined, 2)}\n`);

/** One record of what was seen in several tellings of a story. */
export function recordOf(orders: readonly Order[]): Record {
  const states = [...new Set(orders.flatMap((order) => order.states))];
  const steps = orders.flatMap((order) =>
    order.states
      .slice(1)
      .map((state, index) => [states.indexOf(order.states[index] ?? ''), states.indexOf(state)]),
  );
  const told = new Set(steps.toSorted(byBoth).map((step) => step.join('>')));
  return { rests: usualRests(orders), states, steps: [...told].join(' ') };
}

/** On a loaded machine a slow step may be taken for a rest: what was seen most often is right. */
function usualRests(orders: readonly Order[]): readonly string[] {
  const groups = [...Map.groupBy(orders, ({ rests }) => rests.join()).values()];
  const [usual = []] = groups.toSorted((one, other) => other.length - one.length);
  return usual[0]?.rests ?? [];
}

const byBoth = ([a = 0, b = 0]: readonly number[], [c = 0, d = 0]: readonly number[]) =>
  a - c || b - d;

/** States may be passed over, for whoever is slower writes less often; but not more than this many at a time. */
const passedOver = 2;

/**
 * Which of the two reasons comes first is a race among the real controllers, and both say that it goes
 * on. What a status says before a controller has seen the workload is nobody's word.
 */
const undated = (state: string) =>
  state
    .replace('NewReplicaSetCreated', 'ReplicaSetUpdated')
    .replace(/seen (?:never|0); [^;]*/, 'seen never; ');

/** What is in an order that the real controllers do not do: at rest nothing may differ, in between no step. */
export function offences(order: Order, record: Record): readonly string[] {
  const [states, rests, known] = [order.states, order.rests, record.states].map((all) =>
    all.map(undated),
  ) as [string[], string[], string[]];
  const seen = (index: number) => known.indexOf(known[index] ?? '');
  const next = Map.groupBy(
    record.steps.split(' ').map((step) => step.split('>').map((index) => seen(Number(index)))),
    ([from]) => from,
  );
  const within = (from: number, steps: number): readonly number[] =>
    steps === 0
      ? []
      : (next.get(from) ?? []).flatMap(([, to = -1]) => [to, ...within(to, steps - 1)]);
  const found = states.map((state) => known.indexOf(state));
  return [
    ...rests
      .filter((state, index) => state !== undated(record.rests[index] ?? ''))
      .map((state) => `at rest: ${state}`),
    ...record.rests.slice(rests.length).map((state) => `never came to rest at: ${state}`),
    ...states.filter((_, index) => found[index] === -1).map((state) => `never seen: ${state}`),
    ...found.slice(1).flatMap((to, index) => {
      const from = found[index] ?? -1;
      if (from === -1 || to === -1 || from === to) return [];
      if (within(from, passedOver + 1).includes(to)) return [];
      return [`no such step: ${states[index]}\n           to: ${states[index + 1]}`];
    }),
  ];
}
