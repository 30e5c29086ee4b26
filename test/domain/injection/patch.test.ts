import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import { applyPatch } from 'rfc6902';
import { diff, type Operation } from '../../../domain/injection/patch.ts';
import type { Json, JsonObject } from '../../../domain/json.ts';
import { frozen } from '../../support/build.ts';
import { chosenSeed, diceOf, type Dice } from '../../support/dice.ts';

/** What an API server makes of a patch. */
function applied(before: JsonObject, operations: readonly Operation[]): unknown {
  const target: unknown = structuredClone(before);
  const problems = applyPatch(target, structuredClone([...operations])).filter(
    (one) => one !== null,
  );
  return problems.length === 0 ? target : problems.map(String);
}

const patched = test.macro(
  (t, before: JsonObject, after: JsonObject, expected: readonly Operation[]) => {
    const operations = diff(frozen(before), frozen(after));
    t.deepEqual(operations, expected);
    t.deepEqual(applied(before, operations), after);
  },
);

const a = { name: 'a', v: 1 };
const b = { name: 'b', v: 1 };
const c = { name: 'c', v: 1 };

test('what is shared is equal without a look', (t) => {
  const trap = {
    get name(): string {
      throw new Error('looked at');
    },
  };
  t.deepEqual(diff({ trap, deep: a, x: 1 }, { trap, deep: a, x: 2 }), [
    { op: 'replace', path: '/x', value: 2 },
  ]);
});

test('equal content needs no operation, shared or not', patched, { l: [{ ...a }] }, { l: [a] }, []);
test('a new member is added', patched, {}, { x: { y: [] } }, [
  { op: 'add', path: '/x', value: { y: [] } },
]);
test('a member that is gone is removed', patched, { x: 1, y: null }, { x: 1 }, [
  { op: 'remove', path: '/y' },
]);
test('a member that was null is replaced, not added', patched, { x: null }, { x: [] }, [
  { op: 'replace', path: '/x', value: [] },
]);
test(
  'a change deep inside touches nothing around it',
  patched,
  { x: { y: { z: 1, w: 2 } } },
  { x: { y: { z: 3, w: 2 } } },
  [{ op: 'replace', path: '/x/y/z', value: 3 }],
);
test('a list that becomes an object is replaced', patched, { x: [] }, { x: {} }, [
  { op: 'replace', path: '/x', value: {} },
]);
test(
  'tilde and slash are escaped, the tilde first',
  patched,
  { 'a/b': 1, '~1': 1, '~': 1 },
  { 'a/b': 2, '~1': 2, '~': 2 },
  [
    { op: 'replace', path: '/a~1b', value: 2 },
    { op: 'replace', path: '/~01', value: 2 },
    { op: 'replace', path: '/~0', value: 2 },
  ],
);
test('an empty key is a key', patched, { '': 1 }, { '': 2 }, [
  { op: 'replace', path: '/', value: 2 },
]);
test('a list of plain values is replaced as a whole', patched, { x: [1, 2] }, { x: [1, 3] }, [
  { op: 'replace', path: '/x', value: [1, 3] },
]);
test(
  'a list with one nameless item is replaced as a whole',
  patched,
  { x: [a, {}] },
  { x: [a, { y: 1 }] },
  [{ op: 'replace', path: '/x', value: [a, { y: 1 }] }],
);
test('items at the end are added at their index', patched, { x: [a] }, { x: [a, b, c] }, [
  { op: 'add', path: '/x/1', value: b },
  { op: 'add', path: '/x/2', value: c },
]);
test('an item in front moves the others along', patched, { x: [a, b] }, { x: [c, a, b] }, [
  { op: 'add', path: '/x/0', value: c },
]);
test('an item in the middle is added there', patched, { x: [a, b] }, { x: [a, c, b] }, [
  { op: 'add', path: '/x/1', value: c },
]);
test('a list begins', patched, { x: [] }, { x: [a] }, [{ op: 'add', path: '/x/0', value: a }]);
test('a list ends', patched, { x: [a, b] }, { x: [] }, [
  { op: 'remove', path: '/x/0' },
  { op: 'remove', path: '/x/0' },
]);
test(
  'items that are gone are removed where they stand by then',
  patched,
  { x: [a, b, c] },
  { x: [c] },
  [
    { op: 'remove', path: '/x/0' },
    { op: 'remove', path: '/x/0' },
  ],
);
test(
  'an item of the same name is changed in its place',
  patched,
  { x: [a, b] },
  { x: [a, { name: 'b', v: 2 }] },
  [{ op: 'replace', path: '/x/1/v', value: 2 }],
);
test(
  'an item that moved to the end is removed and added again',
  patched,
  { x: [a, b, c] },
  { x: [b, c, a] },
  [
    { op: 'remove', path: '/x/0' },
    { op: 'add', path: '/x/2', value: a },
  ],
);
test(
  'an item that was renamed is another item',
  patched,
  { x: [a] },
  { x: [{ name: 'z', v: 1 }] },
  [
    { op: 'add', path: '/x/0', value: { name: 'z', v: 1 } },
    { op: 'remove', path: '/x/1' },
  ],
);

test('an item that is put twice is kept once and added once', (t) => {
  const before = { x: [a] };
  const operations = diff(before, { x: [a, a] });
  t.deepEqual(operations, [{ op: 'add', path: '/x/1', value: a }]);
});

test('of two items of one name the one that is kept stays, and the other is changed', (t) => {
  const first = { name: 'a', v: 1 };
  const second = { name: 'a', v: 2 };
  const before = { x: [first, second] };
  const after = { x: [{ name: 'a', v: 3 }, second] };
  const operations = diff(before, after);
  t.deepEqual(operations, [{ op: 'replace', path: '/x/0/v', value: 3 }]);
  t.deepEqual(applied(before, operations), after);
});

function aValue(dice: Dice, depth: number): Json {
  const kind = dice.roll(depth === 0 ? 3 : 6);
  if (kind === 0) return dice.pick([null, true, '', 'text', 0, -1.5]);
  if (kind < 3) return dice.roll(4);
  if (kind === 3) return Array.from({ length: dice.roll(4) }, () => aValue(dice, depth - 1));
  return kind === 4 ? aNamedList(dice, depth - 1) : anObject(dice, depth - 1);
}

const aName = (dice: Dice) => dice.pick(['a', 'b', 'c', 'd', 'e', 'f']);

const aNamedList = (dice: Dice, depth: number) =>
  Array.from({ length: dice.roll(6) }, () => ({ ...anObject(dice, depth), name: aName(dice) }));

const anObject = (dice: Dice, depth: number): JsonObject =>
  Object.fromEntries(
    dice
      .some(['env', 'a/b', '~0', '', 'x y', 'toString', 'ü'], 0.4)
      .map((key) => [key, aValue(dice, Math.max(0, depth))]),
  );

/** Changes here and there, sharing whatever it leaves alone. */
function edited(value: Json, dice: Dice): Json {
  if (dice.chance(0.4)) return value;
  if (dice.chance(0.1)) return aValue(dice, 2);
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    const kept = dice.some(items, 0.8).map((item) => edited(item, dice));
    const added = dice.chance(0.5) ? aNamedList(dice, 1) : [];
    const place = dice.roll(kept.length + 1);
    const joined = [...kept.slice(0, place), ...added, ...kept.slice(place)];
    return dice.chance(0.3) ? joined.toReversed() : joined;
  }
  if (typeof value !== 'object' || value === null) return aValue(dice, 1);
  const entries = Object.entries(value).map(([key, child]) => [
    key,
    key === 'name' ? child : edited(child, dice),
  ]);
  return { ...(Object.fromEntries(dice.some(entries, 0.9)) as JsonObject), ...anObject(dice, 1) };
}

test('whatever is edited, the patch leads from the one to the other', (t) => {
  const seed = chosenSeed();
  t.log(`seed ${seed}`);
  const dice = diceOf(seed);
  let length = 0;
  for (let round = 0; round < 1_000; round++) {
    const before = frozen({ spec: aNamedList(dice, 3), more: anObject(dice, 3) });
    const after = frozen({
      ...before,
      spec: edited(before.spec, dice),
      more: edited(before.more, dice),
    });
    const operations = diff(before, after);
    length += operations.length;
    const outcome = applied(before, operations);
    if (!isDeepStrictEqual(outcome, after)) t.deepEqual(outcome, after, `round ${round}`);
  }
  t.true(length > 1_000);
});
