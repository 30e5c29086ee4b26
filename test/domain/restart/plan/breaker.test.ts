import test from 'ava';
import type { JsonObject } from '../../../../domain/json.ts';
import { readBreaker } from '../../../../domain/restart/plan/breaker.ts';
import type { Judgement } from '../../../../domain/restart/verdict.ts';
import {
  aJudgement,
  aRound,
  askedBefore,
  breakerSince,
  current,
  days,
  hours,
  mended,
  minutes,
  now,
  observed,
  planned,
  putOff,
  restarted,
  resumedAgo,
  settledFor,
  tried,
  type Said,
} from './build.ts';

const waiting = aJudgement('Deployment/wait/web');

const went = (key: string, said: Said): Judgement =>
  aJudgement(`Deployment/${key}/web`, { verdict: stuck, ...said });

const stuck = { kind: 'stuck', reason: 'RestartFailed', cause: undefined } as const;

const isOpen = (
  judgements: readonly Judgement[],
  { status, annotations = {} }: { status?: JsonObject; annotations?: JsonObject } = {},
) => {
  const instrumentation = settledFor(days(9), { annotations, ...(status ? { status } : {}) });
  const made = planned(aRound([...judgements, waiting], { instrumentations: [instrumentation] }));
  const open = made.breakers.has('shop/main');
  // Whoever it stops is told so.
  if (open !== putOff(made).includes('Deployment/wait/web BreakerOpen')) throw new Error('untold');
  return open;
};

const single: readonly (readonly [opens: boolean, string, Said])[] = [
  [true, 'a restart whose pods fail', { attempt: tried('failed', minutes(9)) }],
  [true, 'a restart that did not help', { attempt: tried('didNotHelp', minutes(9)) }],
  [
    true,
    'one that was undone soon while pods are behind',
    { attempt: tried('reverted', minutes(9)) },
  ],
  [false, 'one undone later', { attempt: tried('reverted', minutes(31)) }],
  [
    false,
    'one undone soon with no pod behind',
    { attempt: tried('reverted', minutes(9)), coverage: { missing: 0, current: 1 } },
  ],
  [
    true,
    'one whose new pods the webhook declines',
    { attempt: tried('underWay', minutes(1)), coverage: { refused: 1 } },
  ],
  [
    false,
    'a pod declined long after a restart that succeeded',
    { attempt: tried('succeeded', days(1)), coverage: { refused: 1 } },
  ],
  [false, 'one under way', { attempt: tried('underWay', minutes(1)) }],
  [false, 'one that its owner deployed over', { attempt: tried('over', minutes(9)) }],
  [
    false,
    'one that failed with other settings',
    { attempt: tried('failed', minutes(9), { asked: askedBefore }) },
  ],
  [false, 'one that failed two days ago', { attempt: tried('failed', days(2)) }],
];

for (const [opens, title, said] of single) {
  test(`before the first success the breaker ${opens ? 'opens' : 'stays shut'} at ${title}`, (t) => {
    t.is(isOpen([went('one', said)]), opens);
  });
}

test('after a success one failure is the misfortune of one workload', (t) => {
  const success = mended('Deployment/good/web', minutes(40));
  t.false(isOpen([success, went('one', { attempt: tried('failed', minutes(9)) })]));
});

const failed = (key: string, ago: number) => went(key, { attempt: tried('failed', ago) });

test('two within an hour are none', (t) => {
  const success = mended('Deployment/good/web', days(1));
  t.true(isOpen([success, failed('one', minutes(9)), failed('two', minutes(60))]));
  t.false(isOpen([success, failed('one', minutes(9)), failed('two', minutes(70))]));
  t.true(
    isOpen([
      success,
      failed('one', hours(8)),
      failed('two', minutes(1)),
      failed('three', hours(8)),
    ]),
  );
});

test('it tells since when it is open, for which workload, why, and for which settings', (t) => {
  const made = planned(aRound([went('one', { attempt: tried('failed', minutes(9)) })]));
  const breaker = made.breakers.get('shop/main');
  t.like(breaker, { since: now, workload: 'Deployment/one/web', reason: 'RestartFailed' });
});

test('what the status tells stays so, whatever has become of the workload since', (t) => {
  t.true(isOpen([], { status: breakerSince(days(3)) }));
  const made = planned(
    aRound([went('one', { attempt: tried('failed', minutes(9)) })], {
      instrumentations: [settledFor(days(9), { status: breakerSince(minutes(5)) })],
    }),
  );
  t.like(made.breakers.get('shop/main'), {
    since: now - minutes(5),
    workload: 'Deployment/shop/first',
  });
});

test('other settings close it', (t) => {
  t.false(isOpen([], { status: breakerSince(days(3), { settings: 'others' }) }));
});

test('whoever resumes it forgives what failed before', (t) => {
  const status = breakerSince(minutes(5));
  const one = failed('one', minutes(9));
  t.false(isOpen([one], { status, annotations: resumedAgo(minutes(5)) }));
  t.true(isOpen([one], { status, annotations: resumedAgo(minutes(6)) }));
});

test('a restart that fails after that opens it again', (t) => {
  const status = breakerSince(minutes(30));
  const annotations = resumedAgo(minutes(30));
  t.true(isOpen([went('one', { attempt: tried('failed', minutes(20)) })], { status, annotations }));
});

test('nobody can forgive what has not happened yet', (t) => {
  t.true(isOpen([], { status: breakerSince(minutes(5)), annotations: resumedAgo(-minutes(5)) }));
});

test('those of other Instrumentations go on', (t) => {
  const elsewhere = aJudgement('Deployment/else/web', {
    wanted: { instrumentations: ['shop/other'] },
  });
  const made = planned(
    aRound([went('one', { attempt: tried('failed', minutes(9)) }), elsewhere, waiting], {
      instrumentations: [settledFor(days(9)), settledFor(days(9), { name: 'other' })],
    }),
  );
  t.deepEqual(restarted(made), ['Deployment/else/web']);
});

test('a breaker that cannot be read is none', (t) => {
  for (const breaker of ['open', {}, { since: 'yesterday' }])
    t.is(readBreaker(observed({ status: { breaker } })), undefined);
  t.is(planned(aRound([aJudgement(undefined, { verdict: current })])).breakers.size, 0);
});
