import test from 'ava';
import { hour, judged, minute, noon, restarted, verdictOn } from '../../support/restart.ts';
import { ago, bare, java, says, stamped } from './judge/says.ts';

// 1. Exempt.

test(
  'that asks for nothing is exempt',
  says,
  { templateAnnotations: { [java]: null } },
  'exempt NotAsked',
);
test(
  'that opts out is exempt, however bare its pods',
  says,
  { templateAnnotations: { [java]: 'false' } },
  'exempt OptedOut',
);
test(
  'whose namespace asks is not exempt',
  says,
  {
    templateAnnotations: { [java]: null },
    namespace: { annotations: { [java]: 'true' } },
  },
  `behind ${bare}`,
);
test(
  'with the agent in its manifest is exempt',
  says,
  {
    container: {
      env: ['OTEL_NODE_IP status.hostIP', 'OTEL_RESOURCE_ATTRIBUTES_NODE_NAME spec.nodeName'].map(
        (text) => {
          const [name = '', fieldPath = ''] = text.split(' ');
          return { name, valueFrom: { fieldRef: { fieldPath } } };
        },
      ),
    },
  },
  'exempt AgentInTemplate',
);
test('that is scaled to zero is exempt', says, { replicas: 0, pods: [] }, 'exempt NothingRuns');
test('without a living pod is exempt', says, { pods: [{ isGoing: true }] }, 'exempt NothingRuns');
test(
  'that is being deleted is exempt',
  says,
  { metadata: { deletionTimestamp: ago(1) } },
  'exempt BeingDeleted',
);
test(
  'in a namespace that is being deleted is exempt',
  says,
  { namespace: { deletionTimestamp: ago(1) } },
  'exempt BeingDeleted',
);

// 2. Our own restart.

test(
  'whose restart by us fails is stuck',
  says,
  restarted(5 * minute, [{ ...stamped, waiting: 'CrashLoopBackOff' }]),
  'stuck RestartFailed',
);
test(
  'whose restart by us fails is stuck even where its pods could not be injected now',
  says,
  restarted(5 * minute, [{ waiting: 'CrashLoopBackOff' }], {
    container: { args: ['-javaagent:/opentelemetry-javaagent.jar'] },
  }),
  'stuck RestartFailed (WebhookMissed)',
);
test(
  'that we are restarting waits for it',
  says,
  restarted(30, [stamped]),
  'waiting RolloutInProgress',
);
test(
  'to which a restart was sent waits for it',
  says,
  { memory: { sent: { number: 1, at: noon - 1 } } },
  `waiting RolloutInProgress (${bare})`,
);

// 3. Refused.

test(
  'whose template cannot be given anything is refused',
  says,
  { instrumentation: 'none' },
  'refused NoInstrumentation',
);
test(
  'whose pods our webhook declined is refused',
  says,
  { pods: [{ carries: 'declined' }, {}] },
  'refused NameTaken',
);
test(
  'whose pods a newer release declined for a reason of its own is refused',
  says,
  { pods: [{ carries: 'declined', declined: { reason: 'MoonTooFull' } }] },
  'refused UnknownRefusal',
);
test(
  'whose pods were declined after our restart is refused, and not stuck',
  says,
  restarted(5 * minute, [{ carries: 'declined' }]),
  'refused NameTaken',
);
test(
  'whose later pod got what an earlier one was declined is behind',
  says,
  {
    pods: [
      { carries: 'declined', age: 2 * hour },
      { ...stamped, age: hour },
    ],
  },
  `behind ${bare}`,
);
test(
  'whose pods were declined by a webhook of another release is behind',
  says,
  {
    pods: [{ carries: 'declined', declined: { defaults: 'feedfeedfeedfeed' } }],
  },
  `behind ${bare}`,
);
test(
  'of which one language is refused and another is given is not refused',
  says,
  {
    templateAnnotations: {
      'instrumentation.opentelemetry.io/inject-nodejs': 'ghost',
      'instrumentation.opentelemetry.io/java-container-names': 'app',
    },
  },
  `behind ${bare}`,
);

// 4. Current.

test(
  'whose pods all have the wanted stamp is current',
  says,
  { pods: [stamped, stamped] },
  'current',
);
test(
  'with the images of an earlier release is current',
  says,
  { pods: [{ carries: 'agedStamp' }] },
  'current',
);
test(
  'that is current is so while its owner rolls it out',
  says,
  { pods: [stamped], status: { updatedReplicas: 1 } },
  'current',
);
test(
  'that is current is so even where it could not be restarted',
  says,
  { pods: [stamped], spec: { paused: true } },
  'current',
);

// 7. Waiting.

test(
  'that its owner has just changed waits',
  says,
  { revisions: [{ number: 2, age: minute }, { number: 1 }] },
  `waiting OwnerActive (${bare})`,
);
test(
  'that its owner changed two minutes ago is left in peace no longer',
  says,
  { revisions: [{ number: 2, age: 2 * minute }, { number: 1 }] },
  `behind ${bare}`,
);
test(
  'whose owner rolls it out waits',
  says,
  { status: { updatedReplicas: 1 } },
  `waiting RolloutInProgress (${bare})`,
);
test(
  'whose pods are not all available waits',
  says,
  { status: { availableReplicas: 1 } },
  `waiting RolloutInProgress (${bare})`,
);
test(
  'whose controller has not seen its latest template waits',
  says,
  { image: 'cart:2', revisions: [{ number: 1, image: 'cart:1' }] },
  `waiting RolloutInProgress (${bare})`,
);

const budget = (disruptionsAllowed: number, app = 'cart') => ({
  metadata: { name: 'budget', namespace: 'shop' },
  spec: { selector: { matchLabels: { app } } },
  status: { disruptionsAllowed },
});

test(
  'whose disruption budget spares no pod waits',
  says,
  { budgets: [budget(0)] },
  `waiting DisruptionNotAllowed (${bare})`,
);
test(
  'whose disruption budget spares a pod is restarted',
  says,
  { budgets: [budget(1), budget(0, 'other')] },
  `behind ${bare}`,
);

test('of an active owner waits as long as is set', (t) => {
  const scene = { revisions: [{ number: 2, age: 90 }] };
  t.is(verdictOn(scene, { quietSeconds: 60 }), `behind ${bare}`);
});

test('of an active owner is looked at again when two minutes are over', (t) => {
  const { verdict } = judged({ revisions: [{ number: 2, age: 90 }] });
  t.like(verdict, { kind: 'waiting', reason: 'OwnerActive', until: noon + 30 });
});

test('a judgement brings along what the plan and the gauges need', (t) => {
  const judgement = judged({ pods: [stamped, {}] });
  t.like(judgement, { key: 'Deployment/shop/cart', since: noon - minute, isBlind: false });
  t.like(judgement.coverage, { current: 1, missing: 1 });
  t.like(judgement.wanted, { kind: 'given', languages: ['java'], instrumentations: ['shop/main'] });
});

test('a workload without a readiness probe is blind, unless it waits after each pod', (t) => {
  const container = { readinessProbe: null };
  t.true(judged({ container }).isBlind);
  t.false(judged({ container, spec: { minReadySeconds: 5 } }).isBlind);
});

test('a judgement tells when the youngest pod without the agent was made', (t) => {
  const pods = [{ age: hour }, { age: 5 * minute }, { age: minute, carries: 'stamp' as const }];
  t.is(judged({ pods }).youngestBareAt, noon - 5 * minute);
  t.is(judged({ pods: [{ carries: 'stamp' }] }).youngestBareAt, undefined);
  t.is(judged({ pods: [{ carries: 'otherStamp' }] }).youngestBareAt, undefined);
});
