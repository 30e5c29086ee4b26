import test from 'ava';
import { mergePatch } from '../../sandbox/objects/patch.ts';

test('null takes a key away, wherever it stands, and a list is replaced whole', (t) => {
  const before = { kept: 1, gone: 1, inner: { kept: 1, gone: 1 }, list: [1, 2] };
  const patch = { gone: null, inner: { gone: null, never: null }, list: [3] };
  t.deepEqual(mergePatch(before, patch), { kept: 1, inner: { kept: 1 }, list: [3] });
});

test('what was no map becomes one, without the nulls', (t) => {
  t.deepEqual(mergePatch('text', { a: { b: null, c: 1 } }), { a: { c: 1 } });
  t.deepEqual(mergePatch({ a: [1] }, { a: { b: null } }), { a: {} });
});
