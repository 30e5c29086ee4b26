import type { Seconds } from '../records/metadata.ts';
import type { Marker } from '../records/template.ts';
import type { Snapshot } from '../snapshot.ts';

/** A restart of ours, by its number at most: a marker that was written after a loss knows no better. */
interface Told {
  readonly number: number;
  readonly at: Seconds;
}

export interface History {
  /** The marker of the latest restart that the cluster tells of, be it still in the template or not. */
  readonly latest: Marker | undefined;
  readonly restarts: readonly Told[];
  readonly lastNumber: number;
}

/**
 * Every restart that the live template and all revisions tell of, and those that we remember though
 * their owner has erased them, newest first, without doubles.
 */
export function historyOf({ workload, revisions, memory }: Source): History {
  const markers: Marker[] = [];
  for (const { marker } of [workload, ...revisions]) if (marker) markers.push(marker);
  if (markers.length === 0 && memory.restarts.length === 0) return nothing;
  const numbers = new Map<Seconds, number>();
  const note = (at: Seconds, number: number) =>
    numbers.set(at, Math.max(numbers.get(at) ?? 1, number));
  for (const { number, times } of markers)
    for (const [index, at] of times.entries()) note(at, number - index);
  for (const { number, at } of memory.restarts) note(at, number);
  const latest = markers.toSorted((one, other) => other.number - one.number)[0];
  const restarts = [...numbers].map(([at, number]) => ({ number, at }));
  return {
    latest,
    restarts: restarts.toSorted((one, other) => other.at - one.at),
    lastNumber: Math.max(latest?.number ?? 0, ...memory.restarts.map(({ number }) => number)),
  };
}

type Source = Pick<Snapshot, 'workload' | 'revisions'> & {
  readonly memory: Pick<Snapshot['memory'], 'restarts'>;
};

const nothing: History = { latest: undefined, restarts: [], lastNumber: 0 };
