import test from 'ava';
import { gauges, type State } from '../../metrics/gauges.ts';

const state: State = {
  certificates: () => [{ certificate: 'authority', expiresAt: 1_800_000_000_500 }],
  caches: () => [
    { resource: 'namespaces', isSynced: true, lastEventAt: 1_800_000_000_000 },
    { resource: 'instrumentations', isSynced: false, lastEventAt: undefined },
  ],
};

test('times are told in seconds', (t) => {
  const values = gauges
    .filter(({ name }) => name.endsWith('_timestamp_seconds'))
    .flatMap(({ read }) => read(state).map(({ value }) => value));
  t.deepEqual(values, [1_800_000_000.5, 1_800_000_000]);
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
