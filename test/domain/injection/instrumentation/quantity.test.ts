import test from 'ava';
import { quantity } from '../../../../domain/injection/instrumentation/quantity.ts';

const amounts = test.macro((t, rows: readonly (readonly [unknown, number])[]) => {
  for (const [text, expected] of rows) {
    const found = quantity(text) ?? Number.NaN;
    t.true(Math.abs(found - expected) <= expected * 1e-12, `${JSON.stringify(text)}: ${found}`);
  }
});

test('a bare number is its own amount', amounts, [
  ['0', 0],
  ['1', 1],
  ['1.5', 1.5],
  ['.5', 0.5],
  ['5.', 5],
  ['+3', 3],
  [0, 0],
  [2.5, 2.5],
  [1e21, 1e21],
]);

test('suffixes of ten', amounts, [
  ['1n', 1e-9],
  ['1u', 1e-6],
  ['50m', 0.05],
  ['2k', 2e3],
  ['2M', 2e6],
  ['2G', 2e9],
  ['2T', 2e12],
  ['2P', 2e15],
  ['2E', 2e18],
]);

test('suffixes of two', amounts, [
  ['1Ki', 2 ** 10],
  ['256Mi', 2 ** 28],
  ['0.5Gi', 2 ** 29],
  ['1Ti', 2 ** 40],
  ['1Pi', 2 ** 50],
  ['1Ei', 2 ** 60],
]);

test('exponents, in either case', amounts, [
  ['1e3', 1e3],
  ['1E3', 1e3],
  ['1.5e-3', 0.0015],
  ['1e+3', 1e3],
  ['0e999', 0],
]);

test('amounts below nothing are read, for somebody must refuse them', (t) => {
  t.is(quantity('-1'), -1);
  t.is(quantity(-0.5), -0.5);
});

test('equal amounts are equal, however they are written', (t) => {
  t.is(quantity('0.5'), quantity('500m'));
  t.is(quantity('1Gi'), quantity('1024Mi'));
  t.is(quantity('1000M'), quantity('1G'));
});

const none = test.macro((t, values: readonly unknown[]) => {
  for (const value of values) t.is(quantity(value), undefined, JSON.stringify(value)?.slice(0, 80));
});

test('no quantity: text that is none', none, [
  '',
  ' ',
  'a lot',
  '1 Gi',
  '1gi',
  '1K',
  '1mi',
  '1Gib',
]);
test('no quantity: half of a number', none, ['.', '-', '+', 'Gi', '1..2', '1e', '--1', '1e1.5']);
test('no quantity: numbers as other languages write them', none, ['0x10', '1_000', '1,5', 'NaN']);
test('no quantity: what is neither text nor number', none, [
  null,
  undefined,
  true,
  {},
  [1],
  Number.NaN,
  Infinity,
]);
test('no quantity: a line more', none, ['1\n', '\n1', '1Gi\n1Gi']);
test('no quantity: a megabyte of digits, at once', none, [
  '9'.repeat(1_000_000),
  '1e' + '9'.repeat(50),
]);
