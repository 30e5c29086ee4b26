import test from 'ava';
import { listAt } from '../../../domain/json.ts';
import { writeTime } from '../../../domain/status/told.ts';
import {
  aJudgement,
  breakerSince,
  current,
  days,
  mended,
  minutes,
  now,
  observed,
  settledFor,
  tried,
} from '../restart/plan/build.ts';
import { conditionIn, said, statusIn, toldOf, type Scene } from './build.ts';

const invalid = settledFor(days(1), { spec: { imagePullPolicy: 'Sometimes' } });

const covered = [mended('Deployment/a/web', days(1))];
const behind = [aJudgement()];
const observeOnly = [
  aJudgement(undefined, {
    verdict: { kind: 'held', reason: 'ObserveOnly', cause: 'WebhookMissed' },
  }),
];
const underWay = [
  aJudgement(undefined, {
    verdict: { kind: 'waiting', reason: 'RolloutInProgress', cause: undefined, until: undefined },
    attempt: tried('underWay', minutes(1)),
  }),
];
const open = settledFor(days(1), { status: breakerSince(60) });

const rows: readonly (readonly [string, Scene, type: string, expected: string | undefined])[] = [
  ['valid settings and a webhook that is seen to work', {}, 'Ready', 'True Served'],
  ['a webhook that is not', { webhook: 'unproven' }, 'Ready', 'False WebhookUnproven'],
  ['a webhook nobody has asked yet', { webhook: 'unknown' }, 'Ready', 'Unknown ProbePending'],
  [
    'settings that spoil pods',
    { instrumentation: invalid },
    'Ready',
    'False InstrumentationInvalid',
  ],
  ['pods that lack it', { judgements: behind }, 'Ready', 'True Served'],

  ['nobody asks', {}, 'Covered', 'True NothingAsks'],
  ['all have it', { judgements: covered }, 'Covered', 'True AllCurrent'],
  ['pods lack it', { judgements: behind }, 'Covered', 'False PodsPredateInstrumentation'],

  ['nothing lacks', { judgements: covered }, 'Remediating', 'False NothingToDo'],
  ['a restart in this plan', { judgements: behind }, 'Remediating', 'True RestartUnderWay'],
  ['a restart under way', { judgements: underWay }, 'Remediating', 'True RestartUnderWay'],
  [
    'a restart that is put off',
    { judgements: behind, round: { warmAt: now + 5 } },
    'Remediating',
    'True RestartPlanned',
  ],
  [
    'the webhook unproven',
    { judgements: behind, webhook: 'unproven' },
    'Remediating',
    'False WebhookUnproven',
  ],
  [
    'a proof that is older than the youngest pod',
    { judgements: behind, round: { provenAt: 1 } },
    'Remediating',
    'True RestartPlanned',
  ],
  [
    'the breaker open',
    { judgements: behind, instrumentation: open },
    'Remediating',
    'False BreakerOpen',
  ],
  ['observing', { judgements: observeOnly }, 'Remediating', 'False ObserveOnly'],

  ['all is well', {}, 'Reconciling', undefined],
  ['uncovered pods', { judgements: behind }, 'Reconciling', undefined],
  ['the webhook unproven', { webhook: 'unproven' }, 'Reconciling', 'True WebhookUnproven'],
  ['settings that spoil pods', { instrumentation: invalid }, 'Reconciling', undefined],
  [
    'settings that spoil pods',
    { instrumentation: invalid },
    'Stalled',
    'True InstrumentationInvalid',
  ],
  ['the breaker open', { instrumentation: open }, 'Stalled', undefined],
];

for (const [title, scene, type, expected] of rows) {
  test(`${type} with ${title}: ${expected ?? 'not there'}`, (t) => {
    t.is(said(scene, type), expected);
  });
}

test('what spoils pods is named, with its field', (t) => {
  t.regex(
    conditionIn(statusIn({ instrumentation: invalid }), 'Ready')?.message ?? '',
    /imagePullPolicy/,
  );
});

test('each speaks of this generation', (t) => {
  const { conditions } = statusIn({ instrumentation: settledFor(days(1), { generation: 4 }) });
  t.deepEqual(
    conditions.map(({ observedGeneration }) => observedGeneration),
    [4, 4, 4],
  );
});

test('the time of a condition moves with its status, and with nothing else', (t) => {
  const instrumentation = settledFor(days(1));
  const first = statusIn({ judgements: behind, instrumentation, round: { now: now - 90 } });
  const told = toldOf(instrumentation, first);
  const next = statusIn({
    judgements: [aJudgement(undefined, { verdict: current, coverage: { current: 1 } })],
    instrumentation: told,
  });
  t.is(conditionIn(next, 'Ready')?.lastTransitionTime, writeTime(now - 90));
  t.is(conditionIn(next, 'Covered')?.lastTransitionTime, writeTime(now));
  t.is(listAt(told.status, 'conditions')?.length, 3);
});

test('a new leader that has not probed yet takes nothing back', (t) => {
  const instrumentation = settledFor(days(1));
  for (const webhook of ['proven', 'unproven'] as const) {
    const first = statusIn({ instrumentation, webhook });
    const next = statusIn({ instrumentation: toldOf(instrumentation, first), webhook: 'unknown' });
    t.deepEqual(next, first);
  }
  t.is(said({ instrumentation: observed(), webhook: 'unknown' }, 'Ready'), 'Unknown ProbePending');
});
