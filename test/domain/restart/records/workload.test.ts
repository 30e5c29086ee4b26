import test from 'ava';
import { readWorkload, workloadKey } from '../../../../domain/restart/records/workload.ts';

const template = {
  metadata: { annotations: { 'otel-retrofit.dev/restart': '0123456789abcdef.1.tp24k0' } },
  spec: { containers: [{ name: 'app', image: 'cart:1' }] },
};

const late = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' };

const deployment = {
  metadata: {
    name: 'cart',
    namespace: 'shop',
    uid: 'w1',
    resourceVersion: '77',
    generation: 4,
    labels: { app: 'cart' },
    annotations: {
      team: 'shop',
      'kubectl.kubernetes.io/last-applied-configuration':
        '{"spec":{"template":{"metadata":{"annotations":{}}}}}',
    },
    managedFields: [{ manager: 'kubectl', operation: 'Update' }],
  },
  spec: { replicas: 3, template, paused: true },
  status: {
    observedGeneration: 4,
    replicas: 3,
    updatedReplicas: 2,
    conditions: [{ ...late, lastUpdateTime: '2026-11-21T12:12:00Z' }],
  },
};

test('a Deployment keeps its template, its strategy and its counters', (t) => {
  const read = readWorkload('Deployment', deployment);
  t.like(read, {
    kind: 'Deployment',
    uid: 'w1',
    version: '77',
    generation: 4,
    labels: { app: 'cart' },
    annotations: { team: 'shop' },
    owner: undefined,
    applied: { emptiesAnnotations: true, isServerSide: false, replaces: false },
    marker: { asked: '0123456789abcdef', number: 1, times: [1_795_608_720] },
  });
  t.is(read?.template, template);
  t.true(read?.strategy.isPaused);
  t.deepEqual(read?.counters, {
    observedGeneration: 4,
    desired: 3,
    current: 3,
    updated: 2,
    ready: 0,
    available: 0,
    currentRevision: undefined,
    updateRevision: undefined,
    conditions: [{ ...late, saidAt: Date.parse('2026-11-21T12:12:00Z') / 1_000 }],
  });
  t.false(JSON.stringify(read).includes('managedFields'));
});

test('a StatefulSet says which revision is on its way', (t) => {
  const status = {
    currentRevision: 'db-1',
    updateRevision: 'db-2',
    currentReplicas: 2,
    replicas: 3,
  };
  const read = readWorkload('StatefulSet', { metadata: { name: 'db' }, spec: {}, status });
  t.like(read?.counters, {
    desired: 1,
    current: 3,
    updated: 0,
    currentRevision: 'db-1',
    updateRevision: 'db-2',
  });
});

test('a DaemonSet counts in its own words, and means the same', (t) => {
  const status = {
    desiredNumberScheduled: 5,
    currentNumberScheduled: 4,
    updatedNumberScheduled: 3,
    numberReady: 2,
    numberAvailable: 1,
  };
  const read = readWorkload('DaemonSet', { metadata: { name: 'agent' }, status });
  t.like(read?.counters, { desired: 5, current: 4, updated: 3, ready: 2, available: 1 });
});

test('a workload that another object rolls out says so', (t) => {
  const owner = { kind: 'Kafka', name: 'events', uid: 'k' };
  const metadata = { name: 'cart', ownerReferences: [{ ...owner, controller: true }] };
  t.deepEqual(readWorkload('StatefulSet', { metadata })?.owner, owner);
});

test('whatever JSON comes, there is a workload or there is none', (t) => {
  for (const json of [null, [], {}, { metadata: { name: 1 } }])
    t.is(readWorkload('Deployment', json), undefined);
  const strange = { metadata: { name: 'w', labels: 3 }, spec: 'x', status: { conditions: [7] } };
  t.like(readWorkload('Deployment', strange), { name: 'w', version: '', labels: {}, template: {} });
});

test('a workload is known by its kind, namespace and name', (t) => {
  t.is(
    workloadKey({ kind: 'Deployment', namespace: 'shop', name: 'cart' }),
    'Deployment/shop/cart',
  );
});
