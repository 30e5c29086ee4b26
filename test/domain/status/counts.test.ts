import test from 'ava';
import { podsOf, workloadsOf } from '../../../domain/status/counts.ts';
import { aJudgement, current } from '../restart/plan/build.ts';
import { askingIn } from './build.ts';

const held = { kind: 'held', reason: 'Paused', cause: 'WebhookMissed' } as const;

const asking = askingIn({
  judgements: [
    aJudgement('Deployment/a/web', { verdict: current, coverage: { current: 3, aged: 2 } }),
    aJudgement('Deployment/b/web', { verdict: held, coverage: { missing: 1, adopted: 4 } }),
    aJudgement('Deployment/c/web', { coverage: { outdated: 2, refused: 1, unwanted: 9 } }),
    aJudgement('Deployment/d/web', { verdict: { kind: 'exempt', reason: 'BeingDeleted' } }),
  ],
});

test('pods are counted by state, the aged among the current and the unwanted nowhere', (t) => {
  t.deepEqual(podsOf(asking), {
    wanted: 14,
    current: 5,
    aged: 2,
    outdated: 2,
    adopted: 4,
    missing: 2,
    refused: 1,
  });
});

test('workloads are counted by what is to be done about them', (t) => {
  t.deepEqual(workloadsOf(asking), {
    current: 1,
    behind: 1,
    waiting: 0,
    held: 1,
    stuck: 0,
    refused: 0,
  });
});
