import test from 'ava';
import { parseFile } from '../../../cli/manifest/parse.ts';
import { rewrite } from '../../../cli/rewrite/rewrite.ts';
import type { Operation } from '../../../domain/injection/patch.ts';
import { isObject, type Json } from '../../../domain/json.ts';

/** Whatever would be lost if the document were written anew stands around what changes. */
const text = (value: string) =>
  [
    '# Of the shop.',
    'env:',
    '    -   name:   OPTIONS   # theirs',
    `        value: ${value}`,
    '    # Why this one is here.',
    '    -   {name:  \'LAST\', value: "1"}',
    '',
  ].join('\n');

const operation: Operation = { op: 'replace', path: '/env/0/value', value: 'new' };

function replaced(before: string): string {
  const { file } = parseFile({ path: 'cart.yaml', text: before });
  const json = file.documents[0]?.json;
  const env: Json = [
    { name: 'OPTIONS', value: 'new' },
    { name: 'LAST', value: '1' },
  ];
  const pod = isObject(json) ? { ...json, env } : {};
  return rewrite(file, [{ document: 0, at: [], pod, operations: [operation] }]).text;
}

const values: Readonly<Record<string, string>> = {
  'a word': 'old',
  'a quoted text': '"old: text"',
  'a word with a comment behind it': 'old   # since 2019',
  'lines that are kept': '|\n          one\n          two',
  'lines without their last break': '|-\n          one\n\n          two',
  'lines that are folded, with a comment': '>-   # long\n          one\n          two',
  'a text over two lines': '"one\n          two"',
  nothing: '',
};

for (const [what, value] of Object.entries(values)) {
  test(`where ${what} is replaced, no other line is touched`, (t) => {
    const before = text(value).split('\n');
    const after = replaced(text(value)).split('\n');
    t.deepEqual(after.slice(0, 3), before.slice(0, 3));
    t.deepEqual(after.slice(-3), before.slice(-3));
  });
}
