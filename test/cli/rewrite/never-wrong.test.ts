import test from 'ava';
import { parseFile } from '../../../cli/manifest/parse.ts';
import { rewrite } from '../../../cli/rewrite/rewrite.ts';

test('a text that would not say what it should is never handed out', (t) => {
  const { file } = parseFile({ path: 'cart.yaml', text: 'name: cart\nimage: cart:1\n' });
  const meant = { name: 'cart', image: 'cart:2' };
  const operation = { op: 'replace', path: '/image', value: 'cart:2' } as const;
  const change = { document: 0, at: [], pod: meant, operations: [operation] };
  t.is(rewrite(file, [change]).text, 'name: cart\nimage: cart:2\n');
  const elsewhere = { ...operation, value: 'cart:3' };
  t.throws(() => rewrite(file, [{ ...change, operations: [elsewhere] }]), {
    message: /cart\.yaml does not say what it should/,
  });
});
