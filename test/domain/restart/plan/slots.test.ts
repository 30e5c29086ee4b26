import test from 'ava';
import type { Budget } from '../../../../domain/restart/plan.ts';
import type { Judgement } from '../../../../domain/restart/verdict.ts';
import {
  aJudgement,
  aRound,
  askedBefore,
  minutes,
  now,
  planned,
  putOff,
  restarted,
  tried,
  usualBudget,
  wide,
  type Said,
} from './build.ts';

const inProgress = { kind: 'waiting', reason: 'RolloutInProgress', cause: undefined } as const;

const underWay = (key: string, said: Said = {}): Judgement =>
  aJudgement(key, {
    verdict: { ...inProgress, until: undefined },
    attempt: tried('underWay', minutes(2)),
    ...said,
  });

const keysOf = (judgements: readonly Judgement[], budget: Partial<Budget>) =>
  restarted(planned(aRound(judgements), { ...wide, ...budget }));

test('in all the cluster so many are under way at once', (t) => {
  const judgements = [
    underWay('Deployment/a/web'),
    underWay('StatefulSet/b/db'),
    aJudgement('Deployment/c/web'),
    aJudgement('Deployment/d/web'),
  ];
  t.deepEqual(keysOf(judgements, { atOnce: 2 }), []);
  t.deepEqual(keysOf(judgements, { atOnce: 3 }), ['Deployment/c/web']);
});

test('in each namespace so many', (t) => {
  const judgements = [
    underWay('Deployment/a/web'),
    aJudgement('Deployment/a/api'),
    aJudgement('Deployment/b/api'),
    aJudgement('Deployment/b/web'),
  ];
  t.deepEqual(keysOf(judgements, { atOncePerNamespace: 1 }), ['Deployment/b/api']);
  t.deepEqual(keysOf(judgements, { atOncePerNamespace: 2 }), [
    'Deployment/a/api',
    'Deployment/b/api',
    'Deployment/b/web',
  ]);
});

test('of StatefulSets and DaemonSets together so many, and Deployments pass them', (t) => {
  const judgements = [
    aJudgement('DaemonSet/a/log'),
    aJudgement('StatefulSet/b/db'),
    aJudgement('Deployment/c/web'),
  ];
  t.deepEqual(keysOf(judgements, { statefulAtOnce: 1 }), ['Deployment/c/web', 'DaemonSet/a/log']);
});

test('one that says nothing of when its pods work goes alone in its namespace', (t) => {
  const blind = aJudgement('Deployment/a/blind', { isBlind: true });
  const seeing = aJudgement('Deployment/a/web');
  t.deepEqual(keysOf([blind, seeing], {}), ['Deployment/a/web']);
  t.deepEqual(keysOf([blind, underWay('Deployment/a/api')], {}), []);
  t.deepEqual(keysOf([underWay('Deployment/a/api', { isBlind: true }), seeing], {}), []);
  t.deepEqual(keysOf([blind, aJudgement('Deployment/b/blind', { isBlind: true })], {}), [
    'Deployment/a/blind',
    'Deployment/b/blind',
  ]);
});

test('a restart under way holds its place whatever it asked for', (t) => {
  const earlier = underWay('Deployment/a/web', {
    attempt: tried('underWay', minutes(2), { asked: askedBefore }),
  });
  t.deepEqual(keysOf([earlier, aJudgement('Deployment/b/web')], { atOnce: 1 }), []);
});

const failed = (ago: number) =>
  aJudgement('Deployment/a/web', {
    verdict: { kind: 'stuck', reason: 'RestartFailed', cause: undefined },
    attempt: tried('failed', ago),
    wanted: { instrumentations: ['shop/other'] },
  });

test('one that failed holds it for half an hour', (t) => {
  const other = aJudgement('Deployment/a/api');
  const soon = planned(aRound([failed(minutes(20)), other]), usualBudget);
  t.deepEqual(putOff(soon), ['Deployment/a/api Busy']);
  t.is(soon.wakeAt, now + minutes(10));
  t.deepEqual(restarted(planned(aRound([failed(minutes(30)), other]), usualBudget)), [
    'Deployment/a/api',
  ]);
});

test('one that has succeeded, was deployed over or undone holds none', (t) => {
  for (const kind of ['succeeded', 'over', 'reverted', 'didNotHelp'] as const) {
    const done = aJudgement('Deployment/a/web', {
      verdict: { kind: 'stuck', reason: 'AttemptsSpent', cause: undefined },
      attempt: tried(kind, minutes(2)),
      wanted: { instrumentations: ['shop/other'] },
    });
    t.deepEqual(keysOf([done, aJudgement('Deployment/a/api')], { atOncePerNamespace: 1 }), [
      'Deployment/a/api',
    ]);
  }
});
