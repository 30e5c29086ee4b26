import type { Row } from '../../wire.ts';
import type { Store } from '../model/store.ts';
import { ago } from '../model/times.ts';
import { arrange, element, found, keyed, mark, write } from './elements.ts';

const most = 12;

/** The restarts that have begun and of which nobody knows yet how they end. */
export function createRestarts(open: (key: string) => void): (store: Store) => void {
  let store: Store | undefined;
  const make = (key: string) => {
    const name = element('button', { type: 'button', class: 'name' });
    name.addEventListener('click', () => open(key));
    return element(
      'li',
      {},
      name,
      element('span', { class: 'amount' }),
      element('progress', { max: '1', value: '0' }),
    );
  };
  const entries = keyed<Row, HTMLElement>(make, (entry, { namespace, name, restart }) => {
    const [button, amount, bar] = entry.children;
    if (!button || !amount || !(bar instanceof HTMLProgressElement) || !restart || !store) return;
    const { updated, desired, at } = restart;
    const told = `${Math.min(updated, desired)} of ${desired} pods`;
    write(button, `${namespace}/${name}`);
    write(amount, `${told}, ${ago(at, store.clock.now())}`);
    mark(bar, 'aria-label', `Restart of ${namespace}/${name}: ${told}`);
    bar.max = Math.max(1, desired);
    bar.value = Math.min(updated, desired);
  });
  return (now) => {
    store = now;
    const under = [...now.rows.values()]
      .filter(({ restart }) => restart?.state === 'underWay')
      .toSorted((one, other) => (other.restart?.at ?? 0) - (one.restart?.at ?? 0));
    arrange(found('restarts'), entries(under.slice(0, most).map((row) => [row.key, row])));
    found('restarts-none').hidden = under.length > 0;
    const more = under.length > most ? ` (${under.length})` : '';
    write(found('restarts-title'), `Restarts under way${more}`);
  };
}
