import test from 'ava';
import {
  isLabelValue,
  isObjectName,
  isQualifiedName,
  isVariableName,
} from '../../../../domain/injection/instrumentation/names.ts';

test('an object’s name is of small letters, digits, hyphens and dots', (t) => {
  for (const name of ['a', 'a.b-c', '0', 'n'.repeat(253)]) t.true(isObjectName(name), name);
  for (const name of ['', 'A', 'a..b', '-a', 'a.', 'a b', 'n'.repeat(254)])
    t.false(isObjectName(name), name);
});

test('a key is a name, with or without a domain before it', (t) => {
  for (const key of ['a', 'A_b.c', 'example.com/Team', 'x'.repeat(63)])
    t.true(isQualifiedName(key), key);
  for (const key of ['', '/', 'a/', '/a', 'a/b/c', 'Example.com/a', 'bad key!', 'x'.repeat(64)])
    t.false(isQualifiedName(key), key);
});

test('a label’s value may be empty, and is a name otherwise', (t) => {
  for (const value of ['', 'a', 'A_b.c', 'x'.repeat(63)]) t.true(isLabelValue(value), value);
  for (const value of ['a b', '-a', 'a/b', 'x'.repeat(64), 7, null, undefined])
    t.false(isLabelValue(value), String(value));
});

test('a variable’s name is anything that is printed, but for the sign behind it', (t) => {
  for (const name of ['A', '7ZIP', 'my.env-name', 'a b', 'path/to:x', '~', ' '])
    t.true(isVariableName(name), name);
  for (const name of ['', 'A=B', 'é', 'A\nB', '\x7f']) t.false(isVariableName(name), name);
});
