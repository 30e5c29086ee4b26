import test from 'ava';
import { Cache } from '../../../controller/kube/cache.ts';
import { isOlder } from '../../../controller/kube/resource.ts';
import { seededDice } from '../../support/faults/settle.ts';

interface Pod {
  readonly owner: string;
  readonly uses: readonly string[];
}

const indexes = {
  owner: ({ owner }: Pod) => [owner],
  uses: ({ uses }: Pod) => uses,
};

const at = (key: string, version: number, uid = 'u') => ({ key, uid, version: String(version) });

test('records are found by what an index says of them, and not after that has changed', (t) => {
  const cache = new Cache<Pod>(indexes, () => undefined);
  cache.store(at('a', 1), { owner: 'x', uses: ['p', 'q'] });
  cache.store(at('b', 2), { owner: 'x', uses: [] });
  t.is(cache.byIndex('owner', 'x').length, 2);
  t.is(cache.byIndex('uses', 'q').length, 1);
  cache.store(at('a', 3), { owner: 'y', uses: ['q'] });
  t.is(cache.byIndex('owner', 'x').length, 1);
  t.is(cache.byIndex('uses', 'p').length, 0);
  t.is(cache.byIndex('uses', 'q').length, 1);
  cache.remove(at('a', 4));
  t.is(cache.byIndex('owner', 'y').length, 0);
  t.deepEqual(cache.byIndex('none', 'y'), []);
});

test('indexes agree with a search through everything, after any number of changes', (t) => {
  const seed = 20_261_121;
  t.log(`seed ${seed}`);
  const dice = seededDice(seed);
  const pick = (n: number) => Math.floor(dice() * n);
  const cache = new Cache<Pod>(indexes, () => undefined);
  for (let version = 1; version <= 5_000; version += 1) {
    const key = `k${pick(100)}`;
    const uid = `u${pick(3)}`;
    if (dice() < 0.3) cache.remove(at(key, version, uid));
    else
      cache.store(at(key, version, uid), {
        owner: `o${pick(10)}`,
        uses: [`p${pick(5)}`, `p${pick(5)}`],
      });
  }
  const all = [...cache.values()];
  t.true(all.length > 50);
  const sameRecords = (some: readonly Pod[], others: readonly Pod[]) => {
    t.is(some.length, others.length);
    t.true(others.every((pod) => some.includes(pod)));
  };
  for (let n = 0; n < 10; n += 1) {
    const owned = cache.byIndex('owner', `o${n}`);
    sameRecords(
      owned,
      all.filter(({ owner }) => owner === `o${n}`),
    );
    const using = cache.byIndex('uses', `p${n}`);
    sameRecords(
      using,
      all.filter(({ uses }) => uses.includes(`p${n}`)),
    );
  }
});

test('a listener sees the new state in the cache, and is told the old one', (t) => {
  const seen: unknown[] = [];
  const cache = new Cache<number>({}, (key, now, before) =>
    seen.push([key, now, before, cache.get(key)]),
  );
  cache.store(at('a', 1), 10);
  cache.store(at('a', 2), 20);
  cache.remove(at('a', 3));
  t.deepEqual(seen, [
    ['a', 10, undefined, 10],
    ['a', 20, 10, 20],
    ['a', undefined, 20, undefined],
  ]);
});

test('a pass removes what it did not find, and only when it is complete and not of the past', (t) => {
  const cache = new Cache<number>({}, () => undefined);
  cache.store(at('a', 1), 1);
  cache.store(at('b', 9), 1);
  cache.begin();
  cache.find(at('a', 1), 1);
  t.is(cache.size, 2);
  t.false(cache.finish('8'));
  t.is(cache.size, 2);
  t.true(cache.finish('9'));
  t.deepEqual([...cache.keys()], ['a']);
});

test('what a pass finds that may be gone is shown at its end, or, if it is of the past, never', (t) => {
  const cache = new Cache<number>({}, () => undefined);
  cache.store(at('a', 5), 1);
  cache.remove(at('a', 7));
  cache.begin();
  cache.find(at('a', 5), 1);
  t.is(cache.size, 0);
  t.false(cache.finish('6'));
  cache.begin();
  cache.find(at('b', 6), 1);
  t.is(cache.size, 0);
  t.true(cache.finish('8'));
  t.deepEqual([...cache.keys()], ['b']);
});

test('a deletion of a former object of that name does not take the present one', (t) => {
  const cache = new Cache<number>({}, () => undefined);
  cache.store(at('a', 5, 'new'), 1);
  cache.remove(at('a', 4, 'old'));
  t.is(cache.size, 1);
});

test('versions are compared as numbers of any length, and where they are none nothing is claimed', (t) => {
  t.true(isOlder('9', '10'));
  t.false(isOlder('10', '9'));
  t.false(isOlder('10', '10'));
  t.true(isOlder('9007199254740993', '9007199254740994'));
  t.true(isOlder('99999999999999999999', '100000000000000000000'));
  t.false(isOlder('abc', '10'));
  t.false(isOlder('10', 'abc'));
  t.false(isOlder('', '10'));
  t.false(isOlder('007', '10'));
});
