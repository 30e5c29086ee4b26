import { states, type State } from '../../wire.ts';
import type { NamespaceTotals, Totals } from '../model/totals.ts';
import { counted, number, percent, stateWords } from '../model/words.ts';
import { createBar, fillBar } from './bar.ts';
import { arrange, element, found, keyed, mark, write } from './elements.ts';

/** How many of all pods that asked have what they asked for. */
export function createCoverage(): (totals: Totals) => void {
  const bar = createBar();
  found('bar').append(bar);
  const entries = keyed<number, HTMLElement>(
    (state) =>
      element(
        'li',
        {},
        element('i', { class: `of-${state}` }),
        element('b'),
        ` ${stateWords[state as State]}`,
      ),
    (entry, count) => {
      const [, amount] = entry.children;
      if (amount) write(amount, number(count));
    },
  );
  return (totals) => {
    const { counts, covered, wanted } = totals;
    fillBar(bar, totals);
    write(found('share'), percent(covered, wanted));
    write(
      found('share-text'),
      wanted === 0
        ? 'No pod asks for an agent'
        : `${number(covered)} of ${counted(wanted, 'pod')} have the agent they asked for`,
    );
    const there = states.filter((state) => counts[state] > 0);
    arrange(found('legend'), entries(there.map((state) => [state, counts[state]])));
  };
}

/** The namespaces, each a switch that shows its workloads alone. */
export function createNamespaces(
  onChoice: (namespace: string) => void,
): (list: readonly NamespaceTotals[], all: Totals, chosen: string) => void {
  const make = (name: string) => {
    const button = element(
      'button',
      { type: 'button' },
      element('span', { class: 'name' }, name === '' ? 'All namespaces' : name),
      element('span', { class: 'amount' }),
      createBar(),
    );
    button.addEventListener('click', () => {
      onChoice(button.getAttribute('aria-pressed') === 'true' ? '' : name);
    });
    return element('li', {}, button);
  };
  const entries = keyed<{ totals: Totals; isChosen: boolean }, HTMLElement>(
    make,
    (entry, { totals, isChosen }) => {
      const [button] = entry.children;
      const [, amount, bar] = button?.children ?? [];
      if (!button || !amount || !(bar instanceof HTMLElement)) return;
      mark(button, 'aria-pressed', String(isChosen));
      write(amount, percent(totals.covered, totals.wanted));
      fillBar(bar, totals);
    },
  );
  return (list, all, chosen) => {
    const items = [{ name: '', ...all }, ...list].map(
      (one) => [one.name, { totals: one, isChosen: one.name === chosen }] as const,
    );
    arrange(found('namespaces'), entries(items));
  };
}
