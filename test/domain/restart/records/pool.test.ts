import test from 'ava';
import { createPool } from '../../../../domain/restart/records/pool.ts';

test('equal values become one', (t) => {
  const share = createPool<{ readonly name: string }>();
  const first = share('a', { name: 'cart' });
  t.is(share('a', { name: 'cart' }), first);
  t.deepEqual(share('a', { name: 'web' }), { name: 'web' });
  t.not(share('b', { name: 'cart' }), first);
});

test('what differs in any member stays what it is', (t) => {
  const share = createPool<object>();
  share('a', { name: 'cart' });
  t.deepEqual(share('a', { name: 'cart', uid: 'u' }), { name: 'cart', uid: 'u' });
  t.deepEqual(share('a', { name: 'cart' }), { name: 'cart' });
  const texts = createPool<string>();
  t.is(texts('a', 'one'), 'one');
  t.is(texts('a', 'two'), 'two');
});

test('a pool has a bound, and what leaves it stays true', (t) => {
  const share = createPool<{ readonly n: number }>(2);
  const first = share('1', { n: 1 });
  share('2', { n: 2 });
  share('3', { n: 3 });
  const again = share('1', { n: 1 });
  t.not(again, first);
  t.deepEqual(again, first);
});
