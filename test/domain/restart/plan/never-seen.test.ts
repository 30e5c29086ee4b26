import test from 'ava';
import { aJudgement, aRound, now, planned, restarted, usualBudget } from './build.ts';

test('one that nobody has seen behind before is given its time, beginning now', (t) => {
  const plan = planned(aRound([aJudgement(undefined, { since: undefined })]), usualBudget);
  t.deepEqual(restarted(plan), []);
  t.like(plan.verdicts.get('Deployment/shop/cart'), {
    kind: 'waiting',
    reason: 'Settling',
    until: now + usualBudget.settleMissingSeconds,
  });
});
