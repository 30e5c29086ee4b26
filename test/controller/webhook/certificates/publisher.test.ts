import test from 'ava';
import type { CertificateFact } from '../../../../domain/facts.ts';
import { selfManaged } from '../../../../controller/webhook/certificates/certificates.ts';
import { TestTime } from '../support.ts';
import { instrumentations, pods, TestCluster } from './cluster.ts';

const hour = 3_600_000;

function scene(cluster = new TestCluster()) {
  const time = new TestTime();
  const facts: CertificateFact[] = [];
  const certificates = selfManaged({
    secret: cluster.secret,
    configurations: cluster.store,
    targets: [pods, instrumentations],
    names: ['localhost'],
    time,
    record: (fact) => facts.push(fact),
    show: () => undefined,
  });
  const elsewhere = () => facts.filter(({ type }) => type === 'CaBundleManagedElsewhere');
  return { cluster, time, facts, look: () => certificates.look(), elsewhere };
}

test('only webhooks of ours are written, wherever they stand in the list', async (t) => {
  const cluster = new TestCluster(instrumentations);
  cluster.install(pods, 'somebody.else.dev');
  const { look } = scene(cluster);
  t.is(await look(), 'settled');
  const webhooks = cluster.configurations.get(pods.kind)?.webhooks ?? [];
  t.deepEqual(
    webhooks.map(({ name, bundle }) => [name, bundle === cluster.entries['ca.crt']]),
    [
      ['somebody.else.dev', false],
      ['pods.otel-retrofit.dev', true],
    ],
  );
});

test('a list that moves between the look and the write is looked at again', async (t) => {
  const cluster = new TestCluster();
  const { look } = scene(cluster);
  cluster.between = (call) => {
    if (call !== 'patch configuration') return;
    cluster.between = undefined;
    cluster.install(pods, 'somebody.else.dev');
  };
  t.is(await look(), 'settled');
  t.is(cluster.bundle(pods), cluster.entries['ca.crt'] ?? '');
});

test('a bundle that somebody takes away once is put back', async (t) => {
  const { cluster, time, look, elsewhere } = scene();
  await look();
  cluster.overwrite(pods, '', 'helm');
  time.pass(hour);
  t.is(await look(), 'settled');
  t.is(cluster.bundle(pods), cluster.entries['ca.crt'] ?? '');
  t.deepEqual(elsewhere(), []);
});

test('a bundle that somebody replaces twice is left to him, by name and said once', async (t) => {
  const { cluster, time, look, elsewhere } = scene();
  await look();
  for (let turn = 0; turn < 6; turn += 1) {
    cluster.overwrite(pods, 'theirs', 'cainjector');
    time.pass(60_000);
    t.is(await look(), 'settled');
  }
  t.is(cluster.bundle(pods), 'theirs');
  t.is(cluster.bundle(instrumentations), cluster.entries['ca.crt'] ?? '', 'the other stays ours');
  t.deepEqual(elsewhere(), [
    {
      type: 'CaBundleManagedElsewhere',
      configuration: 'otel-retrofit',
      webhook: 'pods.otel-retrofit.dev',
      manager: 'cainjector',
    },
  ]);
  const patches = cluster.calls.filter((call) => call === 'patch configuration').length;
  t.is(patches, 3, 'two at first and one more');
});

test('several replicas together give up after the same two losses', async (t) => {
  const cluster = new TestCluster();
  const scenes = [scene(cluster), scene(cluster), scene(cluster)];
  for (const { look } of scenes) await look();
  for (let turn = 0; turn < 6; turn += 1) {
    cluster.overwrite(pods, `theirs ${turn}`, 'argocd-controller');
    for (const { look } of scenes) await look();
  }
  t.is(cluster.bundle(pods), 'theirs 5');
  for (const { elsewhere } of scenes) t.is(elsewhere().length, 1);
});

test('losses that are more than a day apart are never held against anybody', async (t) => {
  const { cluster, time, look, elsewhere } = scene();
  await look();
  for (let release = 0; release < 5; release += 1) {
    cluster.overwrite(pods, '', 'helm');
    time.pass(25 * hour);
    await look();
    t.is(cluster.bundle(pods), cluster.entries['ca.crt'] ?? '');
  }
  t.deepEqual(elsewhere(), []);
});

test('a bundle that another replica has renewed is no loss', async (t) => {
  const cluster = new TestCluster();
  const one = scene(cluster);
  const other = scene(cluster);
  await one.look();
  await other.look();
  for (let turn = 0; turn < 4; turn += 1) {
    cluster.stored = undefined;
    await one.look();
    await other.look();
  }
  t.deepEqual([...one.elsewhere(), ...other.elsewhere()], []);
  t.is(cluster.bundle(pods), cluster.entries['ca.crt'] ?? '');
});

test('a replica with an old view never overwrites a newer bundle', async (t) => {
  const cluster = new TestCluster();
  const slow = scene(cluster);
  const fast = scene(cluster);
  await slow.look();
  await fast.look();
  const old = cluster.bundle(pods);
  cluster.overwrite(pods, '', 'helm');
  // Between the slow one's read of the Secret and its write, the Secret is renewed and published.
  cluster.between = async (call) => {
    if (call !== 'patch configuration') return;
    cluster.between = undefined;
    cluster.stored = undefined;
    await fast.look();
  };
  t.is(await slow.look(), 'settled');
  t.not(cluster.bundle(pods), old);
  t.is(cluster.bundle(pods), cluster.entries['ca.crt'] ?? '');
});

test('a configuration that does not exist is reported once, and served when it comes', async (t) => {
  const cluster = new TestCluster(instrumentations);
  const { facts, look } = scene(cluster);
  await look();
  await look();
  t.deepEqual(
    facts.filter(({ type }) => type === 'WebhookConfigurationMissing'),
    [{ type: 'WebhookConfigurationMissing', configuration: 'otel-retrofit' }],
  );
  cluster.install(pods);
  await look();
  t.is(cluster.bundle(pods), cluster.entries['ca.crt'] ?? '');
});
