import test from 'ava';
import { isSameJudgement, isSameVerdict, type Verdict } from '../../../domain/restart/verdict.ts';
import { verdictOn } from '../../support/restart.ts';
import { aJudgement, askedBefore, tried, untried } from './plan/build.ts';

test('a verdict with a reason of another outcome does not compile', (t) => {
  // @ts-expect-error -- to be paused is a reason to hold, and none to exempt
  const verdict: Verdict = { kind: 'exempt', reason: 'Paused' };
  t.is(verdict.kind, 'exempt');
});

test('what is held without a cause does not compile', (t) => {
  // @ts-expect-error -- a person wants to see why it is behind, and why it is not restarted
  const verdict: Verdict = { kind: 'held', reason: 'Paused' };
  t.is(verdict.kind, 'held');
});

test('a verdict is told with its reason and its cause', (t) => {
  t.is(verdictOn({ spec: { paused: true } }), 'held Paused (PodsPredateInstrumentation)');
});

const cart = aJudgement('Deployment/shop/cart', { attempt: tried('succeeded', 60) });
const waiting = { kind: 'waiting', reason: 'Busy', cause: 'WebhookMissed', until: 5 } as const;

test('two verdicts are the same when they say the same, whenever they end', (t) => {
  t.true(isSameVerdict({ kind: 'current' }, { kind: 'current' }));
  t.true(isSameVerdict(waiting, { ...waiting, until: 6 }));
  t.false(isSameVerdict(waiting, { ...waiting, reason: 'RampUp' }));
  t.false(isSameVerdict(waiting, { ...waiting, cause: undefined }));
  t.false(isSameVerdict(waiting, { kind: 'current' }));
});

test('a judgement that was made again of the same is the same', (t) => {
  const { attempt, verdict, coverage } = cart;
  const again = { attempt: { ...attempt }, verdict: { ...verdict }, coverage: { ...coverage } };
  t.true(isSameJudgement(cart, { ...cart, ...again }));
  const waits = { ...cart, verdict: waiting };
  t.true(isSameJudgement(waits, { ...waits, verdict: { ...waiting } }));
  t.false(isSameJudgement(waits, { ...waits, verdict: { ...waiting, until: 6 } }));
});

for (const [what, other] of [
  ['another version of the workload', { workload: { ...cart.workload, version: '8' } }],
  ['something else that is asked', { wanted: { ...cart.wanted } }],
  ['another time since when it is so', { since: 5 }],
  ['a younger pod without the agent', { youngestBareAt: 5 }],
  ['a template that tells when it is ready', { isBlind: !cart.isBlind }],
  ['another verdict', { verdict: { kind: 'current' } }],
  ['another pod', { coverage: { ...cart.coverage, missing: 7 } }],
  ['a restart that has come to something else', { attempt: tried('failed', 60) }],
  ['a restart of another time', { attempt: tried('succeeded', 61) }],
  ['a restart that is proven', { attempt: tried('succeeded', 60, { isProven: true }) }],
  ['a restart for other settings', { attempt: tried('succeeded', 60, { asked: askedBefore }) }],
  ['a restart of another number', { attempt: tried('succeeded', 60, { lastNumber: 2 }) }],
  ['no restart', { attempt: untried }],
] as const)
  test(`a judgement of ${what} is another`, (t) => {
    t.false(isSameJudgement(cart, { ...cart, ...other }));
    t.false(isSameJudgement({ ...cart, ...other }, cart));
  });
