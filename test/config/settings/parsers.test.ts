import test from 'ava';
import {
  address,
  image,
  label,
  labels,
  objectName,
  oneOf,
  path,
  wholeNumber,
  word,
  yesOrNo,
  type Parser,
} from '../../../config/settings/parsers.ts';

const cases: readonly (readonly [string, Parser<unknown>, readonly string[], readonly string[]])[] =
  [
    [
      'a whole number lies within its bounds',
      wholeNumber(1, 100),
      ['1', '100', '007'],
      ['0', '101', '', '1.5', '1e1', '-1', ' 1', '0x1', '9'.repeat(400)],
    ],
    ['a choice is written exactly', oneOf('a', 'b'), ['a', 'b'], ['A', '', 'ab']],
    [
      'yes and no are true and false',
      yesOrNo,
      ['true', 'FALSE', 'True'],
      ['yes', '1', '', 'toString'],
    ],
    [
      'an address is an IP address',
      address,
      ['0.0.0.0', '::', '127.0.0.1'],
      ['localhost', '', '1.2.3'],
    ],
    [
      'an image is named as a registry would',
      image,
      ['a', 'a/b:1', 'registry.example.com:5000/a/b_c--d:v1.2', `a@sha256:${'0'.repeat(64)}`],
      ['', ' a', 'a b', 'a:', 'a:b:', 'https://a/b ', '-a', 'a'.repeat(513), 'a@sha256:12'],
    ],
    ['a path is not empty', path, ['.', '/a b'], ['', '  ', 'a\0b']],
    ['a name is not empty', word, ['a', 'kind of'], ['', ' ']],
    ['a list of labels has a comma between them', labels, ['a', 'a, b-1'], ['', 'a,', 'a b', 'A']],
    [
      'a label is what a namespace may be called',
      label,
      ['a', 'a-1', 'a'.repeat(63)],
      ['', 'A', 'a.b', '-a', 'a-', 'a'.repeat(64)],
    ],
    [
      'an object may have dots in its name',
      objectName,
      ['a', 'a.b-c.d'],
      ['', 'a..b', '.a', 'A', 'a'.repeat(254)],
    ],
  ];

for (const [title, parser, allowed, refused] of cases) {
  test(title, (t) => {
    for (const text of allowed) t.not(parser.parse(text), undefined, text);
    for (const text of refused) t.is(parser.parse(text), undefined, text);
    t.not(parser.allowed, '');
  });
}

test('parsers answer at once, however long and odd the text', (t) => {
  const long = ['a-'.repeat(50_000), '-'.repeat(100_000), 'a.'.repeat(50_000), 'a:'.repeat(50_000)];
  const before = process.threadCpuUsage();
  for (const [, parser] of cases) for (const text of long) parser.parse(text);
  t.true(process.threadCpuUsage(before).user < 1000_000);
});
