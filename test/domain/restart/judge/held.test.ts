import test from 'ava';
import {
  aMarker,
  anOtherMarker,
  day,
  hour,
  minute,
  restarted,
  type PodScene,
  type Scene,
} from '../../../support/restart.ts';
import { bare, says, stamped } from './says.ts';

const outdated: PodScene = { carries: 'otherStamp' };

const restart = { 'otel-retrofit.dev/remediation': 'restart' };

test(
  'for which restarts are off is held',
  says,
  { annotations: { 'otel-retrofit.dev/remediation': 'off' } },
  `held RemediationOff (${bare})`,
);
test(
  'that is only observed is held',
  says,
  { annotations: { 'otel-retrofit.dev/remediation': 'observe' } },
  `held ObserveOnly (${bare})`,
);
test(
  'with outdated pods is held',
  says,
  { pods: [outdated, stamped] },
  'held OutdatedOnly (InstrumentationChanged)',
);
test(
  'with pods that the operator injected is held',
  says,
  { pods: [{ carries: 'adopted' }] },
  'held OutdatedOnly (InstrumentationChanged)',
);
test(
  'with outdated pods is restarted where that is asked for',
  says,
  {
    pods: [outdated],
    annotations: { 'otel-retrofit.dev/restart-outdated': 'true' },
  },
  'behind InstrumentationChanged',
);
test(
  'with outdated pods and a bare one is restarted',
  says,
  { pods: [outdated, {}] },
  `behind ${bare}`,
);
test(
  'in a protected namespace is held',
  says,
  { rules: { protectedNamespaces: new Set(['shop']) } },
  `held ProtectedNamespace (${bare})`,
);
test(
  'in our own namespace is held',
  says,
  { rules: { home: { name: 'shop', annotations: {} } } },
  `held ProtectedNamespace (${bare})`,
);
test('that is paused is held', says, { spec: { paused: true } }, `held Paused (${bare})`);
test(
  'that replaces pods on delete is held',
  says,
  { kind: 'StatefulSet', spec: { updateStrategy: { type: 'OnDelete' } } },
  `held OnDelete (${bare})`,
);
test(
  'with a partition is held',
  says,
  { kind: 'StatefulSet', spec: { updateStrategy: { rollingUpdate: { partition: 1 } } } },
  `held Partitioned (${bare})`,
);

const owned = { ownerReferences: [{ kind: 'Kafka', name: 'events', uid: 'k', controller: true }] };

test('of another owner is held', says, { metadata: owned }, `held OwnedByAnother (${bare})`);
test(
  'of another owner is restarted where somebody says so',
  says,
  { metadata: owned, annotations: restart },
  `behind ${bare}`,
);
test(
  'with a strategy of a newer API is held',
  says,
  { spec: { strategy: { type: 'Teleport' } } },
  `held NotRestartable (${bare})`,
);

const downtime: readonly (readonly [string, Scene])[] = [
  ['Recreate', { spec: { strategy: { type: 'Recreate' } } }],
  ['a StatefulSet of one', { kind: 'StatefulSet', replicas: 1, pods: [{}] }],
  [
    'all pods unavailable at once',
    { spec: { strategy: { rollingUpdate: { maxUnavailable: '100%' } } } },
  ],
  [
    'as many pods unavailable as there are',
    { spec: { strategy: { rollingUpdate: { maxUnavailable: 2 } } } },
  ],
  [
    'one replica and no surge',
    {
      replicas: 1,
      pods: [{}],
      spec: { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '25%' } } },
    },
  ],
  [
    'a DaemonSet that gives up all its nodes',
    { kind: 'DaemonSet', spec: { updateStrategy: { rollingUpdate: { maxUnavailable: '100%' } } } },
  ],
];

for (const [what, scene] of downtime) {
  test(
    `whose restart means downtime is held: ${what}`,
    says,
    scene,
    `held DowntimeExpected (${bare})`,
  );
  test(
    `whose restart means downtime is restarted where somebody says so: ${what}`,
    says,
    { ...scene, annotations: restart },
    `behind ${bare}`,
  );
}

test(
  'with one replica and a surge has no downtime',
  says,
  { replicas: 1, pods: [{}] },
  `behind ${bare}`,
);
test(
  'on a single node, be it a DaemonSet, is restarted',
  says,
  { kind: 'DaemonSet', replicas: 1, pods: [{}] },
  `behind ${bare}`,
);
test(
  'of two, rounded as its controller rounds, keeps a pod',
  says,
  { spec: { strategy: { rollingUpdate: { maxUnavailable: '99%' } } } },
  `behind ${bare}`,
);

for (const waiting of ['CrashLoopBackOff', 'ImagePullBackOff', 'CreateContainerError'])
  test(
    `with a pod in ${waiting} is not restarted`,
    says,
    { pods: [{}, { waiting }] },
    `held AlreadySick (${bare})`,
  );

test(
  'that is past its deadline is not restarted',
  says,
  {
    status: {
      conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
    },
  },
  `held AlreadySick (${bare})`,
);
test(
  'that our restart made sick is tried with new settings',
  says,
  {
    ...restarted(5 * minute, [outdated], {
      annotations: { 'otel-retrofit.dev/restart-outdated': 'true' },
    }),
    marker: anOtherMarker(1, 5 * minute),
    revisions: [
      { number: 2, age: 5 * minute, marker: anOtherMarker(1, 5 * minute) },
      { number: 1 },
    ],
    pods: [
      { ...outdated, age: 4 * minute, waiting: 'CrashLoopBackOff', isReady: false },
      { revision: 1 },
    ],
    status: { updatedReplicas: 1, replicas: 3, availableReplicas: 2 },
  },
  `behind ${bare}`,
);
test(
  'whose other pods were sick before our failed restart is held',
  says,
  {
    marker: anOtherMarker(1, 5 * minute),
    revisions: [
      { number: 2, age: 5 * minute, marker: anOtherMarker(1, 5 * minute) },
      { number: 1 },
    ],
    pods: [
      { ...outdated, age: 4 * minute, waiting: 'CrashLoopBackOff' },
      { revision: 1, waiting: 'CrashLoopBackOff' },
    ],
  },
  `held AlreadySick (${bare})`,
);
test(
  'that its owner made sick days after our restart is held',
  says,
  restarted(3 * day, [{ ...stamped, waiting: 'CrashLoopBackOff' }, { age: minute * 5 }]),
  'held AlreadySick (WebhookMissed)',
);

const lastApplied = (annotations: unknown) => ({
  'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({
    spec: { template: { metadata: { annotations } } },
  }),
});

test(
  'applied with an empty map of annotations is held',
  says,
  { annotations: lastApplied({}) },
  `held MarkerWouldBeErased (${bare})`,
);
test(
  'applied with null for annotations is held',
  says,
  { annotations: lastApplied(null) },
  `held MarkerWouldBeErased (${bare})`,
);
test(
  'applied with annotations of its own is restarted',
  says,
  { annotations: lastApplied({ team: 'shop' }) },
  `behind ${bare}`,
);
test(
  'applied on the server’s side is restarted, whatever was applied before',
  says,
  {
    annotations: lastApplied({}),
    metadata: {
      annotations: lastApplied({}),
      managedFields: [
        {
          manager: 'argocd-controller',
          operation: 'Apply',
          fieldsV1: { 'f:spec': { 'f:template': {} } },
        },
      ],
    },
  },
  `behind ${bare}`,
);
test(
  'that Argo CD replaces whole is held',
  says,
  { annotations: { 'argocd.argoproj.io/sync-options': 'Prune=false, Replace=true' } },
  `held MarkerWouldBeErased (${bare})`,
);

const erased = (scene: Scene = {}): Scene => ({
  image: 'cart:2',
  revisions: [
    { number: 3, age: hour, image: 'cart:2' },
    { number: 2, age: 2 * day, marker: aMarker(1, 2 * day), image: 'cart:1' },
  ],
  pods: [{ age: minute * 5 }],
  ...scene,
});

test(
  'whose tool dropped our marker with its last deploy is held',
  says,
  erased(),
  'held MarkerErased (WebhookMissed)',
);
test(
  'whose tool dropped our marker is restarted when it is resumed',
  says,
  erased({ annotations: { 'otel-retrofit.dev/resume': '1' } }),
  'behind WebhookMissed',
);
test(
  'whose owner went back past our restart has dropped nothing',
  says,
  {
    revisions: [
      { number: 3, age: 3 * day, image: 'cart:1' },
      { number: 2, age: 2 * day, marker: aMarker(1, 2 * day), image: 'cart:2' },
    ],
    image: 'cart:1',
    pods: [{ age: minute * 5 }],
  },
  'behind WebhookMissed',
);
test(
  'whose owner went back past our restart and deployed then has dropped nothing',
  says,
  {
    image: 'cart:3',
    revisions: [
      { number: 4, age: day, image: 'cart:3' },
      { number: 3, age: 3 * day, image: 'cart:1' },
      { number: 2, age: 2 * day, marker: aMarker(1, 2 * day), image: 'cart:2' },
    ],
    pods: [{ age: minute * 5 }],
  },
  'behind WebhookMissed',
);

test(
  'that keeps no revision is held',
  says,
  { spec: { revisionHistoryLimit: 0 } },
  `held NoHistory (${bare})`,
);
test(
  'that keeps one revision is restarted for bare pods',
  says,
  { spec: { revisionHistoryLimit: 1 } },
  `behind ${bare}`,
);
test(
  'that keeps one revision is held for outdated ones',
  says,
  {
    spec: { revisionHistoryLimit: 1 },
    pods: [outdated],
    annotations: { 'otel-retrofit.dev/restart-outdated': 'true' },
  },
  'held NoHistory (InstrumentationChanged)',
);

test(
  'is told the first reason that holds it',
  says,
  {
    rules: { protectedNamespaces: new Set(['shop']) },
    spec: { paused: true, revisionHistoryLimit: 0 },
    annotations: { 'argocd.argoproj.io/sync-options': 'Replace=true' },
  },
  `held ProtectedNamespace (${bare})`,
);

const neverLifted: readonly (readonly [string, Scene])[] = [
  ['Paused', { spec: { paused: true } }],
  ['ProtectedNamespace', { rules: { protectedNamespaces: new Set(['shop']) } }],
  ['AlreadySick', { pods: [{ waiting: 'CrashLoopBackOff' }] }],
  ['NoHistory', { spec: { revisionHistoryLimit: 0 } }],
];

for (const [reason, scene] of neverLifted)
  test(
    `that is held for ${reason} stays so, whatever anybody says`,
    says,
    { ...scene, annotations: restart },
    `held ${reason} (${bare})`,
  );

test(
  'is held for being outdated no more where somebody says "restart"',
  says,
  { pods: [outdated], annotations: restart },
  'behind InstrumentationChanged',
);
