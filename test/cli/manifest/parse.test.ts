import test from 'ava';
import { parseFile } from '../../../cli/manifest/parse.ts';
import { pathText, placeOf, placeOfKey } from '../../../cli/manifest/place.ts';

const read = (text: string) => parseFile({ path: 'file.yaml', text });

test('words and numbers mean what they mean to Kubernetes', (t) => {
  const { file } = read(`
booleans: [yes, No, on, OFF, y, n, true, False]
octals: [0644, 0o17, -010, 0]
numbers: [1_000, 0x1F, 0b11, +1, 1e3, .5, 08, -1.25]
nothing: [~, null, NULL, ]
text: [1:30, 12:30:45, 2024-05-06, e12, ., "yes", !!str 12, .inf, 1.2.3, <<, yesterday]
last:
1: one
true: key
`);
  t.deepEqual(file.documents[0]?.json, {
    booleans: [true, false, true, false, true, false, true, false],
    octals: [420, 15, -8, 0],
    numbers: [1000, 31, 3, 1, 1000, 0.5, 8, -1.25],
    nothing: [null, null, null],
    text: [
      '1:30',
      '12:30:45',
      '2024-05-06',
      'e12',
      '.',
      'yes',
      '12',
      '.inf',
      '1.2.3',
      '<<',
      'yesterday',
    ],
    last: null,
    1: 'one',
    true: 'key',
  });
});

test('aliases and merges are written out, and share nothing', (t) => {
  const { file } = read(
    'a: &a {x: [1]}\nb: *a\nc: {<<: *a, v: 2}\nd: {<<: [*a, {z: 3}], x: own}\n',
  );
  const json = file.documents[0]?.json as { readonly [key: string]: { readonly x: unknown } };
  t.deepEqual(json, {
    a: { x: [1] },
    b: { x: [1] },
    c: { x: [1], v: 2 },
    d: { x: 'own', z: 3 },
  });
  t.not(json['a']?.x, json['b']?.x);
});

test('a mistake in the grammar is told once per document, with its place', (t) => {
  const { problems } = read('a: [1\n---\nb: c: d: e\n---\nc: 3\n');
  t.deepEqual(
    problems.map(({ line, column }) => [line, column]),
    [
      [2, 1],
      [3, 4],
    ],
  );
});

test('every key that stands twice is told, with its path', (t) => {
  const { problems } = read(
    'a:\n  - b: 1\n    b: 2\n  - {c: 1, "c": 2}\na: 3\n<<: {x: 1}\n<<: {y: 2}\n',
  );
  t.deepEqual(
    problems.map(({ line, column, path }) => [line, column, path]),
    [
      [5, 1, 'a'],
      [3, 5, 'a[0].b'],
      [4, 12, 'a[1].c'],
    ],
  );
});

test('many aliases are read, and aliases that multiply are refused in no time', (t) => {
  const uses = Array.from({ length: 5000 }, () => '*a').join(', ');
  t.deepEqual(read(`a: &a [1]\nb: [${uses}]\n`).problems, []);
  let text = 'a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9]\n';
  for (let level = 1; level < 40; level++) {
    text += `a${level}: &a${level} [*a${level - 1}, *a${level - 1}, *a${level - 1}]\n`;
  }
  const before = process.threadCpuUsage();
  t.is(
    read(text).problems[0]?.sentence,
    'The aliases of this document stand for too much to be written out.',
  );
  t.true(process.threadCpuUsage(before).user < 2_000_000);
});

test('nesting without end is refused', (t) => {
  for (const [open, text] of [
    ['[', '[1, '.repeat(50_000)],
    ['{', '{"a": '.repeat(50_000)],
    ['-', Array.from({ length: 6000 }, () => '- ').join('')],
  ] as const) {
    t.deepEqual(
      read(text).problems.map(({ sentence }) => sentence),
      ['Lists and objects are nested too deeply to be read.'],
      open,
    );
  }
});

test('a value that is missing has the place of what should hold it', (t) => {
  const { file } = read('\uFEFFa:\n  b:\n    - c: 1\n      d:\n    - &x\n      e: f\n  g: *x\n');
  const [document] = file.documents;
  t.truthy(document);
  if (document === undefined) return;
  const at = (...path: (string | number)[]) => Object.values(placeOf(file, document.yaml, path));
  t.deepEqual(at('a', 'b', 0, 'c'), [3, 10]);
  t.deepEqual(at('a', 'b', 0, 'd'), [4, 9]);
  t.deepEqual(at('a', 'b', 0, 'missing', 'deeper'), [3, 7]);
  t.deepEqual(at('a', 'g', 'e'), [6, 10]);
  t.deepEqual(at(), [1, 1]);
  t.deepEqual(Object.values(placeOfKey(file, document.yaml, ['a', 'b', 0, 'd'])), [4, 7]);
});

test('a path is written as people write it', (t) => {
  t.is(
    pathText(['items', 0, 'metadata', 'annotations', 'a.b/c', 'd-e']),
    'items[0].metadata.annotations["a.b/c"].d-e',
  );
});

test('what calls itself JSON must be JSON', (t) => {
  const places = [
    '{"a": 1,}',
    '{"a": yes}',
    "{'a': 1}",
    'a: 1',
    '{"a": 1} # note',
    '{\n "a": [1,\n 2 3]}',
  ].map((text) => {
    const [problem] = parseFile({ path: 'file.json', text }).problems;
    return problem === undefined ? undefined : [problem.line, problem.column];
  });
  t.deepEqual(places, [
    [1, 9],
    [1, 7],
    [1, 2],
    [1, 1],
    [1, 10],
    [3, 4],
  ]);
  t.deepEqual(
    parseFile({ path: 'file.json', text: '\uFEFF {"a": [1, "x", null, -1.5e3]}\n' }).problems,
    [],
  );
});
