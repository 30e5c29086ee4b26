import test from 'ava';
import { parseFile } from '../../../cli/manifest/parse.ts';
import { rewrite } from '../../../cli/rewrite/rewrite.ts';
import { diff } from '../../../domain/injection/patch.ts';

test('keys with tildes and slashes are found as they are written', (t) => {
  const keys = ['a~b', 'a/b', '~1', '~0', '~01', 'x/y~z'];
  const before = Object.fromEntries(keys.map((key) => [key, { of: key, count: 1 }]));
  const text = keys.map((key) => `"${key}": # theirs\n  of: "${key}"\n  count: 1\n`).join('');
  const { file } = parseFile({ path: 'odd.yaml', text });
  t.deepEqual(file.documents[0]?.json, before);
  for (const key of keys) {
    const pod = { ...before, [key]: { of: key, count: 2 } };
    const changes = [{ document: 0, at: [], pod, operations: diff(before, pod) }];
    const lines = rewrite(file, changes).text.split('\n');
    t.deepEqual(
      lines.flatMap((line, index) => (line === text.split('\n')[index] ? [] : [[index, line]])),
      [[keys.indexOf(key) * 3 + 2, '  count: 2']],
      key,
    );
  }
});
