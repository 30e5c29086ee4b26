import test from 'ava';
import type { Attempt } from '../../../domain/restart/attempt.ts';
import {
  aMarker,
  anOtherMarker,
  day,
  hour,
  judged,
  minute,
  noon,
  type PodScene,
  type Scene,
} from '../../support/restart.ts';

const attemptAt = (scene: Scene) => judged(scene).attempt;

/** Our first restart of shop/cart, `age` seconds ago, with its pods born three seconds later. */
function restarted(age: number, pod: PodScene = {}, scene: Scene = {}): Scene {
  const marker = aMarker(1, age);
  return {
    marker,
    revisions: [
      { number: 2, age, marker },
      { number: 1, age: day },
    ],
    pods: [
      { age: age - 3, ...pod },
      { age: age - 3, ...pod },
    ],
    ...scene,
  };
}

const stamped: PodScene = { carries: 'stamp' };
const halfWay = {
  status: { observedGeneration: 1, replicas: 3, updatedReplicas: 1, availableReplicas: 3 },
};
const [bareOld, bareOlder] = [{ revision: 1 }, { revision: 1, age: day }];

const read = test.macro({
  title: (title = '') => title,
  exec(t, scene: Scene, kind: Attempt['kind']) {
    t.is(attemptAt(scene).kind, kind);
  },
});

test('a workload that we never restarted has no attempt', (t) => {
  t.deepEqual(attemptAt({}), { kind: 'none', times: [], lastNumber: 0 });
});

// Whose the restart is.

test(
  'a marker that has no revision yet is ours, and under way',
  read,
  { marker: aMarker(1, 5) },
  'underWay',
);
test(
  'it stays under way for as long as the controllers of the cluster are down',
  read,
  { marker: aMarker(1, 40 * minute) },
  'underWay',
);
test(
  'the newest revision, first to carry the live marker, is ours',
  read,
  restarted(5 * minute, stamped),
  'succeeded',
);
test(
  'where the owner has deployed since, our restart is history',
  read,
  restarted(
    5 * minute,
    { waiting: 'CrashLoopBackOff' },
    {
      image: 'cart:2',
      revisions: [
        { number: 3, age: 4 * minute, marker: aMarker(1, 5 * minute), image: 'cart:2' },
        { number: 2, age: 5 * minute, marker: aMarker(1, 5 * minute), image: 'cart:1' },
      ],
    },
  ),
  'over',
);
test(
  'where the owner has deployed and no revision tells of it yet, it is history too',
  read,
  restarted(
    5 * minute,
    {},
    {
      image: 'cart:2',
      revisions: [{ number: 2, age: 5 * minute, marker: aMarker(1, 5 * minute), image: 'cart:1' }],
    },
  ),
  'over',
);
test(
  'where the owner has gone back past our latest restart to an earlier one of ours, it is history',
  read,
  {
    marker: aMarker(1, 3 * hour),
    revisions: [
      { number: 3, age: 3 * hour, marker: aMarker(1, 3 * hour) },
      { number: 2, age: 2 * hour, marker: aMarker(2, 2 * hour, 3 * hour), image: 'cart:2' },
    ],
    pods: [{ age: minute }],
  },
  'over',
);

test('history keeps its times, so that it counts as attempts', (t) => {
  const marker = aMarker(2, hour, 2 * hour);
  const attempt = attemptAt({
    image: 'cart:2',
    marker,
    revisions: [
      { number: 9, age: 5 * minute, marker, image: 'cart:2' },
      { number: 8, age: hour, marker, image: 'cart:1' },
      { number: 7, age: 2 * hour, marker: aMarker(1, 2 * hour), image: 'cart:1' },
      { number: 6, age: day, marker: anOtherMarker(7, 3 * day), image: 'cart:0' },
    ],
  });
  t.is(attempt.kind, 'over');
  t.deepEqual(attempt.times, [noon - hour, noon - 2 * hour, noon - 3 * day]);
});

test('the next number is above all that any template tells of, whatever was asked', (t) => {
  const marker = aMarker(2, hour);
  const attempt = attemptAt({
    marker,
    revisions: [
      { number: 3, age: hour, marker },
      { number: 2, age: 2 * hour, marker: anOtherMarker(5, 2 * hour) },
    ],
  });
  t.is(attempt.lastNumber, 5);
});

test('times that a live marker and revisions both tell of count once', (t) => {
  const marker = aMarker(3, hour, 2 * hour, 3 * hour);
  const revisions = [
    { number: 4, age: hour, marker },
    { number: 3, age: 2 * hour, marker: aMarker(2, 2 * hour, 3 * hour) },
    { number: 2, age: 3 * hour, marker: aMarker(1, 3 * hour) },
  ];
  t.deepEqual(attemptAt({ marker, revisions }).times, [
    noon - hour,
    noon - 2 * hour,
    noon - 3 * hour,
  ]);
});

test('a restart that was sent counts as under way until the cache shows it', (t) => {
  const memory = { sent: { number: 1, at: noon - 2 } };
  t.like(attemptAt({ memory }), { kind: 'underWay', number: 1, times: [noon - 2], lastNumber: 1 });
  t.is(attemptAt(restarted(5 * minute, stamped, { memory })).kind, 'succeeded');
});

// Under way.

test(
  'counters that still say "complete" prove nothing while the revision is not there',
  read,
  restarted(1, {}, { revisions: [{ number: 1 }], pods: [bareOld, bareOlder] }),
  'underWay',
);
test(
  'counters of an older generation prove nothing',
  read,
  restarted(1, stamped, { metadata: { generation: 2 } }),
  'underWay',
);
test(
  'a counter that is not there is zero, and not complete',
  read,
  restarted(1, stamped, { status: { updatedReplicas: null } }),
  'underWay',
);
test(
  'a rollout whose counters say "complete" goes on while a pod of another revision is in the cache',
  read,
  restarted(5 * minute, stamped, { pods: [{ ...stamped, age: 4 * minute }, bareOld] }),
  'underWay',
);
test(
  'a pod of another revision that is going holds nothing up',
  read,
  restarted(5 * minute, stamped, {
    pods: [
      { ...stamped, age: 4 * minute },
      { revision: 1, isGoing: true },
    ],
  }),
  'succeeded',
);
test(
  'a complete rollout goes on until its pods have run for a minute',
  read,
  restarted(40, stamped),
  'underWay',
);
test(
  'a container that restarts soaks anew',
  read,
  restarted(5 * minute, { ...stamped, restarts: 1, runs: 30 }),
  'underWay',
);
test(
  'pods soak for minReadySeconds where that is longer',
  read,
  restarted(5 * minute, stamped, { spec: { minReadySeconds: 600 } }),
  'underWay',
);
test(
  'a StatefulSet is complete when its current revision is the new one',
  read,
  restarted(5 * minute, stamped, {
    kind: 'StatefulSet',
    status: { currentRevision: 'cart-hash1' },
  }),
  'underWay',
);
test(
  'so a StatefulSet succeeds',
  read,
  restarted(5 * minute, stamped, { kind: 'StatefulSet' }),
  'succeeded',
);
test(
  'a DaemonSet is not complete while its available pods are old ones',
  read,
  restarted(5 * minute, stamped, { kind: 'DaemonSet', status: { updatedNumberScheduled: 0 } }),
  'underWay',
);
test(
  'so a DaemonSet succeeds',
  read,
  restarted(5 * minute, stamped, { kind: 'DaemonSet' }),
  'succeeded',
);
test(
  'Recreate with all old pods available is not complete',
  read,
  restarted(
    5,
    {},
    {
      spec: { strategy: { type: 'Recreate' } },
      status: { updatedReplicas: null },
      pods: [bareOld],
    },
  ),
  'underWay',
);

// Succeeded.

test(
  'one pod with the wanted stamp is success, whatever comes to the others',
  read,
  restarted(
    5 * minute,
    {},
    {
      pods: [{ ...stamped, age: 4 * minute }, { age: 2 * minute }],
    },
  ),
  'succeeded',
);
test(
  'a pod that is born bare long after a success changes nothing about it',
  read,
  restarted(3 * day, {}, { pods: [stamped, { age: 3 }] }),
  'succeeded',
);

const isProven = (age: number, pod: PodScene = {}) => {
  const attempt = attemptAt(restarted(age, { ...stamped, ...pod }));
  return attempt.kind === 'succeeded' && attempt.isProven;
};

test('a success counts for the ramp when its pods have run for 15 minutes', (t) => {
  t.false(isProven(10 * minute));
  t.true(isProven(16 * minute));
  t.false(isProven(16 * minute, { restarts: 1, runs: 6 * minute }));
  t.true(isProven(40 * minute, { restarts: 1, runs: 6 * minute }));
});

// Failed.

const failing: readonly (readonly [string, PodScene])[] = [
  ['an init container of it cannot fetch its image', { isInit: true, waiting: 'ImagePullBackOff' }],
  [
    'an init container of it cannot be created',
    { isInit: true, waiting: 'CreateContainerConfigError' },
  ],
  ['an init container of it crashes', { isInit: true, waiting: 'CrashLoopBackOff' }],
  ['its container crashes', { waiting: 'CrashLoopBackOff' }],
  ['its container has crashed twice, and runs for now', { restarts: 2, runs: 20 }],
  ['its container ran out of memory', { ended: 'OOMKilled', restarts: 1 }],
];

for (const [why, pod] of failing) {
  test(
    `a restart has failed when ${why}`,
    read,
    restarted(5 * minute, { ...stamped, ...pod }),
    'failed',
  );
}

test(
  'a crash loop completes its rollout where there is no readiness probe, and is seen all the same',
  read,
  restarted(3 * minute, { ...stamped, waiting: 'CrashLoopBackOff', restarts: 3, isReady: false }),
  'failed',
);
test(
  'one container restart is no failure: a neighbour may not have been ready',
  read,
  restarted(5 * minute, { ...stamped, restarts: 1, runs: 4 * minute }),
  'succeeded',
);
test(
  'a registry that fails once is no failure',
  read,
  restarted(30, { waiting: 'ErrImagePull', isReady: false }, halfWay),
  'underWay',
);
test(
  'a restart has failed when it is past its progress deadline',
  read,
  restarted(
    11 * minute,
    { isReady: false },
    {
      status: {
        ...halfWay.status,
        conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
      },
    },
  ),
  'failed',
);
test(
  'the passed deadline of an earlier change is not held against a new restart',
  read,
  restarted(
    5,
    { isReady: false },
    {
      metadata: { generation: 2 },
      status: {
        ...halfWay.status,
        conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
      },
    },
  ),
  'underWay',
);
test(
  'a restart without a new ready pod for ten minutes has failed',
  read,
  restarted(
    11 * minute,
    { isReady: false },
    { kind: 'StatefulSet', status: { availableReplicas: 1 } },
  ),
  'failed',
);
test(
  'each ready pod gives a long rollout another ten minutes',
  read,
  restarted(
    50 * minute,
    {},
    {
      kind: 'StatefulSet',
      status: { updatedReplicas: 1 },
      pods: [
        { ...stamped, age: 5 * minute },
        { revision: 1, age: day },
      ],
    },
  ),
  'underWay',
);
test(
  'a healthy start of 700 seconds with a deadline of 900 is under way',
  read,
  restarted(700, { isReady: false }, { ...halfWay, spec: { progressDeadlineSeconds: 900 } }),
  'underWay',
);
test(
  'after half an hour without a pod of another revision, what fails is the owner’s',
  read,
  restarted(
    31 * minute,
    { ...stamped, waiting: 'CrashLoopBackOff', isReady: false },
    {
      status: { availableReplicas: 0 },
    },
  ),
  'over',
);
test(
  'after half an hour with a pod of another revision, a failure is still ours',
  read,
  restarted(
    31 * minute,
    {},
    {
      ...halfWay,
      pods: [{ ...stamped, age: 30 * minute, waiting: 'CrashLoopBackOff' }, bareOld],
    },
  ),
  'failed',
);
test(
  'an owner’s outage on the third day is not blamed on us',
  read,
  restarted(3 * day, { ...stamped, waiting: 'CrashLoopBackOff', restarts: 40 }),
  'over',
);
test(
  'a failure under other settings is over',
  read,
  restarted(
    5 * minute,
    { waiting: 'CrashLoopBackOff' },
    {
      marker: anOtherMarker(1, 5 * minute),
      revisions: [
        { number: 2, age: 5 * minute, marker: anOtherMarker(1, 5 * minute) },
        { number: 1 },
      ],
    },
  ),
  'over',
);
test(
  'a failure that was resumed is over',
  read,
  restarted(
    5 * minute,
    { waiting: 'CrashLoopBackOff' },
    {
      annotations: { 'otel-retrofit.dev/resume': '1' },
    },
  ),
  'over',
);
test(
  'resuming an earlier restart forgives no later one',
  read,
  restarted(
    5 * minute,
    { waiting: 'CrashLoopBackOff' },
    {
      annotations: { 'otel-retrofit.dev/resume': '0' },
    },
  ),
  'failed',
);

// Did not help.

test('a restart whose pods came bare did not help', read, restarted(5 * minute), 'didNotHelp');
test(
  'neither did one whose pods were all declined',
  read,
  restarted(5 * minute, { carries: 'declined' }),
  'didNotHelp',
);
test(
  'counters that run ahead of the pods give no verdict',
  read,
  restarted(5 * minute, {}, { pods: [bareOld, bareOlder] }),
  'underWay',
);
test(
  'pods that were born bare later than 15 minutes after it are a new gap',
  read,
  restarted(day, {}, { pods: [{ age: hour }, { age: 2 * hour }] }),
  'over',
);
test(
  'a restart that did not help under other settings is over',
  read,
  restarted(
    5 * minute,
    {},
    {
      marker: anOtherMarker(1, 5 * minute),
      revisions: [
        { number: 2, age: 5 * minute, marker: anOtherMarker(1, 5 * minute) },
        { number: 1 },
      ],
    },
  ),
  'over',
);
test(
  'a restart that did not help and was resumed is over',
  read,
  restarted(5 * minute, {}, { annotations: { 'otel-retrofit.dev/resume': '1' } }),
  'over',
);

// Reverted.

/** The marker is gone, and the template is as it was: its old revision has a new number. */
const reverted = (scene: Scene = {}): Scene => ({
  revisions: [
    { number: 3, age: day },
    { number: 2, age: 5 * minute, marker: aMarker(1, 5 * minute) },
  ],
  pods: [{ age: minute }],
  ...scene,
});

test('a template that is as before our restart was reverted', read, reverted(), 'reverted');
/** Our restart in the revisions, and not in the template. */
const unseen = (scene: Scene = {}) =>
  reverted({
    revisions: [
      { number: 2, age: 5, marker: aMarker(1, 5) },
      { number: 1, age: day },
    ],
    ...scene,
  });

test(
  'a revision of our restart that arrives before the template is no revert',
  read,
  unseen(),
  'underWay',
);
test('the same holds for a StatefulSet', read, unseen({ kind: 'StatefulSet' }), 'underWay');
test(
  'going back to an earlier restart of ours reverts the later one',
  read,
  reverted({
    marker: aMarker(1, hour),
    revisions: [
      { number: 3, age: hour, marker: aMarker(1, hour) },
      { number: 2, age: 5 * minute, marker: aMarker(2, 5 * minute, hour) },
    ],
  }),
  'reverted',
);
test(
  'another template without our marker reverts nothing',
  read,
  reverted({
    image: 'cart:2',
    revisions: [
      { number: 3, age: minute, image: 'cart:2' },
      { number: 2, age: 5 * minute, marker: aMarker(1, 5 * minute), image: 'cart:1' },
    ],
  }),
  'over',
);
test(
  'a revert that was resumed is over',
  read,
  reverted({ annotations: { 'otel-retrofit.dev/resume': '1' } }),
  'over',
);
test(
  'what was asked then and is not asked now is over',
  read,
  reverted({ instrumentation: { spec: { exporter: { endpoint: 'http://new:4318' } } } }),
  'over',
);
test(
  'a StatefulSet tells the same by its own revisions',
  read,
  reverted({ kind: 'StatefulSet' }),
  'reverted',
);
