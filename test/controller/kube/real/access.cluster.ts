import assert from 'node:assert/strict';
import { KubeConfig } from '@kubernetes/client-node';
import { createClient, type Client } from '../../../../controller/kube/client.ts';
import { readKubeConfig } from '../../../../controller/kube/credentials.ts';
import { Fault } from '../../../../controller/kube/fault.ts';
import { createLease, type Lease } from '../../../../controller/kube/lease.ts';
import { repeatEvent, tellEvent } from '../../../../controller/kube/objects.ts';
import { createReflector } from '../../../../controller/kube/reflector.ts';
import { keyOf, type Resource } from '../../../../controller/kube/resource.ts';
import { createTransport } from '../../../../controller/kube/transport.ts';
import type { FaultKey } from '../../../../domain/faults.ts';
import { startFaultProxy, type Trouble } from '../../../support/faults/proxy.ts';
import { seededDice, until } from '../../../support/faults/settle.ts';
import { shownOf, Witness, type Shown } from '../../../support/faults/witness.ts';

/** What these checks need of a real API server; whoever starts one hands it in. */
export interface RealCluster {
  readonly server: string;
  readonly caPem: string;
  /** The path of a kubeconfig that may do everything. */
  readonly kubeconfig: string;
  readonly restartApiServer?: () => Promise<void>;
}

const core = (plural: string): Resource => ({ group: '', version: 'v1', plural, namespaced: true });
const configMaps = core('configmaps');
const namespaces: Resource = { ...core('namespaces'), namespaced: false };
const deployments: Resource = { ...core('deployments'), group: 'apps' };
const things: Resource = {
  group: 'absent.example.com',
  version: 'v1',
  plural: 'things',
  namespaced: true,
};

async function connect({ kubeconfig }: RealCluster) {
  const transport = createTransport(readKubeConfig({ file: kubeconfig }), { version: '0.0.0' });
  return {
    transport,
    client: createClient(transport, { flow: { perSecond: 2_000, burst: 2_000, waiting: 10_000 } }),
  };
}

async function makeNamespace(client: Client, name: string): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  await client.create({ resource: namespaces }, body).catch((error: unknown) => {
    if (!(error instanceof Fault) || error.key !== 'AlreadyExists') throw error;
  });
}

async function refused(call: Promise<unknown>, key: FaultKey): Promise<Fault> {
  const fault = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(fault instanceof Fault, `expected ${key}`);
  assert.equal(fault.key, key, fault.message);
  return fault;
}

const configMap = (name: string, data: Readonly<Record<string, string>> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

/** Every call we make, and every refusal we tell apart, against what a real server says. */
export async function understandsTheServer(
  cluster: RealCluster,
  namespace = 'retrofit-access',
): Promise<void> {
  const { transport, client } = await connect(cluster);
  try {
    await makeNamespace(client, namespace);
    await understandsObjects(client, namespace);
    await understandsRefusals(client, namespace);
    await tellsEvents(client, namespace);
  } finally {
    await client.delete({ resource: namespaces, name: namespace }, {}).catch(() => undefined);
    await transport.close();
  }
}

async function understandsObjects(client: Client, namespace: string): Promise<void> {
  const all = { resource: configMaps, namespace };
  const one = { ...all, name: 'one' };
  await client.create(all, configMap('dry'), { dryRun: true });
  await refused(client.get({ ...all, name: 'dry' }), 'NotFound');
  await client.create(all, configMap('one', { a: '1' }));
  await refused(client.create(all, configMap('one')), 'AlreadyExists');

  const { metadata } = await client.get(one);
  const changed = await client.mergePatch(one, {
    metadata: { uid: metadata.uid },
    data: { b: '2' },
  });
  assert.deepEqual(changed['data'], { a: '1', b: '2' });
  const old = { metadata: { resourceVersion: metadata.resourceVersion }, data: { c: '3' } };
  await refused(client.mergePatch(one, old), 'Conflict');
  await refused(client.mergePatch(one, { metadata: { uid: 'another' } }), 'Conflict');
  await client.jsonPatch(one, [{ op: 'replace', path: '/data/a', value: '9' }]);
  await refused(client.jsonPatch(one, [{ op: 'test', path: '/data/a', value: '1' }]), 'Invalid');
  await refused(client.delete(one, { uid: 'another' }), 'Conflict');
  await client.delete(one, { uid: metadata.uid }, { dryRun: true });

  for (let n = 0; n < 5; n += 1) await client.create(all, configMap(`page-${n}`));
  const first = await client.list(all, { limit: 2 });
  assert.equal(first.items.length, 2);
  const second = await client.list(all, { limit: 500, continue: first.next });
  assert.equal(second.version, first.version);
  await client.delete(one, { uid: metadata.uid });
  await refused(client.get(one), 'NotFound');
}

async function understandsRefusals(client: Client, namespace: string): Promise<void> {
  const secret = 'hunter2-in-the-environment';
  const at = { resource: deployments, namespace, name: 'cart' };
  await client.create(
    { resource: deployments, namespace },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'cart' },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'cart' } },
        template: {
          metadata: { labels: { app: 'cart' } },
          spec: { containers: [{ name: 'c', image: 'i', env: [{ name: 'P', value: secret }] }] },
        },
      },
    },
  );
  for (const spec of [
    { nope: 1 },
    { replicas: 'many' },
    { selector: { matchLabels: { app: 'other' } } },
  ]) {
    const fault = await refused(client.mergePatch(at, { spec }), 'Invalid');
    assert.ok(!`${fault.message}${fault.stack}${JSON.stringify(fault)}`.includes(secret));
  }
  await refused(client.list({ resource: things }), 'KindAbsent');
  await refused(client.list({ resource: { ...configMaps, plural: 'nothings' } }), 'KindAbsent');
  await refused(
    client.list({ resource: configMaps, namespace }, { resourceVersion: 'abc' }),
    'BadRequest',
  );
  const missing = { resource: configMaps, namespace: 'retrofit-none' };
  await refused(client.create(missing, configMap('one')), 'NotFound');
}

async function tellsEvents(client: Client, namespace: string): Promise<void> {
  const regarding = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: 'cart' };
  const event = {
    name: 'cart.0a1b2c',
    type: 'Normal',
    reason: 'WorkloadRestarted',
    action: 'RestartWorkload',
    note: 'ü'.repeat(2_000),
    at: Date.now(),
    regarding,
  } as const;
  const reporter = { controller: 'otel-retrofit.dev/controller', instance: 'test' };
  assert.equal(await tellEvent(client, event, reporter), true);
  assert.equal(await tellEvent(client, event, reporter), false);
  await repeatEvent(client, event, { count: 2, at: Date.now() });
}

export interface Hardship {
  readonly changes: number;
  readonly restarts: number;
  readonly seed: number;
}

export interface Endured {
  readonly requests: number;
  readonly perSecond: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly objects: number;
}

const troubles: readonly Trouble[] = [
  { kind: 'drop' },
  { kind: 'delay', ms: 300 },
  { kind: 'halfOpen', afterBytes: 0 },
  { kind: 'halfOpen', afterBytes: 20_000 },
  { kind: 'reset', afterBytes: 500 },
  { kind: 'reset', afterBytes: 30_000 },
  { kind: 'truncate', afterBytes: 10_000 },
  { kind: 'duplicate' },
  { kind: 'split', bytes: 13 },
  { kind: 'slow', bytes: 4_000, everyMs: 20 },
  { kind: 'wrongLength', by: 7 },
  { kind: 'answer', code: 410, text: '{"kind":"Status","reason":"Expired","code":410}' },
  { kind: 'answer', code: 429, headers: { 'retry-after': '1' }, text: 'Too many requests\n' },
  { kind: 'answer', code: 503, text: '<html>bad gateway</html>' },
];

/**
 * A cache behind a proxy that spoils every third answer, while objects change and the server
 * restarts. At the end it must show exactly what the server has, and never have shown the past.
 */
export async function cacheSurvives(cluster: RealCluster, hardship: Hardship): Promise<Endured> {
  const namespace = 'retrofit-cache';
  const dice = seededDice(hardship.seed);
  const { transport, client } = await connect(cluster);
  await makeNamespace(client, namespace);
  const behind = await proxied(cluster);
  behind.proxy.when = ({ isWatch }) =>
    dice() < 0.33
      ? troubles.filter(({ kind }) => !isWatch || kind !== 'wrongLength')[
          Math.floor(dice() * troubles.length)
        ]
      : undefined;
  const witness = new Witness();
  const faults: Record<string, number> = {};
  const reflector = createReflector<Shown>({
    client: createClient(behind.transport, { dice }),
    resource: configMaps,
    namespace,
    project: shownOf,
    onChange: witness.onChange,
    onFault: ({ key }) => (faults[key] = (faults[key] ?? 0) + 1),
    dice,
    limits: {
      silenceMs: 5_000,
      initialSilenceMs: 3_000,
      pageMs: 5_000,
      headMs: 5_000,
      watchSeconds: { least: 2, most: 4 },
      pauses: { floorMs: 100, ceilingMs: 2_000 },
    },
  });
  const ending = new AbortController();
  const running = reflector.run(ending.signal);
  const begunAt = performance.now();
  try {
    await changeMuch(cluster, client, { ...hardship, namespace, dice });
    behind.proxy.when = () => undefined;
    const truth = await versionsOf(client, namespace);
    await until('the cache to agree', () => same(witness.versions(), truth), 60_000);
    assert.deepEqual(witness.broken, []);
    const requests = behind.proxy.passed.length;
    const perSecond = requests / ((performance.now() - begunAt) / 1_000);
    assert.ok(perSecond < 10, `${perSecond} requests per second`);
    return { requests, perSecond, faults, objects: truth.size };
  } finally {
    ending.abort();
    await running;
    await behind.close();
    await client.delete({ resource: namespaces, name: namespace }, {}).catch(() => undefined);
    await transport.close();
  }
}

const pem = (base64?: string) => (base64 ? Buffer.from(base64, 'base64').toString() : undefined);

/** The same credentials by way of a fault proxy, which shows the server's client certificate in our stead. */
async function proxied({ server, caPem, kubeconfig }: RealCluster) {
  const known = readKubeConfig({ file: kubeconfig });
  const user = known.getCurrentUser();
  const proxy = await startFaultProxy({
    url: server,
    ca: caPem,
    cert: pem(user?.certData),
    key: pem(user?.keyData),
  });
  const through = new KubeConfig();
  through.loadFromClusterAndUser(
    {
      name: 'c',
      server: proxy.url,
      caData: Buffer.from(proxy.ca).toString('base64'),
      skipTLSVerify: false,
    },
    { name: 'u', ...(user?.token ? { token: user.token } : {}) },
  );
  const transport = createTransport(through, { version: '0.0.0' });
  const close = async () => {
    await transport.close();
    await proxy.stop();
  };
  return { proxy, transport, close };
}

interface Much extends Hardship {
  readonly namespace: string;
  readonly dice: () => number;
}

/**
 * Changes that fail while the server is away are not made up for: the truth is what the server has. So
 * what is there is only believed to be, and whoever finds it otherwise learns.
 */
async function changeMuch(cluster: RealCluster, client: Client, much: Much): Promise<void> {
  const { changes, restarts, namespace, dice } = much;
  const restartEvery = Math.ceil(changes / (restarts + 1));
  const all = { resource: configMaps, namespace };
  const lanes = 8;
  const there = new Set<string>();
  const change = async (name: string, value: number) => {
    const isThere = there.has(name);
    try {
      if (!isThere) {
        await client.create(all, configMap(name));
        there.add(name);
      } else if (dice() < 0.3) {
        await client.delete({ ...all, name }, {});
        there.delete(name);
      } else await client.mergePatch({ ...all, name }, { data: { n: String(value) } });
    } catch (error) {
      const key = error instanceof Fault ? error.key : undefined;
      if (key === 'NotFound') there.delete(name);
      if (key === 'AlreadyExists') there.add(name);
    }
  };
  for (let done = 0; done < changes; done += lanes) {
    await Promise.all(
      Array.from({ length: lanes }, (_, lane) =>
        change(`c${lane}-${Math.floor(dice() * 40)}`, done),
      ),
    );
    const isDue = Math.floor(done / restartEvery) < Math.floor((done + lanes) / restartEvery);
    if (isDue) await cluster.restartApiServer?.();
  }
}

async function versionsOf(client: Client, namespace: string): Promise<Map<string, string>> {
  const { items } = await client.list({ resource: configMaps, namespace });
  return new Map(items.map(({ metadata }) => [keyOf(metadata), metadata.resourceVersion]));
}

const same = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>) =>
  one.size === other.size && [...one].every(([key, version]) => other.get(key) === version);

interface Gain {
  readonly by: string;
  readonly term: number;
}

/**
 * Candidates on a real server, at a fourth of the usual durations and less: each hand-over leaves one
 * holder, in a new term. Whoever was late to renew, and was not followed, goes on in the term it had.
 */
export async function leaseChangesHands(cluster: RealCluster, handOvers: number): Promise<void> {
  const namespace = 'default';
  const { transport, client } = await connect(cluster);
  const gains: Gain[] = [];
  let born = 0;
  const bear = () => {
    const ending = new AbortController();
    const identity = `candidate-${(born += 1)}`;
    const lease: Lease = createLease({
      client,
      namespace,
      name: 'retrofit-hand-over',
      identity,
      onGained: (term) => gains.push({ by: identity, term }),
      durations: { leaseMs: 4_000, renewMs: 500, retryMs: 200, fenceMs: 2_000, callMs: 1_500 },
    });
    return { lease, ending, running: lease.run(ending.signal) };
  };
  const candidates = [bear(), bear(), bear()];
  const holdersNow = () => {
    const now = performance.now();
    return candidates.flatMap(({ lease }, place) => (lease.holds(now) ? [place] : []));
  };
  try {
    for (let n = 0; n < handOvers; n += 1) {
      let holders: readonly number[] = [];
      await until('somebody to hold the lease', () => (holders = holdersNow()).length > 0);
      assert.equal(holders.length, 1);
      const [place = 0] = holders;
      candidates[place]?.ending.abort();
      await candidates[place]?.running;
      candidates[place] = bear();
    }
    const terms = new Map(gains.map(({ by, term }) => [term, by]));
    assert.ok(terms.size >= handOvers, `${terms.size} terms`);
    for (const [n, { by, term }] of gains.entries()) {
      assert.equal(by, terms.get(term), `two of term ${term}`);
      assert.ok(n === 0 || term >= (gains[n - 1]?.term ?? 0), `${term} after a later one`);
    }
  } finally {
    for (const { ending } of candidates) ending.abort();
    await Promise.all(candidates.map(({ running }) => running));
    await transport.close();
  }
}
