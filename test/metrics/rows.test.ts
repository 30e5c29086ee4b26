import test from 'ava';
import { reasons } from '../../domain/reasons.ts';
import { keysOf, reasonsFor } from '../../metrics/rows.ts';

test('the reasons for an outcome are those that the table gives it', (t) => {
  const found = reasonsFor('behind');
  t.true(found.includes('WebhookMissed'));
  t.deepEqual(
    keysOf(reasons).filter((key) => reasons[key].outcome === 'behind'),
    [...found],
  );
});
