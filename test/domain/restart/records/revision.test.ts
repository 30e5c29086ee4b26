import test from 'ava';
import {
  readControllerRevision,
  readReplicaSet,
} from '../../../../domain/restart/records/revision.ts';
import { readWorkload } from '../../../../domain/restart/records/workload.ts';

const spec = { containers: [{ name: 'app', image: 'cart:1' }] };
const marker = '0123456789abcdef.2.tp24k0';
const annotations = { 'otel-retrofit.dev/restart': marker };
const owner = (kind: string) => ({ kind, name: 'cart', uid: 'w1' });
const metadata = (kind: string, rest: object) => ({
  name: 'cart-6f7d8c9b54',
  namespace: 'shop',
  uid: 'r1',
  creationTimestamp: '2026-11-21T10:00:00Z',
  ownerReferences: [{ ...owner(kind), controller: true }],
  ...rest,
});

const replicaSet = {
  metadata: metadata('Deployment', {
    labels: { app: 'cart', 'pod-template-hash': '6f7d8c9b54' },
    annotations: { 'deployment.kubernetes.io/revision': '7' },
  }),
  spec: {
    replicas: 3,
    template: {
      metadata: { labels: { app: 'cart', 'pod-template-hash': '6f7d8c9b54' }, annotations },
      spec,
    },
  },
  status: { replicas: 3, readyReplicas: 2, availableReplicas: 1 },
};

const controllerRevision = (kind: string, labels: object) => ({
  metadata: metadata(kind, { labels }),
  revision: 7,
  data: {
    spec: {
      template: { $patch: 'replace', metadata: { labels: { app: 'cart' }, annotations }, spec },
    },
  },
});

test('a ReplicaSet is a revision with pods of its own', (t) => {
  t.like(readReplicaSet(replicaSet), {
    kind: 'ReplicaSet',
    createdAt: 1_795_255_200,
    owner: owner('Deployment'),
    number: 7,
    hash: '6f7d8c9b54',
    replicas: { desired: 3, current: 3, ready: 2, available: 1 },
    marker: { asked: '0123456789abcdef', number: 2, times: [1_795_608_720] },
  });
});

test('a ControllerRevision is tied to its pods by its name, or for a DaemonSet by its hash', (t) => {
  const labels = { 'controller.kubernetes.io/hash': '6f7d8c9b54' };
  t.like(readControllerRevision(controllerRevision('StatefulSet', labels)), {
    kind: 'ControllerRevision',
    owner: owner('StatefulSet'),
    number: 7,
    hash: 'cart-6f7d8c9b54',
    replicas: undefined,
  });
  const daemon = { 'controller-revision-hash': '6f7d8c9b54' };
  t.is(readControllerRevision(controllerRevision('DaemonSet', daemon))?.hash, '6f7d8c9b54');
});

test('a workload and its revisions are compared by the digest of their templates', (t) => {
  const template = { metadata: { labels: { app: 'cart' } }, spec };
  const workload = readWorkload('Deployment', { metadata: { name: 'cart' }, spec: { template } });
  t.is(readReplicaSet(replicaSet)?.digest, workload?.digest);
  t.is(readControllerRevision(controllerRevision('StatefulSet', {}))?.digest, workload?.digest);
});

test('whatever JSON comes, there is a revision or there is none', (t) => {
  for (const json of [null, 3, {}, { metadata: 1 }]) {
    t.is(readReplicaSet(json), undefined);
    t.is(readControllerRevision(json), undefined);
  }
  const bare = {
    metadata: { name: 'r', annotations: { 'deployment.kubernetes.io/revision': 'x' } },
  };
  t.like(readReplicaSet(bare), { number: 0, owner: undefined, marker: undefined });
  t.like(readControllerRevision({ ...bare, data: [], revision: 'x' }), { number: 0 });
});
