import test from 'ava';
import type { Fact } from '../../../domain/facts.ts';
import { createMetrics } from '../../../metrics/observe.ts';

const cart = {
  workload: { kind: 'StatefulSet', namespace: 'shop', name: 'cart', uid: 'u' },
  asked: '0123456789abcdef',
  instrumentations: ['shop/agents'],
  number: 1,
} as const;

/** Each end of a restart, and the word under which it is counted. */
const ends: readonly (readonly [outcome: string, fact: Fact])[] = [
  ['succeeded', { type: 'RestartSucceeded', ...cart, tookSeconds: 60 }],
  ['failed', { type: 'RestartFailed', ...cart }],
  ['did_not_help', { type: 'RestartDidNotHelp', ...cart }],
  ['reverted', { type: 'RestartReverted', ...cart }],
  ['superseded', { type: 'RestartSuperseded', ...cart }],
  ['rejected', { type: 'RestartRejected', ...cart, fault: 'Forbidden', deniedBy: undefined }],
];

for (const [outcome, fact] of ends) {
  test(`a restart that ends so counts as ${outcome}, and as nothing else`, async (t) => {
    const state = { certificates: () => [], caches: () => [], loop: () => undefined };
    const metrics = createMetrics({ version: '1.2.3', node: 'v24.0.0' }, state);
    metrics.observe(fact);
    const lines = (await metrics.expose({})).body.toString().split('\n');
    t.deepEqual(
      lines.filter((line) => /^retrofit_restart_outcomes_total\{.* [^0]/.test(line)),
      [`retrofit_restart_outcomes_total{kind="StatefulSet",outcome="${outcome}"} 1`],
    );
  });
}
