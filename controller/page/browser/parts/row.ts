import type { Row } from '../../wire.ts';
import { addressOf, nothingSaid } from '../model/filter.ts';
import type { Store } from '../model/store.ts';
import { ahead, lasting } from '../model/times.ts';
import { totalsOf } from '../model/totals.ts';
import { verdictWords } from '../model/words.ts';
import { createBar, fillBar } from './bar.ts';
import { element, mark, write } from './elements.ts';

/** One line of the table, made once and then brought up to date. */
export interface Line {
  readonly element: HTMLTableRowElement;
  readonly link: HTMLAnchorElement;
  readonly show: (row: Row, position: number) => void;
}

type Means = Pick<Store, 'clock' | 'summaryOf'>;

export function createLine({ clock, summaryOf }: Means): Line {
  const link = element('a');
  const place = element('small');
  const badge = element('span', { class: 'badge' });
  const why = element('span');
  const cause = element('small');
  const amount = element('span', { class: 'amount' });
  const bar = createBar();
  const since = element('span');
  const next = element('small');
  const made = element(
    'tr',
    {},
    element('th', { scope: 'row' }, link, place),
    element('td', {}, badge),
    element('td', { class: 'why' }, why, cause),
    element('td', { class: 'pods' }, amount, bar),
    element('td', { class: 'since' }, since, next),
  );
  let shown: Row | undefined;
  return {
    element: made,
    link,
    show: (row, position) => {
      mark(made, 'aria-rowindex', String(position + 2));
      mark(made, 'data-key', row.key);
      write(since, row.since === undefined ? '' : lasting(clock.now() - row.since));
      write(next, nextOf(row, clock.now()));
      if (shown === row) return;
      shown = row;
      link.href = addressOf({ ...nothingSaid, open: row.key });
      write(link, row.name);
      write(place, `${row.kind} in ${row.namespace}`);
      mark(badge, 'data-verdict', row.verdict);
      write(badge, verdictWords[row.verdict]);
      write(why, summaryOf(row.reason));
      write(cause, row.cause === undefined ? '' : summaryOf(row.cause));
      const totals = totalsOf([row.pods]);
      write(amount, totals.wanted === 0 ? '–' : `${totals.covered}/${totals.wanted}`);
      fillBar(bar, totals);
    },
  };
}

function nextOf({ until, restart }: Row, now: number): string {
  if (restart?.state === 'underWay') return 'restarting';
  return until === undefined ? '' : `again ${ahead(until, now)}`;
}
