import test from 'ava';
import {
  isObject,
  listAt,
  member,
  objectAt,
  objectIn,
  textAt,
  type JsonObject,
} from '../../domain/json.ts';

const parse = (text: string) => JSON.parse(text) as JsonObject;

test('an object is neither null nor a list nor a plain value', (t) => {
  t.true(isObject({}));
  for (const other of [null, undefined, [], 'text', 0, true]) t.false(isObject(other));
});

test('a text that is no single object holds none', (t) => {
  t.deepEqual(objectIn('{"a":[1]}'), { a: [1] });
  for (const other of ['', '{', '[]', 'null', '1', '{} {}', 'kind: Pod'])
    t.is(objectIn(other), undefined, other);
});

test('a member is what was written, never what a prototype answers', (t) => {
  t.is(member({ a: 1 }, 'a'), 1);
  for (const key of ['toString', 'constructor', '__proto__', 'hasOwnProperty']) {
    t.is(member({}, key), undefined, key);
    t.is(objectAt({}, key), undefined, key);
    t.is(textAt({}, key), undefined, key);
  }
});

test('a key called like a part of a prototype is read like any other', (t) => {
  t.is(textAt(parse('{"__proto__": "mine"}'), '__proto__'), 'mine');
  t.deepEqual(objectAt(parse('{"constructor": {"a": 1}}'), 'constructor'), { a: 1 });
});

const reading = test.macro((t, value: unknown, as: 'object' | 'list' | 'text' | 'nothing') => {
  const owner = { key: value } as JsonObject;
  t.is(objectAt(owner, 'key') !== undefined, as === 'object');
  t.is(listAt(owner, 'key') !== undefined, as === 'list');
  t.is(textAt(owner, 'key') !== undefined, as === 'text');
});

test('an object is read as an object', reading, {}, 'object');
test('a list is read as a list, empty or not', reading, [], 'list');
test('a text is read as a text', reading, 'x', 'text');
test('an empty text counts as absent', reading, '', 'nothing');
test('null counts as absent', reading, null, 'nothing');
test('a number where a text is expected counts as absent', reading, 8080, 'nothing');
test('a truth where an object is expected counts as absent', reading, true, 'nothing');
