import { states, type State } from '../../wire.ts';
import type { Totals } from '../model/totals.ts';
import { number, stateWords } from '../model/words.ts';
import { arrange, element, mark } from './elements.ts';

/** Pods by state as one stacked bar, which is told in words to whoever does not see it. */
export const createBar = (): HTMLElement => element('span', { class: 'bar', role: 'img' });

export function fillBar(bar: HTMLElement, { counts }: Pick<Totals, 'counts'>): void {
  const told = tell(counts);
  if (bar.getAttribute('aria-label') === told) return;
  mark(bar, 'aria-label', told);
  const parts = states
    .filter((state) => counts[state] > 0)
    .map((state) => {
      const name = `of-${state}`;
      const part = bar.querySelector<HTMLElement>(`.${name}`) ?? element('i', { class: name });
      part.style.flexGrow = String(counts[state]);
      return part;
    });
  arrange(bar, parts);
}

const tell = (counts: Readonly<Record<State, number>>): string =>
  states
    .filter((state) => counts[state] > 0)
    .map((state) => `${number(counts[state])} ${stateWords[state]}`)
    .join(', ') || 'no pods';
