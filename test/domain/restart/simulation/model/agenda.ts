import type { Seconds } from '../../../../../domain/restart/records/metadata.ts';

/** Modelled time: it leaps from one thing that happens to the next. */
export interface Agenda {
  readonly now: () => Seconds;
  readonly after: (seconds: number, act: () => void) => void;
  /** Runs what happens up to a time, and stops there. */
  readonly runUntil: (end: Seconds) => void;
}

interface Entry {
  readonly at: Seconds;
  readonly turn: number;
  readonly act: () => void;
}

export function createAgenda(start: Seconds): Agenda {
  let now = start;
  let turns = 0;
  const heap: Entry[] = [];
  return {
    now: () => now,
    after: (seconds, act) => {
      push(heap, { at: now + Math.max(0, seconds), turn: turns++, act });
    },
    runUntil: (end) => {
      for (let next = heap[0]; next && next.at <= end; next = heap[0]) {
        pop(heap);
        now = next.at;
        next.act();
      }
      now = end;
    },
  };
}

/** Of two at the same time the one that was noted first. */
const isBefore = (one: Entry, other: Entry) =>
  one.at < other.at || (one.at === other.at && one.turn < other.turn);

function push(heap: Entry[], entry: Entry): void {
  let place = heap.length;
  heap.push(entry);
  while (place > 0) {
    const above = (place - 1) >> 1;
    const parent = heap[above];
    if (!parent || !isBefore(entry, parent)) break;
    heap[place] = parent;
    place = above;
  }
  heap[place] = entry;
}

function pop(heap: Entry[]): void {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  let place = 0;
  for (;;) {
    let below = 2 * place + 1;
    const [left, right] = [heap[below], heap[below + 1]];
    if (left && right && isBefore(right, left)) below += 1;
    const child = heap[below];
    if (!child || !isBefore(child, last)) break;
    heap[place] = child;
    place = below;
  }
  heap[place] = last;
}
