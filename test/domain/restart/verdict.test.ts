import test from 'ava';
import type { Verdict } from '../../../domain/restart/verdict.ts';
import { verdictOn } from '../../support/restart.ts';

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
