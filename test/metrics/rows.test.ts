import test from 'ava';
import { reasons } from '../../domain/reasons.ts';
import { keysOf, podReasonsFor, reasonsFor } from '../../metrics/rows.ts';

test('the reasons for an outcome are those that the table gives it', (t) => {
  const found = reasonsFor('behind');
  t.true(found.includes('WebhookMissed'));
  t.deepEqual(
    keysOf(reasons).filter((key) => reasons[key].outcome === 'behind'),
    [...found],
  );
});

test('of a pod that is being made no reason of the loop is counted', (t) => {
  t.true(reasonsFor('exempt').includes('NothingRuns'));
  t.false(podReasonsFor('exempt').includes('NothingRuns'));
  t.true(reasonsFor('refused').includes('UnknownRefusal'));
  t.false(podReasonsFor('refused').includes('UnknownRefusal'));
  t.true(podReasonsFor('exempt').includes('NotAsked'));
});
