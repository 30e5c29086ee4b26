import test from 'ava';
import { rolloutOf } from '../../../../domain/restart/judge/rollout.ts';
import { isFailing, isPastDeadline, isSick } from '../../../../domain/restart/judge/sickness.ts';
import { aSnapshot, minute, noon, type PodScene, type Scene } from '../../../support/restart.ts';

const isSickly = (pod: PodScene) => aSnapshot({ pods: [pod] }).pods.some(isSick);

for (const waiting of [
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'ErrImagePull',
  'InvalidImageName',
  'CreateContainerError',
  'CreateContainerConfigError',
  'RunContainerError',
]) {
  test(`a pod in ${waiting} is sick`, (t) => {
    t.true(isSickly({ waiting }));
    t.true(isSickly({ waiting, isInit: true }));
  });
}

test('a pod that is on its way is not sick', (t) => {
  for (const waiting of ['ContainerCreating', 'PodInitializing']) t.false(isSickly({ waiting }));
  t.false(isSickly({}));
  t.false(isSickly({ isReady: false }));
});

test('a container that crashed long ago and runs is not sick', (t) => {
  t.false(isSickly({ restarts: 12, ended: 'Error' }));
});

function fails(scene: Scene): boolean {
  const snapshot = aSnapshot(scene);
  return isFailing(snapshot.workload, rolloutOf(snapshot), noon);
}

test('a rollout fails with any pod of its revision', (t) => {
  t.false(fails({}));
  t.true(fails({ pods: [{}, { restarts: 2 }] }));
  t.false(
    fails({ pods: [{}, { revision: 9, restarts: 2 }], revisions: [{ number: 1, age: minute }] }),
  );
});

test('an image that cannot be fetched is a failure after a minute', (t) => {
  t.false(fails({ pods: [{ age: 59, waiting: 'ErrImagePull' }] }));
  t.true(fails({ pods: [{ age: 60, waiting: 'ErrImagePull' }] }));
});

/** A rollout whose only pod does not become ready. */
const slow = (age: number, scene: Scene = {}) =>
  fails({
    kind: 'StatefulSet',
    revisions: [{ number: 1, age }],
    pods: [{ age, isReady: false }],
    status: { availableReplicas: 0 },
    ...scene,
  });

test('no new ready pod for ten minutes is a failure', (t) => {
  t.false(slow(10 * minute));
  t.true(slow(10 * minute + 1));
});

test('pods that must be ready for a while first have that much longer', (t) => {
  t.false(slow(10 * minute + 1, { spec: { minReadySeconds: 30 } }));
});

test('a Deployment has until five minutes after its own deadline, since clocks differ', (t) => {
  const deployment = { kind: 'Deployment', spec: { progressDeadlineSeconds: 900 } } as const;
  t.false(slow(20 * minute, deployment));
  t.true(slow(20 * minute + 1, deployment));
});

test('a deadline has passed when the controller says so of the present template', (t) => {
  const condition = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' };
  const { workload } = aSnapshot({ status: { conditions: [condition] } });
  t.true(isPastDeadline(workload));
  t.false(isPastDeadline({ ...workload, generation: 2 }));
  const others = [
    { ...condition, status: 'True' },
    { ...condition, reason: 'NewReplicaSetAvailable' },
    { ...condition, type: 'Available' },
  ];
  for (const one of others)
    t.false(isPastDeadline(aSnapshot({ status: { conditions: [one] } }).workload));
});
