import { states, type State } from '../../wire.ts';
import type { Totals } from '../model/totals.ts';
import { number, stateWords } from '../model/words.ts';
import { element, mark } from './elements.ts';

/** Pods by state as one stacked bar, which is told in words to whoever does not see it. */
export function createBar(): HTMLElement {
  const parts = states.map((state) => element('i', { class: `of-${state}` }));
  return element('span', { class: 'bar', role: 'img' }, ...parts);
}

export function fillBar(bar: HTMLElement, { counts }: Pick<Totals, 'counts'>): void {
  const told = tell(counts);
  if (bar.getAttribute('aria-label') === told) return;
  mark(bar, 'aria-label', told);
  for (const [index, state] of states.entries()) {
    const part = bar.children[index];
    if (!(part instanceof HTMLElement)) continue;
    part.style.flexGrow = String(counts[state]);
    part.hidden = counts[state] === 0;
  }
}

const tell = (counts: Readonly<Record<State, number>>): string =>
  states
    .filter((state) => counts[state] > 0)
    .map((state) => `${number(counts[state])} ${stateWords[state]}`)
    .join(', ') || 'no pods';
