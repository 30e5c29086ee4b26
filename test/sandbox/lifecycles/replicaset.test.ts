import test from 'ava';
import { advanceReplicaSet } from '../../../sandbox/lifecycles/replicaset.ts';
import { aPod, aReplicaSet, aWorld, ago, bodyOf, now, statusIn, told } from './builders.ts';

const three = aReplicaSet('cart-1', { spec: { replicas: 3 } });

test('a ReplicaSet creates the pods that are missing, named and owned by it', (t) => {
  const changes = advanceReplicaSet(three, aWorld({ pods: [aPod('a')] }), now);
  t.deepEqual(told(changes), ['create pods cart-1-', 'create pods cart-1-']);
  t.like(bodyOf(changes.find(({ kind }) => kind === 'create')), {
    metadata: {
      labels: { app: 'cart' },
      annotations: { version: '1' },
      ownerReferences: [
        { kind: 'ReplicaSet', name: 'cart-1', uid: 'uid-of-cart-1', controller: true },
      ],
    },
    spec: { containers: [{ name: 'main' }] },
  });
});

test('a pod that has ended or is leaving is replaced at once, and counted as leaving only', (t) => {
  const pods = [
    aPod('failed', { phase: 'Failed', readyFor: 10 }),
    aPod('done', { phase: 'Succeeded' }),
    aPod('leaving', { readyFor: 10, deletionTimestamp: ago(-30) }),
  ];
  const changes = advanceReplicaSet(three, aWorld({ pods }), now);
  t.is(told(changes).length, 3);
  t.like(statusIn(changes), { status: { replicas: 3, terminatingReplicas: 1 } });
});

test('the Ready condition alone makes a pod count', (t) => {
  const pods = [aPod('a', { phase: 'Pending', readyFor: 1 }), aPod('b'), aPod('c')];
  const changes = advanceReplicaSet(three, aWorld({ pods }), now);
  t.deepEqual(statusIn(changes), {
    status: {
      observedGeneration: 1,
      replicas: 3,
      readyReplicas: 1,
      availableReplicas: 1,
      terminatingReplicas: 0,
    },
  });
});

test('with minReadySeconds a ready pod becomes available by time, and is looked at then', (t) => {
  const slow = aReplicaSet('cart-1', { spec: { replicas: 1, minReadySeconds: 30 } });
  const world = aWorld({ pods: [aPod('a', { readyFor: 10 })] });
  const changes = advanceReplicaSet(slow, world, now);
  t.like(statusIn(changes), { status: { readyReplicas: 1 } });
  t.deepEqual(changes.at(-1), { kind: 'look', at: now + 20_000 });
  t.like(statusIn(advanceReplicaSet(slow, world, now + 20_000)), {
    status: { availableReplicas: 1 },
  });
});

test('of the pods that are too many those go first that are worth least', (t) => {
  const kept = { node: 'n', readyFor: 50 };
  const pods = [
    aPod('old', { ...kept, creationTimestamp: ago(90) }),
    aPod('young', { ...kept, creationTimestamp: ago(80) }),
    aPod('unready', { node: 'n' }),
    aPod('pending', { node: 'n', phase: 'Pending' }),
    aPod('unbound', { phase: 'Pending' }),
  ];
  const gone = (replicas: number) =>
    told(advanceReplicaSet(aReplicaSet('cart-1', { spec: { replicas } }), aWorld({ pods }), now));
  t.deepEqual(
    gone(0).map((line) => line.replace('delete pods ', '')),
    ['unbound', 'pending', 'unready', 'young', 'old'],
  );
  t.is(gone(4).length, 1);
});

test('a ReplicaSet that is going only counts', (t) => {
  const going = aReplicaSet('cart-1', {
    metadata: { deletionTimestamp: ago(0) },
    spec: { replicas: 3 },
  });
  t.deepEqual(told(advanceReplicaSet(going, aWorld(), now)), []);
});
