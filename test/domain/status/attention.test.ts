import test from 'ava';
import { reasons, type Reason } from '../../../domain/reasons.ts';
import { attentionOf, explain } from '../../../domain/status/attention.ts';
import type { Verdict } from '../../../domain/restart/verdict.ts';
import { aJudgement, minutes, tried } from '../restart/plan/build.ts';
import { askingIn } from './build.ts';

const held = (reason: 'ObserveOnly' | 'Paused'): Verdict => ({
  kind: 'held',
  reason,
  cause: 'WebhookMissed',
});

const waiting = (reason: 'DisruptionNotAllowed' | 'Busy'): Verdict => ({
  kind: 'waiting',
  reason,
  cause: 'WebhookMissed',
  until: undefined,
});

test('what was tried in vain comes first, then refusals, what is held, and what somebody decided', (t) => {
  const judgements = [
    aJudgement('Deployment/a/web', { verdict: held('ObserveOnly') }),
    aJudgement('Deployment/b/web', { verdict: held('Paused') }),
    aJudgement('Deployment/c/web', { verdict: { kind: 'refused', reason: 'NameTaken' } }),
    aJudgement('Deployment/d/web', {
      verdict: { kind: 'stuck', reason: 'RestartDidNotHelp', cause: undefined },
    }),
    aJudgement('Deployment/e/web'),
    aJudgement('Deployment/f/web', { verdict: { kind: 'current' } }),
  ];
  t.deepEqual(
    attentionOf(askingIn({ judgements })).map(({ workload, reason }) => `${workload} ${reason}`),
    [
      'Deployment/d/web RestartDidNotHelp',
      'Deployment/c/web NameTaken',
      'Deployment/b/web Paused',
      'Deployment/a/web ObserveOnly',
    ],
  );
});

test('ten are told of at most, by key', (t) => {
  const judgements = Array.from({ length: 15 }, (_, index) =>
    aJudgement(`Deployment/ns${10 + index}/web`, { verdict: held('Paused') }),
  ).toReversed();
  const keys = attentionOf(askingIn({ judgements })).map(({ workload }) => workload);
  t.is(keys.length, 10);
  t.is(keys[0], 'Deployment/ns10/web');
  t.is(keys[9], 'Deployment/ns19/web');
});

test('the command that helps is written for this workload', (t) => {
  const verdict = { kind: 'stuck', reason: 'RestartFailed', cause: undefined } as const;
  const attempt = tried('failed', minutes(2), { number: 3, lastNumber: 3 });
  const [one] = attentionOf(
    askingIn({ judgements: [aJudgement(undefined, { verdict, attempt })] }),
  );
  t.regex(one?.message ?? '', /`kubectl patch deployment\/cart -n shop -p /);
  t.regex(one?.message ?? '', /otel-retrofit\.dev\/resume=3 /);
});

test('whoever waits for a budget that can spare no pod is told of, before what somebody decided', (t) => {
  const judgements = [
    aJudgement('Deployment/a/web', { verdict: held('ObserveOnly') }),
    aJudgement('Deployment/b/web', { verdict: waiting('DisruptionNotAllowed') }),
    aJudgement('Deployment/c/web', { verdict: waiting('Busy') }),
  ];
  const told = attentionOf(askingIn({ judgements }));
  t.deepEqual(
    told.map(({ workload, reason }) => `${workload} ${reason}`),
    ['Deployment/b/web DisruptionNotAllowed', 'Deployment/a/web ObserveOnly'],
  );
  t.regex(told[0]?.message ?? '', /`kubectl get poddisruptionbudgets -n b`/);
});

test('what is told of all workloads together holds no blank that nobody fills', (t) => {
  for (const reason of Object.keys(reasons) as Reason[])
    t.notRegex(explain(reason), /<\w+>/, reason);
});

test('an open breaker is told of with both ways to close it', (t) => {
  t.regex(
    explain('BreakerOpen'),
    /Change the settings.*resume with the value of status.breaker.since/,
  );
});
