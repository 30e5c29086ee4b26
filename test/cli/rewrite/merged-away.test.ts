import test from 'ava';
import { parseFile } from '../../../cli/manifest/parse.ts';
import { rewrite } from '../../../cli/rewrite/rewrite.ts';

const text = [
  'usual: &usual',
  '  team: shop # of the shop',
  '  stale: "1"',
  'cart:',
  '  <<: *usual',
  '  tier: front',
  '',
].join('\n');

test('what came by a merge can be taken away, from one place alone', (t) => {
  const { file } = parseFile({ path: 'cart.yaml', text });
  const pod = {
    usual: { team: 'shop', stale: '1' },
    cart: { team: 'shop', tier: 'front' },
  };
  const operations = [{ op: 'remove', path: '/cart/stale' }] as const;
  const after = rewrite(file, [{ document: 0, at: [], pod, operations }]).text;
  t.deepEqual(parseFile({ path: 'cart.yaml', text: after }).file.documents[0]?.json, pod);
  t.true(after.includes('  team: shop # of the shop\n  stale: "1"\n'));
});
