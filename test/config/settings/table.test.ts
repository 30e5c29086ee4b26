import test from 'ava';
import { groups } from '../../../config/settings/row.ts';
import { table } from '../../../config/settings/table.ts';

test('a quantity says its unit in its name', (t) => {
  for (const [name, { help }] of Object.entries(table)) {
    if (/\b(?:how long|longest)\b/i.test(help)) t.regex(name, /(?:Ms|Seconds|Bytes)$/, name);
  }
});

test('every group has a setting', (t) => {
  const used = new Set<string>(Object.values(table).map(({ group }) => group));
  t.deepEqual(
    groups.filter((group) => !used.has(group)),
    ['Agents'],
  );
});

test('stopping fits into the time that Kubernetes gives a pod by default', (t) => {
  t.true(table.stopDelayMs.default + table.stopLimitMs.default < 30_000);
});
