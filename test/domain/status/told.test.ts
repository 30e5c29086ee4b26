import test from 'ava';
import { groupByInstrumentation, writeTime } from '../../../domain/status/told.ts';
import { aJudgement, now } from '../restart/plan/build.ts';
import { aTelling } from './build.ts';

test('each workload stands under the Instrumentations that govern it, with the last word on it', (t) => {
  const nothing = { ...aJudgement(), wanted: { kind: 'nothing', reason: 'NotAsked' } } as const;
  const judgements = [aJudgement('Deployment/a/web', { since: now }), nothing];
  const groups = groupByInstrumentation(aTelling({ judgements }));
  t.deepEqual([...groups.keys()], ['shop/main']);
  const [told] = groups.get('shop/main') ?? [];
  t.is(told?.judgement.verdict.kind, 'behind');
  t.like(told?.verdict, { kind: 'waiting', reason: 'Settling' });
});

test('a time is written as Kubernetes writes it', (t) => {
  t.is(writeTime(1_795_608_000), '2026-11-25T12:00:00Z');
});
