import test from 'ava';
import { plan } from '../../../domain/restart/plan.ts';
import {
  aJudgement,
  aRound,
  asked,
  behind,
  breakerSince,
  current,
  days,
  mended,
  minutes,
  now,
  observed,
  outdated,
  planned,
  putOff,
  restarted,
  settledFor,
  tried,
  usualBudget,
  wide,
  type Said,
} from './plan/build.ts';

test('a workload that is behind, and that nothing holds back, is restarted', (t) => {
  const made = planned(aRound([aJudgement()]), usualBudget);
  t.deepEqual(restarted(made), ['Deployment/shop/cart']);
  t.deepEqual(made.verdicts.get('Deployment/shop/cart'), behind);
});

test('only what is behind is restarted, and the verdict on the rest stays', (t) => {
  const held = { kind: 'held', reason: 'Paused', cause: 'WebhookMissed' } as const;
  const judgements = [
    aJudgement('Deployment/shop/one', { verdict: current }),
    aJudgement('Deployment/shop/two', { verdict: held }),
    aJudgement('Deployment/shop/three', { verdict: { kind: 'exempt', reason: 'NotAsked' } }),
  ];
  const made = planned(aRound(judgements));
  t.deepEqual(restarted(made), []);
  t.deepEqual(
    [...made.verdicts],
    judgements.map(({ key, verdict }) => [key, verdict]),
  );
});

test('the first restart of a workload carries number 1, what is asked, and its time', (t) => {
  const [first] = planned(aRound([aJudgement()])).restarts;
  t.is(first?.number, 1);
  t.is(first?.marker, `${asked}.1.${now.toString(36)}`);
});

test('a later one carries the next number and the times of the three before it', (t) => {
  const times = [1, 2, 3, 4].map((count) => now - days(count * 2));
  const attempt = tried('over', days(2), { times, lastNumber: 7 });
  const [next] = planned(aRound([aJudgement(undefined, { attempt })])).restarts;
  const written = [now, ...times.slice(0, 3)].map((at) => at.toString(36)).join('.');
  t.is(next?.marker, `${asked}.8.${written}`);
});

const firstReasons: readonly (readonly [string, Said, Parameters<typeof aRound>[1]])[] = [
  ['Settling', { since: now - 5 }, { provenAt: undefined }],
  [
    'WebhookUnproven',
    {},
    {
      provenAt: undefined,
      instrumentations: [settledFor(days(1), { status: breakerSince(60) })],
    },
  ],
  ['BreakerOpen', {}, { instrumentations: [settledFor(days(1), { status: breakerSince(60) })] }],
];

for (const [reason, said, round] of firstReasons) {
  test(`of several reasons to wait the first in the table is told: ${reason}`, (t) => {
    const made = planned(aRound([aJudgement(undefined, said)], { warmAt: now + 9, ...round }));
    t.deepEqual(putOff(made), [`Deployment/shop/cart ${reason}`]);
  });
}

test('whoever waits is told why it is behind as well', (t) => {
  const made = planned(aRound([aJudgement()], { provenAt: undefined }));
  t.deepEqual(made.verdicts.get('Deployment/shop/cart'), {
    kind: 'waiting',
    reason: 'WebhookUnproven',
    cause: 'PodsPredateInstrumentation',
    until: undefined,
  });
});

test('it is looked at again when the first of all that wait may have waited long enough', (t) => {
  const made = planned(
    aRound([
      aJudgement('Deployment/shop/one', { since: now - 20 }),
      aJudgement('Deployment/shop/two', { since: now - 25 }),
      aJudgement('Deployment/shop/three', { since: now - 5 }),
    ]),
  );
  t.is(made.wakeAt, now + 5);
});

test('a time that a judgement waits for counts as well', (t) => {
  const verdict = {
    kind: 'waiting',
    reason: 'OwnerActive',
    cause: 'WebhookMissed',
    until: now + 3,
  } as const;
  t.is(planned(aRound([aJudgement(undefined, { verdict })])).wakeAt, now + 3);
});

test('nothing to wait for, nothing to wake for', (t) => {
  t.is(planned(aRound([mended('Deployment/shop/cart', days(1))])).wakeAt, undefined);
});

test('equal rounds give equal plans, in whatever order the judgements come', (t) => {
  const keys = ['c', 'a', 'd', 'b'].map((name) => `Deployment/${name}/web`);
  const plans = [keys, keys.toReversed()].map((order) =>
    planned(aRound(order.map((key) => aJudgement(key))), { ...usualBudget, rampStart: 2 }),
  );
  t.deepEqual(plans.map(restarted), [
    ['Deployment/a/web', 'Deployment/b/web'],
    ['Deployment/a/web', 'Deployment/b/web'],
  ]);
});

test('limits count what the same plan has already spent', (t) => {
  const judgements = Array.from({ length: 9 }, (_, index) =>
    aJudgement(`Deployment/ns${index}/web`),
  );
  const made = plan(aRound(judgements), { ...wide, perHour: 4 });
  t.is(made.restarts.length, 4);
  t.deepEqual(new Set(putOff(made).map((line) => line.split(' ')[1])), new Set(['RateLimited']));
});

test('restarts that follow new settings are announced in the status first', (t) => {
  const judgements = [aJudgement(undefined, { verdict: outdated })];
  const fresh = settledFor(minutes(11), { followedAgo: [] });
  const first = planned(aRound(judgements, { instrumentations: [fresh] }));
  t.deepEqual(restarted(first), []);
  t.deepEqual([...first.follows], ['shop/main']);
  t.is(first.wakeAt, now + 1);

  const announced = settledFor(minutes(11));
  const second = planned(aRound(judgements, { instrumentations: [announced] }));
  t.deepEqual(restarted(second), ['Deployment/shop/cart']);
  t.deepEqual([...second.follows], []);
});

test('an Instrumentation of which no status is known restarts nothing that is only outdated', (t) => {
  const made = planned(
    aRound([aJudgement(undefined, { verdict: outdated })], { instrumentations: [observed()] }),
  );
  t.deepEqual(putOff(made), ['Deployment/shop/cart Settling']);
});
