import { X509Certificate } from 'node:crypto';
import test from 'ava';
import type { CertificateFact } from '../../../../domain/facts.ts';
import {
  selfManaged,
  type Certificates,
  type SelfManagedOptions,
} from '../../../../controller/webhook/certificates/certificates.ts';
import type { Entries } from '../../../../controller/webhook/certificates/content.ts';
import type { Pair } from '../../../../controller/webhook/certificates/pair.ts';
import { eventually, TestTime } from '../support.ts';
import { instrumentations, pods, TestCluster } from './cluster.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const names = ['otel-retrofit.otel-retrofit.svc', 'otel-retrofit.otel-retrofit.svc.cluster.local'];

interface Replica extends Certificates {
  readonly facts: CertificateFact[];
  readonly shown: Pair[];
}

function aReplica(
  cluster: TestCluster,
  time: TestTime,
  differences: Partial<SelfManagedOptions> = {},
): Replica {
  const facts: CertificateFact[] = [];
  const shown: Pair[] = [];
  const certificates = selfManaged({
    secret: cluster.secret,
    configurations: cluster.store,
    targets: [pods, instrumentations],
    names,
    time,
    record: (fact) => facts.push(fact),
    show: (pair) => shown.push(pair),
    ...differences,
  });
  return { ...certificates, facts, shown };
}

const authoritiesIn = (text = '') =>
  text.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? [];

/** What an API server finds out when it calls: whether the pair that is shown is one it was told to trust. */
const isTrusted = (bundle: string, pair: Pair | undefined) =>
  authoritiesIn(bundle)
    .map((one) => new X509Certificate(one))
    .some((one) => pair?.parsed.verify(one.publicKey) === true && pair.parsed.checkIssued(one));

const typesOf = (facts: readonly CertificateFact[]) => facts.map(({ type }) => type);

test('the first replica makes an authority and a pair, shows it, and tells the API server', async (t) => {
  const cluster = new TestCluster();
  const time = new TestTime();
  const replica = aReplica(cluster, time);
  t.is(await replica.look(), 'settled');
  t.deepEqual(Object.keys(cluster.entries), ['ca.crt', 'ca.key', 'tls.crt', 'tls.key']);
  t.is(cluster.bundle(pods), cluster.entries['ca.crt'] ?? '');
  t.is(cluster.bundle(instrumentations), cluster.entries['ca.crt'] ?? '');
  const [pair] = replica.shown;
  t.is(pair?.certificate, cluster.entries['tls.crt']);
  t.true(isTrusted(cluster.bundle(pods), pair));
  t.true(names.every((name) => pair?.parsed.checkHost(name) === name));
  t.deepEqual(typesOf(replica.facts), [
    'CertificateIssued',
    'CertificateIssued',
    'CertificateLoaded',
    'CaBundlePublished',
    'CaBundlePublished',
  ]);
  t.is(replica.expiries().serving, time.now() + 90 * day);
  t.is(replica.expiries().authority, time.now() + 3_650 * day);
});

test('nothing is written and nothing told while nothing is due', async (t) => {
  const cluster = new TestCluster();
  const time = new TestTime();
  const replica = aReplica(cluster, time);
  await replica.look();
  const before = { ...cluster.stored };
  cluster.calls.length = 0;
  replica.facts.length = 0;
  for (let days = 0; days < 59; days += 1) {
    time.pass(day);
    t.is(await replica.look(), 'settled');
  }
  t.deepEqual({ ...cluster.stored }, before);
  t.deepEqual([...new Set(cluster.calls)], ['read configuration', 'read secret']);
  t.deepEqual(replica.facts, []);
});

test('replicas that start in the same instant agree on one authority', async (t) => {
  for (let round = 0; round < 20; round += 1) {
    const cluster = new TestCluster();
    const time = new TestTime();
    const replicas = Array.from({ length: 3 }, () => aReplica(cluster, time));
    t.deepEqual(await Promise.all(replicas.map((one) => one.look())), [
      'settled',
      'settled',
      'settled',
    ]);
    const shown = replicas.map((one) => one.shown.at(-1)?.certificate);
    t.deepEqual(new Set(shown), new Set([cluster.entries['tls.crt']]));
    t.is(cluster.bundle(pods), cluster.entries['ca.crt'] ?? '');
    t.is(authoritiesIn(cluster.bundle(pods)).length, 1);
    const issued = replicas
      .flatMap(({ facts }) => facts)
      .filter(({ type }) => type === 'CertificateIssued');
    t.is(issued.length, 2, 'one replica alone issued anything that counts');
  }
});

test('a Secret that was prepared without content is filled', async (t) => {
  const cluster = new TestCluster();
  cluster.stored = { uid: 'prepared', version: '1', entries: {} };
  await aReplica(cluster, new TestTime()).look();
  t.is(cluster.stored.uid, 'prepared');
  t.is(authoritiesIn(cluster.entries['ca.crt']).length, 1);
});

test('the serving certificate is renewed at two thirds of its life, by the same authority', async (t) => {
  const cluster = new TestCluster();
  const time = new TestTime();
  const replica = aReplica(cluster, time);
  await replica.look();
  const authority = cluster.entries['ca.crt'];
  time.pass(60 * day - minute);
  await replica.look();
  t.is(replica.shown.length, 1);
  time.pass(2 * minute);
  await replica.look();
  t.is(replica.shown.length, 2);
  t.is(cluster.entries['ca.crt'], authority);
  t.true(isTrusted(cluster.bundle(pods), replica.shown[1]));
  t.deepEqual(typesOf(replica.facts).slice(-2), ['CertificateIssued', 'CertificateLoaded']);
});

test('the API server trusts what is shown at every step while the authority changes', async (t) => {
  const cluster = new TestCluster();
  const time = new TestTime();
  const replicas = [aReplica(cluster, time), aReplica(cluster, time)];
  for (const replica of replicas) await replica.look();
  const [first] = authoritiesIn(cluster.entries['ca.crt']);
  const counts: number[] = [];
  // Years at first, minutes when it matters; one replica lags an hour behind the other.
  time.pass(2_433 * day);
  for (let step = 0; step < 12 * 36; step += 1) {
    time.pass(5 * minute);
    await replicas[0]?.look();
    if (step % 12 === 0) await replicas[1]?.look();
    const count = authoritiesIn(cluster.bundle(pods)).length;
    if (counts.at(-1) !== count) counts.push(count);
    for (const { shown } of replicas) {
      t.true(isTrusted(cluster.bundle(pods), shown.at(-1)), `untrusted at step ${step}`);
      t.true(isTrusted(cluster.bundle(instrumentations), shown.at(-1)));
    }
  }
  t.deepEqual(counts, [1, 2, 1], 'one authority, then both, then the new one');
  t.not(authoritiesIn(cluster.bundle(pods))[0], first);
});

test('a new authority serves only after each configuration has been seen to hold it', async (t) => {
  const cluster = new TestCluster();
  const time = new TestTime();
  const replica = aReplica(cluster, time);
  await replica.look();
  time.pass(2_433 * day);
  await replica.look();
  cluster.failing = /^patch/;
  time.pass(day);
  await replica.look();
  const serving = cluster.entries['tls.crt'];
  t.is(authoritiesIn(cluster.entries['ca.crt']).length, 2);
  time.pass(day);
  await replica.look();
  t.is(cluster.entries['tls.crt'], serving, 'nobody has been told, so nothing changes hands');
  cluster.failing = undefined;
  time.pass(minute);
  await replica.look();
  time.pass(minute);
  await replica.look();
  t.not(cluster.entries['tls.crt'], serving);
  t.true(isTrusted(cluster.bundle(pods), replica.shown.at(-1)));
});

test('a Secret that is deleted brings a new authority without a moment of distrust', async (t) => {
  const cluster = new TestCluster();
  const time = new TestTime();
  const replica = aReplica(cluster, time);
  await replica.look();
  const [first] = authoritiesIn(cluster.entries['ca.crt']);
  cluster.stored = undefined;
  for (let step = 0; step < 25 * 12; step += 1) {
    await replica.look();
    t.true(isTrusted(cluster.bundle(pods), replica.shown.at(-1)));
    time.pass(5 * minute);
  }
  t.false(cluster.bundle(pods).includes(first ?? ''), 'the old authority is gone for good');
  t.is(authoritiesIn(cluster.bundle(pods)).length, 1);
});

const damages: Readonly<Record<string, Partial<Entries>>> = {
  'its authority is rubbish': { 'ca.crt': 'rubbish' },
  'its authority is empty': { 'ca.crt': '' },
  'the key of its authority is rubbish': { 'ca.key': 'rubbish' },
  'its serving certificate is rubbish': {
    'tls.crt': '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
  },
  'its serving key is empty': { 'tls.key': '' },
  'everything in it is rubbish': { 'ca.crt': 'a', 'ca.key': 'b', 'tls.crt': 'c', 'tls.key': 'd' },
};

for (const [how, entries] of Object.entries(damages)) {
  test(`a Secret is repaired from memory and reported when ${how}`, async (t) => {
    const cluster = new TestCluster();
    const time = new TestTime();
    const replica = aReplica(cluster, time);
    await replica.look();
    const before = { ...cluster.entries };
    cluster.damage(entries);
    t.is(await replica.look(), 'settled');
    t.deepEqual(cluster.entries, before, 'it holds again what it held');
    t.true(isTrusted(cluster.bundle(pods), replica.shown.at(-1)));
    t.is(replica.shown.length, 1, 'and nothing else was shown');
    t.true(typesOf(replica.facts).includes('CertificateUnsound'));
  });

  test(`a replica that starts repairs and reports a Secret when ${how}`, async (t) => {
    const cluster = new TestCluster();
    const time = new TestTime();
    await aReplica(cluster, time).look();
    cluster.damage(entries);
    const replica = aReplica(cluster, time);
    t.is(await replica.look(), 'settled');
    t.true(isTrusted(cluster.bundle(pods), replica.shown.at(-1)));
    t.true(typesOf(replica.facts).includes('CertificateUnsound'));
    t.is(await replica.look(), 'settled');
    t.is(replica.shown.length, 1);
  });
}

test('a lost key of the authority leads to another one, while the pair goes on serving', async (t) => {
  const cluster = new TestCluster();
  const time = new TestTime();
  await aReplica(cluster, time).look();
  const serving = cluster.entries['tls.crt'];
  cluster.damage({ 'ca.key': '' });
  const replica = aReplica(cluster, time);
  await replica.look();
  t.is(replica.shown[0]?.certificate, serving);
  t.is(authoritiesIn(cluster.bundle(pods)).length, 2);
});

test('a pair for other names, as after a renaming of the Service, is replaced', async (t) => {
  const cluster = new TestCluster();
  const time = new TestTime();
  await aReplica(cluster, time).look();
  const replica = aReplica(cluster, time, { names: ['renamed.otel-retrofit.svc'] });
  await replica.look();
  t.is(
    replica.shown[0]?.parsed.checkHost('renamed.otel-retrofit.svc'),
    'renamed.otel-retrofit.svc',
  );
  t.true(isTrusted(cluster.bundle(pods), replica.shown[0]));
});

test('an expired pair in the Secret is never shown', async (t) => {
  const cluster = new TestCluster();
  const time = new TestTime();
  await aReplica(cluster, time).look();
  time.pass(91 * day);
  const replica = aReplica(cluster, time);
  await replica.look();
  t.is(replica.shown.length, 1);
  t.true((replica.shown[0]?.expiresAt ?? 0) > time.now());
});

test('a pair that expires because the API server is away is reported, once', async (t) => {
  const cluster = new TestCluster();
  const time = new TestTime();
  const replica = aReplica(cluster, time);
  await replica.look();
  cluster.failing = /./;
  time.pass(91 * day);
  t.is(await replica.look(), 'unsettled');
  t.is(await replica.look(), 'unsettled');
  const told = typesOf(replica.facts).slice(5);
  t.deepEqual(told, ['CertificateCallFailed', 'CertificateExpired']);
  cluster.failing = undefined;
  t.is(await replica.look(), 'settled');
  t.true((replica.shown.at(-1)?.expiresAt ?? 0) > time.now());
});

test('without the right to read configurations there is a pair all the same', async (t) => {
  const cluster = new TestCluster();
  cluster.failing = /configuration/;
  const replica = aReplica(cluster, new TestTime());
  t.is(await replica.look(), 'unsettled');
  t.is(replica.shown.length, 1);
  t.true(
    replica.facts.some(
      (fact) => fact.type === 'CertificateCallFailed' && fact.fault === 'Forbidden',
    ),
  );
});

test('a write that never gets through is reported, though each time somebody was faster', async (t) => {
  const cluster = new TestCluster();
  const replica = aReplica(cluster, new TestTime());
  cluster.between = (call) => {
    if (call === 'patch configuration') cluster.overwrite(pods, '', 'somebody');
  };
  t.is(await replica.look(), 'unsettled');
  t.deepEqual(replica.facts.at(-1)?.type, 'CertificateCallFailed');
  cluster.between = undefined;
  t.is(await replica.look(), 'settled');
});

test('it goes round by itself, sooner after a failure, and at once when it is woken', async (t) => {
  const cluster = new TestCluster();
  const time = new TestTime();
  const replica = aReplica(cluster, time);
  const ending = new AbortController();
  const looks = () => cluster.calls.filter((call) => call === 'read secret').length;
  const over = replica.run(ending.signal);
  const resting = async (after: number) =>
    eventually(`look ${after} is over`, () => looks() === after && time.sleepers === 1);
  await resting(1);
  time.pass(59_999);
  t.is(looks(), 1);
  time.pass(1);
  await resting(2);
  replica.wake();
  await resting(3);
  cluster.failing = /./;
  time.pass(minute);
  await resting(4);
  t.true(replica.facts.some(({ type }) => type === 'CertificateCallFailed'));
  cluster.failing = undefined;
  time.pass(2_000);
  await resting(5);
  ending.abort();
  await over;
  t.pass();
});
