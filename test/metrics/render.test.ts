import { readFileSync } from 'node:fs';
import test from 'ava';
import { createMetrics } from '../../metrics/observe.ts';
import { renderMetrics } from '../../metrics/render.ts';

test('the reference page is what the catalogue renders to', (t) => {
  const page = readFileSync('docs/reference/metrics.md', 'utf8');
  t.true(page === renderMetrics(), 'stale: npm run render');
});

test('the page knows every metric that is exposed, and no other', async (t) => {
  const state = {
    certificates: () => [],
    caches: () => [],
    loop: () => undefined,
  };
  const { body } = await createMetrics({ version: '1', node: 'v24' }, state).expose({});
  const exposed = [...body.toString().matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  const described = [...renderMetrics().matchAll(/^### `(\S+)`\n\n.+\n\nA (\w+)/gm)];
  t.deepEqual(pairs(described).toSorted(), pairs(exposed).toSorted());
});

const pairs = (found: readonly RegExpExecArray[]) =>
  found.map(([, name, type]) => `${name} ${type}`);
