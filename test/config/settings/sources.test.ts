import test from 'ava';
import {
  readEnvironment,
  readFile,
  readFlags,
  variableOf,
} from '../../../config/settings/sources.ts';

test('a key becomes a variable and back', (t) => {
  t.is(variableOf('image-apache-httpd'), 'RETROFIT_IMAGE_APACHE_HTTPD');
  const [found] = readEnvironment({ RETROFIT_IMAGE_APACHE_HTTPD: 'a' });
  t.like(found, { key: 'image-apache-httpd', text: 'a', from: 'RETROFIT_IMAGE_APACHE_HTTPD' });
});

test('values may hold equals signs, and may be empty when written so', (t) => {
  const [one, two] = readFlags(['--a=b=c', '--d='], () => false);
  t.like(one, { key: 'a', text: 'b=c' });
  t.like(two, { key: 'd', text: '' });
});

test('a switch alone says yes, and leaves what follows alone', (t) => {
  const found = readFlags(['--on', '--off', 'FALSE', '--again', 'b'], (key) => key !== 'b');
  t.like(found[0], { key: 'on', text: 'true' });
  t.like(found[1], { key: 'off', text: 'FALSE' });
  t.like(found[2], { key: 'again', text: 'true' });
  t.like(found[3], { key: 'b', problem: 'is no setting: all begin with --' });
});

test('a value in a file keeps the form in which it was written', (t) => {
  const found = readFile('a: 010\nb: 1.0\nc: "x: y"\nd: true\ne: |\n  two\n');
  t.deepEqual(
    found.map((one) => ('text' in one ? one.text : one.problem)),
    ['010', '1.0', 'x: y', 'true', 'two\n'],
  );
});

test('odd files are answered', (t) => {
  for (const text of [
    '? [a]\n: b\n',
    '*a',
    'a: *b',
    '!!binary x',
    '\0',
    '"',
    'a: !!set {b}',
    '{{{{',
  ]) {
    t.true(Array.isArray(readFile(text)), text);
  }
});
