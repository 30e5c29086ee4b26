import test from 'ava';
import { gauges, type LoopState, type State } from '../../metrics/gauges.ts';

const leading: LoopState = {
  isLeader: true,
  lastRoundAt: 1_800_000_000_250,
  cluster: {
    pods: [{ namespace: 'shop', state: 'missing', count: 3 }],
    workloads: [{ kind: 'Deployment', verdict: 'waiting', reason: 'Settling', count: 2 }],
    details: [
      {
        namespace: 'shop',
        kind: 'Deployment',
        workload: 'cart',
        verdict: 'waiting',
        reason: 'Settling',
      },
    ],
    restartsInProgress: 1,
    queueLength: 2,
    queueOldestAt: 1_799_999_000,
    limitPerHour: 60,
    breakers: [{ namespace: 'shop', instrumentation: 'main' }],
    isProbeProven: true,
    lastProofAt: 1_799_999_999_000,
    isStatusKept: true,
  },
};

const state: State = {
  certificates: () => [{ certificate: 'authority', expiresAt: 1_800_000_000_500 }],
  caches: () => [
    { resource: 'namespaces', isSynced: true, lastEventAt: 1_800_000_000_000 },
    { resource: 'instrumentations', isSynced: false, lastEventAt: undefined },
  ],
  loop: () => leading,
};

const standingBy: State = {
  ...state,
  loop: () => ({ isLeader: false, lastRoundAt: undefined, cluster: undefined }),
};
const withoutLoop: State = { ...state, loop: () => undefined };

const told = (of: State) =>
  gauges.filter(({ read }) => read(of).length > 0).map(({ name }) => name);

const samplesOf = (name: string, of: State) =>
  gauges.find((gauge) => gauge.name === name)?.read(of) ?? [];

test('times are told in seconds', (t) => {
  const values = gauges
    .filter(({ name }) => name.endsWith('_timestamp_seconds'))
    .flatMap(({ read }) => read(state).map(({ value }) => value));
  t.deepEqual(
    values,
    [1_800_000_000.5, 1_800_000_000, 1_800_000_000.25, 1_799_999_000, 1_799_999_999],
  );
});

test('a sample has the labels of its gauge', (t) => {
  for (const { labels, read } of gauges) {
    for (const sample of read(state)) t.deepEqual(Object.keys(sample.labels), [...labels]);
  }
});

test('a cache that is still being filled says so', (t) => {
  const synced = gauges.find(({ name }) => name === 'retrofit_cache_synced');
  t.deepEqual(
    synced?.read(state).map(({ value }) => value),
    [1, 0],
  );
});

test('the leader tells what the cluster looks like', (t) => {
  t.deepEqual(samplesOf('retrofit_leader', state), [{ labels: {}, value: 1 }]);
  t.deepEqual(samplesOf('retrofit_pods', state), [
    { labels: { namespace: 'shop', state: 'missing' }, value: 3 },
  ]);
  t.deepEqual(samplesOf('retrofit_workloads', state), [
    { labels: { kind: 'Deployment', verdict: 'waiting', reason: 'Settling' }, value: 2 },
  ]);
  t.deepEqual(samplesOf('retrofit_breakers_open', state), [{ labels: {}, value: 1 }]);
  t.deepEqual(samplesOf('retrofit_probe_success', state), [{ labels: {}, value: 1 }]);
});

const always = /certificate|cache|watch/;

test('whoever stands by says so, and nothing of the cluster', (t) => {
  t.deepEqual(
    told(standingBy).filter((name) => !always.test(name)),
    ['retrofit_leader'],
  );
  t.deepEqual(samplesOf('retrofit_leader', standingBy), [{ labels: {}, value: 0 }]);
});

test('where no loop runs, nothing is said of one', (t) => {
  t.deepEqual(
    told(withoutLoop),
    gauges.map(({ name }) => name).filter((name) => always.test(name)),
  );
});
