import test from 'ava';
import {
  canonical,
  digest,
  readMark,
  writeDeclined,
  writeInjected,
} from '../../../domain/injection/stamp.ts';
import type { Json } from '../../../domain/json.ts';
import { chosenSeed, diceOf, type Dice } from '../../support/dice.ts';

const stamp = { asked: '0123456789abcdef', defaults: 'fedcba9876543210' };

test('keys are written in order, at every depth', (t) => {
  t.is(
    canonical({ b: 1, a: { d: [], c: null }, 10: true, 9: false }),
    '{"10":true,"9":false,"a":{"c":null,"d":[]},"b":1}',
  );
});

test('the order of a list is kept', (t) => {
  t.is(canonical([2, 1, [{ b: 'x', a: 'y' }]]), '[2,1,[{"a":"y","b":"x"}]]');
});

test('canonical text is JSON of the same content', (t) => {
  const values: Json[] = [null, 0, -1.5, '', 'a"b\\c\u0001', '\ud800', [], {}, { '': ['é', true] }];
  for (const value of values) t.deepEqual(JSON.parse(canonical(value)), value);
});

test('a key called like a part of a prototype counts like any other', (t) => {
  const one = JSON.parse('{"__proto__": {"a": 1}}') as Json;
  t.is(canonical(one), '{"__proto__":{"a":1}}');
  t.not(digest(one), digest({}));
});

function shuffled(value: Json, dice: Dice): Json {
  if (Array.isArray(value)) return value.map((item) => shuffled(item as Json, dice));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, child]) => ({
    key,
    child,
    at: dice.roll(1000),
  }));
  return Object.fromEntries(
    entries
      .toSorted((one, other) => one.at - other.at)
      .map(({ key, child }) => [key, shuffled(child, dice)]),
  );
}

test('equal content has an equal digest, however it was written down', (t) => {
  const seed = chosenSeed();
  t.log(`seed ${seed}`);
  const dice = diceOf(seed);
  const value: Json = {
    exporter: { endpoint: 'http://collector:4318', tls: { secretName: 'x', ca_file: 'y' } },
    env: [
      { name: 'A', value: 'b' },
      { value: 'd', name: 'C' },
    ],
    sampler: { type: 'always_on', argument: null },
  };
  const expected = digest(value);
  for (let round = 0; round < 50; round++) t.is(digest(shuffled(value, dice)), expected);
});

test('different content has a different digest', (t) => {
  const values: Json[] = [null, {}, [], '', 0, '0', false, [null], [[]], { a: null }, { a: '' }];
  values.push(['a', 'b'], ['b', 'a'], ['a,b'], { a: { b: 'c' } }, { a: 'b', c: 'd' });
  t.is(new Set(values.map(digest)).size, values.length);
});

test('a digest has 16 hexadecimal digits of SHA-256', (t) => {
  t.is(digest({}), '44136fa355b3678a');
});

test('the mark of an injected pod is read as it was written', (t) => {
  t.is(writeInjected(stamp), 'v1.0123456789abcdef.fedcba9876543210');
  t.deepEqual(readMark(writeInjected(stamp)), stamp);
});

test('the mark of a declined pod carries its reason', (t) => {
  t.is(writeDeclined(stamp, 'NameTaken'), 'v1.0123456789abcdef.fedcba9876543210.NameTaken');
  t.deepEqual(readMark(writeDeclined(stamp, 'NameTaken')), { ...stamp, reason: 'NameTaken' });
});

test('a reason that another release invented is read all the same', (t) => {
  t.deepEqual(readMark(`${writeInjected(stamp)}.NewInTheFuture`), {
    ...stamp,
    reason: 'NewInTheFuture',
  });
});

const good = writeInjected(stamp);
const noMark = test.macro((t, text: string) => t.is(readMark(text), undefined));

test('no mark: nothing', noMark, '');
test('no mark: a "true" that somebody wrote', noMark, 'true');
test('no mark: another version', noMark, good.replace('v1', 'v2'));
test('no mark: half of one', noMark, 'v1.0123456789abcdef');
test('no mark: a digest too short', noMark, 'v1.0123456789abcde.fedcba9876543210');
test('no mark: a digest too long', noMark, 'v1.0123456789abcdef0.fedcba9876543210');
test('no mark: the other digest too short', noMark, 'v1.0123456789abcdef.fedcba987654321');
test('no mark: capital digits', noMark, good.toUpperCase().replace('V', 'v'));
test('no mark: a reason that is none', noMark, `${good}.`);
test('no mark: a reason with more behind it', noMark, `${good}.NameTaken.x`);
test('no mark: something before it', noMark, ` ${good}`);
test('no mark: a line behind it', noMark, `${good}\n`);
test('no mark: a megabyte of points', noMark, '.'.repeat(1_000_000));
