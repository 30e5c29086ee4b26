import type { Delta, Head, Overview, Row } from '../../wire.ts';
import { createClock, type Clock } from './times.ts';

/** What the server has told us, as it stands now. */
export interface Store {
  readonly rows: ReadonlyMap<string, Row>;
  readonly head: Head;
  readonly clock: Clock;
  readonly summaryOf: (reason: string | undefined) => string;
  readonly replace: (overview: Overview) => void;
  /** Gives the rows that are others than before. */
  readonly change: (delta: Delta) => readonly Change[];
}

export interface Change {
  readonly before: Row | undefined;
  readonly now: Row;
}

export function createStore(): Store {
  const rows = new Map<string, Row>();
  const clock = createClock();
  let head: Head = { role: 'starting', isWebhookProven: true, breakers: [] };
  let reasons: Overview['reasons'] = {};
  return {
    rows,
    clock,
    get head() {
      return head;
    },
    summaryOf: (reason) => (reason === undefined ? '' : (reasons[reason] ?? reason)),
    replace: (overview) => {
      rows.clear();
      for (const row of overview.rows) rows.set(row.key, row);
      ({ head, reasons } = overview);
      clock.set(overview.now);
    },
    change: (delta) => {
      ({ head } = delta);
      clock.set(delta.now);
      for (const key of delta.gone) rows.delete(key);
      return delta.rows.map((now) => {
        const before = rows.get(now.key);
        rows.set(now.key, now);
        return { before, now };
      });
    },
  };
}
