import { states, type Counts, type Row, type State, type VerdictKind } from '../../wire.ts';

export interface Totals {
  readonly counts: Readonly<Record<State, number>>;
  /** Pods that ask for an agent. */
  readonly wanted: number;
  /** Those of them that have it. */
  readonly covered: number;
}

const none = () => ({
  current: 0,
  aged: 0,
  adopted: 0,
  outdated: 0,
  missing: 0,
  refused: 0,
  unwanted: 0,
});

export function totalsOf(list: Iterable<Counts>): Totals {
  const counts: Record<State, number> = none();
  for (const one of list) for (const state of states) counts[state] += one[state] ?? 0;
  const all = states.reduce((sum, state) => sum + counts[state], 0);
  return { counts, wanted: all - counts.unwanted, covered: counts.current + counts.aged };
}

export interface NamespaceTotals extends Totals {
  readonly name: string;
}

/** The least covered first; those in which nobody asks for anything are left out. */
export function namespacesIn(rows: Iterable<Row>): readonly NamespaceTotals[] {
  const groups = Map.groupBy(rows, ({ namespace }) => namespace);
  return [...groups]
    .map(([name, group]) => ({ name, ...totalsOf(group.map(({ pods }) => pods)) }))
    .filter(({ wanted }) => wanted > 0)
    .toSorted(
      (one, other) =>
        one.covered / one.wanted - other.covered / other.wanted || compare(one.name, other.name),
    );
}

export function verdictsIn(rows: Iterable<Row>): ReadonlyMap<VerdictKind, number> {
  const counts = new Map<VerdictKind, number>();
  for (const { verdict } of rows) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return counts;
}

export const compare = (one: string, other: string): number =>
  one < other ? -1 : Number(one > other);
