import test from 'ava';
import { commonestLack } from '../../../domain/status/lack.ts';
import type { Verdict } from '../../../domain/restart/verdict.ts';
import { aJudgement, current } from '../restart/plan/build.ts';
import { askingIn, type Scene } from './build.ts';

const paused: Verdict = { kind: 'held', reason: 'Paused', cause: 'WebhookMissed' };

const lackIn = (scene: Scene) => commonestLack(askingIn(scene));

test('the reason that most pods lack it for is told', (t) => {
  const judgements = [
    aJudgement('Deployment/a/web', { verdict: paused, coverage: { missing: 2 } }),
    aJudgement('Deployment/b/web', { verdict: paused, coverage: { missing: 2 } }),
    aJudgement('Deployment/c/web', { coverage: { missing: 3 } }),
    aJudgement('Deployment/d/web', { verdict: current, coverage: { current: 99 } }),
  ];
  t.is(lackIn({ judgements }), 'Paused');
});

test('of two that are equally frequent the first by name', (t) => {
  const judgements = [
    aJudgement('Deployment/a/web', { verdict: { kind: 'refused', reason: 'NameTaken' } }),
    aJudgement('Deployment/b/web', { verdict: paused }),
  ];
  t.is(lackIn({ judgements }), 'NameTaken');
  t.is(lackIn({ judgements: judgements.toReversed() }), 'NameTaken');
});

test('whoever waits is told of by its cause, since why it waits changes all the time', (t) => {
  t.is(lackIn({ judgements: [aJudgement()], webhook: 'unproven' }), 'PodsPredateInstrumentation');
});
