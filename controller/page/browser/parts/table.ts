import type { Row } from '../../wire.ts';
import type { Filter, Order } from '../model/filter.ts';
import type { Store } from '../model/store.ts';
import { arrange, element, foundAs, mark } from './elements.ts';
import { createLine, type Line } from './row.ts';

/** Of the style sheet: rows are all alike, so that where each of thousands lies is known. */
const rowPx = 56;
/** How far beyond what is in sight rows are drawn, and how much of that has to be left. */
const beyondPx = 420;
const sparePx = 140;

/**
 * Of thousands of rows only those in sight are in the document, and the one that has the focus.
 * What is left out is told by `aria-rowcount` and `aria-rowindex`.
 */
export class Table {
  readonly #store: Store;
  readonly #open: (key: string) => void;
  readonly #table = foundAs('table', HTMLTableElement);
  readonly #body = foundAs('rows', HTMLTableSectionElement);
  readonly #lines = new Map<string, Line>();
  readonly #gaps: HTMLTableRowElement[] = [];
  #rows: readonly Row[] = [];
  #places = new Map<string, number>();
  #drawn = { first: 0, last: 0 };
  #isDue = false;

  constructor(store: Store, open: (key: string) => void) {
    this.#store = store;
    this.#open = open;
    const draw = () => {
      if (!this.#isDrawnAround()) this.draw();
    };
    for (const event of ['scroll', 'resize']) addEventListener(event, draw, { passive: true });
    this.#body.addEventListener('click', (event) => this.#click(event));
    this.#body.addEventListener('keydown', (event) => this.#key(event));
  }

  show(rows: readonly Row[]): void {
    this.#rows = rows;
    this.#places = new Map(rows.map(({ key }, index) => [key, index]));
    mark(this.#table, 'aria-rowcount', String(rows.length + 1));
    this.draw();
  }

  /** Once before the next picture, however often it is asked for. */
  draw(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#draw();
    });
  }

  /** To the row of the panel that has closed, unless whoever closed it is elsewhere by now. */
  focus(key: string): void {
    const place = this.#places.get(key);
    const isElsewhere = document.activeElement?.matches('body, dialog *') === false;
    if (place !== undefined && !isElsewhere) this.#go(place);
  }

  /** The places of the rows in sight, and of those so far beyond. */
  #around(px: number) {
    const top = -this.#body.getBoundingClientRect().top;
    return {
      first: Math.max(0, Math.floor((top - px) / rowPx)),
      last: Math.min(this.#rows.length, Math.ceil((top + window.innerHeight + px) / rowPx)),
    };
  }

  #isDrawnAround(): boolean {
    const { first, last } = this.#around(sparePx);
    return this.#drawn.first <= first && last <= this.#drawn.last;
  }

  #draw(): void {
    this.#drawn = this.#around(beyondPx);
    const { first, last } = this.#drawn;
    const places = new Set<number>();
    for (let place = first; place < last; place += 1) places.add(place);
    const focused = document.activeElement?.closest('tr')?.dataset['key'];
    const kept = focused === undefined ? undefined : this.#places.get(focused);
    if (kept !== undefined) places.add(kept);
    this.#arrange([...places].toSorted((one, other) => one - other));
    const line = focused === undefined ? undefined : this.#lines.get(focused);
    if (line && document.activeElement === document.body) line.link.focus({ preventScroll: true });
  }

  #arrange(places: readonly number[]): void {
    const children: Element[] = [];
    const keys = new Set<string>();
    let reached = 0;
    let gaps = 0;
    const gap = (count: number) => {
      if (count > 0) children.push(this.#gap((gaps += 1), count));
    };
    for (const place of places) {
      const row = this.#rows[place];
      if (row === undefined) continue;
      gap(place - reached);
      reached = place + 1;
      keys.add(row.key);
      children.push(this.#line(row, place).element);
    }
    gap(this.#rows.length - reached);
    for (const key of this.#lines.keys()) if (!keys.has(key)) this.#lines.delete(key);
    arrange(this.#body, children);
  }

  #line(row: Row, place: number): Line {
    const line = this.#lines.get(row.key) ?? createLine(this.#store);
    this.#lines.set(row.key, line);
    line.show(row, place);
    return line;
  }

  #gap(number: number, count: number): HTMLTableRowElement {
    const gap = (this.#gaps[number] ??= element(
      'tr',
      { 'aria-hidden': 'true', class: 'gap' },
      element('td', { colspan: '5' }),
    ));
    gap.style.height = `${count * rowPx}px`;
    return gap;
  }

  #click(event: MouseEvent): void {
    if (event.ctrlKey || event.metaKey || event.shiftKey || !(event.target instanceof Element))
      return;
    const key = event.target.closest('tr')?.dataset['key'];
    if (key === undefined) return;
    event.preventDefault();
    this.#open(key);
  }

  #key(event: KeyboardEvent): void {
    const key = document.activeElement?.closest('tr')?.dataset['key'];
    const place = key === undefined ? undefined : this.#places.get(key);
    const step = steps[event.key];
    if (place === undefined || step === undefined || event.altKey || event.ctrlKey) return;
    event.preventDefault();
    this.#go(Math.max(0, Math.min(this.#rows.length - 1, place + step)));
  }

  #go(place: number): void {
    const row = this.#rows[place];
    if (row === undefined) return;
    if (!this.#lines.has(row.key)) {
      const top = this.#body.getBoundingClientRect().top + window.scrollY + place * rowPx;
      window.scrollTo({ top: top - window.innerHeight / 2 });
      this.#draw();
    }
    this.#lines.get(row.key)?.link.focus();
  }
}

const steps: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 10,
  PageUp: -10,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

/** The heads of the columns order the rows by them; a second time, the other way round. */
export function createOrders(onOrder: (order: Order) => void): (filter: Filter) => void {
  const heads = [...document.querySelectorAll<HTMLElement>('th[data-order]')];
  for (const head of heads) {
    head.querySelector('button')?.addEventListener('click', () => {
      onOrder(head.dataset['order'] as Order);
    });
  }
  return ({ order, isReversed }) => {
    for (const head of heads) {
      const isIt = head.dataset['order'] === order;
      mark(head, 'aria-sort', isIt ? (isReversed ? 'descending' : 'ascending') : undefined);
    }
  };
}
