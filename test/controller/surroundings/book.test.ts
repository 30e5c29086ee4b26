import test from 'ava';
import { createBook } from '../../../controller/surroundings/book.ts';
import { readLimitRange } from '../../../domain/injection/pod/limit-range.ts';
import { anInstrumentation, theDefaults } from '../../support/build.ts';

const main = anInstrumentation({ exporter: { endpoint: 'http://otel.obs:4318' } });
const inWeb = anInstrumentation({}, { name: 'other', namespace: 'web' });

test('of two processes that were told the same in another order the probe says the same', (t) => {
  const [one, other] = [createBook(theDefaults()), createBook(theDefaults())];
  one.putInstrumentation('shop/main', main);
  one.putInstrumentation('web/other', inWeb);
  other.putInstrumentation('web/other', inWeb);
  other.putInstrumentation('shop/main', main);
  t.is(one.fingerprint(), other.fingerprint());
});

test('the probe tells apart other Instrumentations, other settings and other names', (t) => {
  const book = createBook(theDefaults());
  const seen = new Set([book.fingerprint()]);
  book.putInstrumentation('shop/main', main);
  seen.add(book.fingerprint());
  book.putInstrumentation('shop/main', anInstrumentation({}));
  seen.add(book.fingerprint());
  book.putInstrumentation('shop/main', undefined);
  book.putInstrumentation('shop/renamed', anInstrumentation({}, { name: 'renamed' }));
  seen.add(book.fingerprint());
  seen.add(createBook(theDefaults({ disabled: ['go'] })).fingerprint());
  t.is(seen.size, 5);
});

test('what is forgotten governs no pod any more', (t) => {
  const book = createBook(theDefaults());
  book.putInstrumentation('shop/main', main);
  book.putNamespace('shop', { annotations: { a: 'b' }, labels: {} });
  t.deepEqual(book.worldOf('shop').namespace.annotations, { a: 'b' });
  book.putInstrumentation('shop/main', undefined);
  book.putInstrumentation('shop/never', undefined);
  book.putNamespace('shop', undefined);
  t.is(book.worldOf('shop').instrumentations.in('shop')?.size, 0);
  t.deepEqual(book.worldOf('shop').namespace.annotations, {});
  book.putInstrumentation('shop/main', main);
  book.clear();
  t.is(book.worldOf('shop').instrumentations.in('shop'), undefined);
});

const named = (name: string) => readLimitRange({ metadata: { name } });

test('the limits of a namespace are the same list until one of them changes', (t) => {
  const book = createBook(theDefaults());
  const limits = () => book.worldOf('shop').namespace.limits;
  t.is(limits(), undefined);
  book.putLimitRange('shop/b', named('b'));
  book.putLimitRange('shop/a', named('a'));
  const before = limits();
  t.deepEqual(
    before?.map(({ name }) => name),
    ['a', 'b'],
  );
  book.putLimitRange('ops/a', named('a'));
  book.putNamespace('shop', { annotations: {}, labels: {} });
  t.is(limits(), before);
  book.putLimitRange('shop/a', named('a'));
  t.not(limits(), before);
  t.is(limits()?.length, 2);
  book.putLimitRange('shop/a', undefined);
  book.putLimitRange('shop/b', undefined);
  t.is(limits(), undefined);
});

test('a world that was handed out keeps up with what changes', (t) => {
  const book = createBook(theDefaults());
  const world = book.worldOf('shop');
  book.putInstrumentation('shop/main', main);
  t.is(world.instrumentations.in('shop')?.get('main'), main);
});

test('who runs in another way and decides alike has the same fingerprint', (t) => {
  const other = { ...theDefaults(), role: 'controller', metricsPort: 1 };
  t.is(createBook(other).fingerprint(), createBook(theDefaults()).fingerprint());
});
