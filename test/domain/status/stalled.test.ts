import test from 'ava';
import { days, settledFor } from '../restart/plan/build.ts';
import { said, type Scene } from './build.ts';

const invalid = settledFor(days(1), { spec: { imagePullPolicy: 'Sometimes' } });

/** Stalled and Reconciling: where a deployment tool gives up, and where it goes on waiting. */
const rows: readonly (readonly [string, Scene, string | undefined, string | undefined])[] = [
  [
    'a webhook that is not seen to work',
    { webhook: 'unproven' },
    undefined,
    'True WebhookUnproven',
  ],
  ['a webhook nobody has asked yet', { webhook: 'unknown' }, undefined, 'True ProbePending'],
  ['all well', {}, undefined, undefined],
  [
    'settings that spoil pods',
    { instrumentation: invalid },
    'True InstrumentationInvalid',
    undefined,
  ],
  [
    'settings that spoil pods, and a webhook that is not seen to work',
    { instrumentation: invalid, webhook: 'unproven' },
    'True InstrumentationInvalid',
    undefined,
  ],
];

for (const [what, scene, stalled, reconciling] of rows) {
  const verdict = stalled === undefined ? 'does not give up' : 'gives up';
  test(`with ${what} a deployment tool ${verdict}`, (t) => {
    t.is(said(scene, 'Stalled'), stalled);
    t.is(said(scene, 'Reconciling'), reconciling);
  });
}
