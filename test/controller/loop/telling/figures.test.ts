import test from 'ava';
import type { Judgement, Verdict } from '../../../../domain/restart/verdict.ts';
import { figuresOf } from '../../../../controller/loop/telling/figures.ts';
import { aJudgement, current, now, tried } from '../../../domain/restart/plan/build.ts';

const rest = {
  inDetail: false,
  unseen: 0,
  limitPerHour: 60,
  isProbeProven: true,
  lastProofAt: 1,
  isStatusKept: true,
};

function figures(judgements: readonly Judgement[], put: Readonly<Record<string, Verdict>> = {}) {
  const judged = new Map(judgements.map((one) => [one.key, one]));
  const verdicts = new Map(
    judgements.map(({ key, verdict }): [string, Verdict] => [key, put[key] ?? verdict]),
  );
  const breakers = new Map([
    ['shop/main', { since: now, workload: 'w', reason: 'r', settings: 's' }],
  ]);
  return figuresOf({ judgements: judged, verdicts, breakers }, rest);
}

const cart = aJudgement('Deployment/shop/cart', { since: now - 100, coverage: { missing: 3 } });
const web = aJudgement('Deployment/shop/web', {
  since: now - 200,
  coverage: { missing: 1, current: 1 },
});
const db = aJudgement('StatefulSet/ops/db', { verdict: current, coverage: { current: 2 } });

test('pods are counted by namespace and state, with a zero for each state', (t) => {
  const { pods } = figures([cart, web, db]);
  t.is(pods.length, 14);
  const count = (namespace: string, state: string) =>
    pods.find((one) => one.namespace === namespace && one.state === state)?.count;
  t.is(count('shop', 'missing'), 4);
  t.is(count('shop', 'current'), 1);
  t.is(count('ops', 'current'), 2);
  t.is(count('ops', 'missing'), 0);
});

test('the last word counts: that of the plan', (t) => {
  const busy: Verdict = {
    kind: 'waiting',
    reason: 'Busy',
    cause: 'WebhookMissed',
    until: undefined,
  };
  t.deepEqual(figures([cart, db], { [cart.key]: busy }).workloads, [
    { kind: 'Deployment', verdict: 'waiting', reason: 'Busy', count: 1 },
    { kind: 'StatefulSet', verdict: 'current', reason: '', count: 1 },
  ]);
});

test('the queue is whoever waits for a restart, and its age that of the oldest', (t) => {
  t.like(figures([cart, web, db]), { queueLength: 2, queueOldestAt: now - 200 });
  t.like(figures([db]), { queueLength: 0, queueOldestAt: undefined });
});

test('what is rolled out right now is not in the queue', (t) => {
  const rolling: Verdict = {
    kind: 'waiting',
    reason: 'RolloutInProgress',
    cause: 'WebhookMissed',
    until: undefined,
  };
  t.is(figures([cart], { [cart.key]: rolling }).queueLength, 0);
});

test('a restart that the cache shows is counted here, one that it does not by whoever sent it', (t) => {
  const marker = { asked: 'aaaaaaaaaaaaaaaa', number: 1, times: [now] };
  const seen = { ...cart, attempt: tried('underWay', 5), workload: { ...cart.workload, marker } };
  const unseen = { ...web, attempt: tried('underWay', 5) };
  t.is(figures([seen, unseen]).restartsInProgress, 1);
});

test('who asks for nothing and has nothing is not counted', (t) => {
  const quiet = aJudgement('Deployment/shop/quiet', {
    verdict: { kind: 'exempt', reason: 'NotAsked' },
    coverage: { missing: 0 },
  });
  t.deepEqual(figures([quiet]).workloads, []);
  const carrying = { ...quiet, coverage: { ...quiet.coverage, unwanted: 2 } };
  t.like(figures([carrying]).workloads[0], { verdict: 'exempt', reason: 'NotAsked', count: 1 });
});

test('breakers are told by the Instrumentation', (t) => {
  t.deepEqual(figures([]).breakers, [{ namespace: 'shop', instrumentation: 'main' }]);
});
