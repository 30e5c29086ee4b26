import test from 'ava';
import {
  bornOf,
  haveRunFor,
  isSameMarker,
  rolloutOf,
  youngestOf,
} from '../../../../domain/restart/judge/rollout.ts';
import { readMarker } from '../../../../domain/restart/records/template.ts';
import {
  aMarker,
  anOtherMarker,
  aSnapshot,
  day,
  hour,
  minute,
  noon,
  type Scene,
} from '../../../support/restart.ts';

const rolloutIn = (scene: Scene) => rolloutOf(aSnapshot(scene));

const complete = test.macro({
  title: (title = '') => title,
  exec(t, scene: Scene, isComplete: boolean) {
    t.is(rolloutIn(scene).isComplete, isComplete);
  },
});

for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet'] as const)
  test(`a ${kind} at rest is complete`, complete, { kind }, true);

test(
  'a template that no revision is made of is not complete',
  complete,
  { image: 'cart:2', revisions: [{ number: 1, image: 'cart:1' }] },
  false,
);
test('a workload without a revision is not complete', complete, { revisions: [], pods: [] }, false);
test(
  'a status of an older generation is not complete',
  complete,
  { metadata: { generation: 2 } },
  false,
);
test('too few updated pods are not complete', complete, { status: { updatedReplicas: 1 } }, false);
test(
  'too few available pods are not complete',
  complete,
  { status: { availableReplicas: 1 } },
  false,
);
test('a pod too many is not complete', complete, { status: { replicas: 3 } }, false);
test('a pod of another revision is not complete', complete, { pods: [{}, { revision: 9 }] }, false);
test(
  'a pod of another revision that is going does not count',
  complete,
  { pods: [{}, { revision: 9, isGoing: true }] },
  true,
);
test(
  'a StatefulSet whose current revision is old is not complete',
  complete,
  { kind: 'StatefulSet', status: { currentRevision: 'cart-hash0' } },
  false,
);
test(
  'a StatefulSet whose update revision is not the newest is not complete',
  complete,
  {
    kind: 'StatefulSet',
    status: { currentRevision: 'cart-hash0', updateRevision: 'cart-hash0' },
  },
  false,
);
test(
  'a DaemonSet with a node to go is not complete',
  complete,
  { kind: 'DaemonSet', status: { numberAvailable: 1 } },
  false,
);

test('a template that was gone back to has its old revision, under a new number', (t) => {
  const { revision, previous, isComplete } = rolloutIn({
    revisions: [
      { number: 3, age: 3 * day },
      { number: 2, age: day, image: 'cart:2' },
    ],
  });
  t.is(revision?.number, 3);
  t.is(previous?.number, 2);
  t.true(isComplete);
});

test('while the live template has no revision yet, the newest is of the one before', (t) => {
  const { revision, previous } = rolloutIn({
    image: 'cart:2',
    revisions: [{ number: 1, image: 'cart:1' }],
  });
  t.is(revision, undefined);
  t.is(previous?.number, 1);
});

test('the rollout of a template without a marker is not ours', (t) => {
  t.false(rolloutIn({}).isOurs);
});

test('the pods of a restart are those born within 15 minutes of its revision', (t) => {
  const rollout = rolloutIn({
    revisions: [{ number: 1, age: 2 * hour }],
    pods: [{ age: 110 * minute }, { age: hour }],
  });
  t.deepEqual(
    bornOf(rollout).map(({ createdAt }) => createdAt),
    [noon - 110 * minute],
  );
});

test('pods have run for as long as the container that started last', (t) => {
  const { pods } = aSnapshot({ pods: [{ age: hour }, { age: hour, runs: 90 }] });
  t.true(haveRunFor(pods, 90, noon));
  t.false(haveRunFor(pods, 91, noon));
  t.false(haveRunFor(aSnapshot({ pods: [{ waiting: 'ContainerCreating' }] }).pods, 0, noon));
});

test('markers are the same for one restart', (t) => {
  const one = readMarker(aMarker(1, hour));
  t.true(isSameMarker(one, readMarker(aMarker(1, hour))));
  t.true(isSameMarker(undefined, undefined));
  for (const other of [aMarker(2, hour), aMarker(1, day), anOtherMarker(1, hour), ''])
    t.false(isSameMarker(one, readMarker(other)), other);
});

test('of pods equally young the same one is found in whatever order they come', (t) => {
  const { pods } = aSnapshot({ pods: [{ age: 9 }, { age: 5 }, { age: 5 }] });
  const found = youngestOf(pods, () => true);
  t.is(found?.createdAt, noon - 5);
  t.is(
    youngestOf(pods.toReversed(), () => true),
    found,
  );
  t.is(
    youngestOf(pods, () => false),
    undefined,
  );
});
