import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import test from 'ava';
import { marks } from '../../../../crds/names.ts';
import { createClient } from '../../../../controller/kube/client.ts';
import { readKubeConfig } from '../../../../controller/kube/credentials.ts';
import { createTransport } from '../../../../controller/kube/transport.ts';
import { createCaches } from '../../../../controller/loop/caches.ts';
import { resources } from '../../../../controller/loop/kinds.ts';
import { isObject, objectAt, textAt, type JsonObject } from '../../../../domain/json.ts';
import { workloadKinds, type WorkloadKind } from '../../../../domain/restart/records/metadata.ts';
import {
  leaseChangesHands,
  understandsTheServer,
  type RealCluster,
} from '../../../controller/kube/real/access.cluster.ts';
import { theDefaults } from '../../../support/build.ts';
import type { Cluster } from '../../cluster.ts';
import { startCluster } from '../../start.ts';
import { until } from '../../until.ts';
import { isOurs } from '../../plane/ours.ts';

const today = 'today';
const former = 'as 1.33';
const clusters = new Map<string, Cluster>();

/** What is said of every version is tried on all at once: most of the time is waiting. */
const onEach = (run: (cluster: Cluster) => Promise<void>) =>
  Promise.all([...clusters.values()].map(run));

async function start(version: string, options: Parameters<typeof startCluster>[0]) {
  clusters.set(version, await startCluster(options));
}

test.before('the control planes are there', async () => {
  const older = isOurs ? [start(former, { emulated: '1.33' })] : [];
  await Promise.all([start(today, {}), ...older]);
});

test.after.always('they end', async () => {
  await onEach((cluster) => cluster.stop());
});

test.serial('every call is carried out, and every refusal told apart', async (t) => {
  await onEach((cluster) => understandsTheServer(real(cluster)));
  t.pass();
});

test.serial(
  'over 50 hand-overs of the lease one at most holds it, each in a new term',
  async (t) => {
    await onEach((cluster) => leaseChangesHands(real(cluster), 50));
    t.pass();
  },
);

test.serial('a kind whose definition is missing is waited for, and said once', async (t) => {
  await onEach(async (cluster) => {
    const { caches, said, faults, stop } = follow(cluster);
    try {
      await caches.complete;
      t.deepEqual(said.filter(isOfInstrumentations), ['instrumentations absent']);
      await cluster.installCrd(join(import.meta.dirname, '../../../../crds/instrumentations.yaml'));
      const { group, version } = resources.instrumentations;
      await cluster.adminClient.call(
        'POST',
        `/apis/${group}/${version}/namespaces/default/instrumentations`,
        { apiVersion: `${group}/${version}`, kind: 'Instrumentation', metadata: { name: 'main' } },
      );
      await until(() => caches.kept.instrumentations.get('default/main'), {
        what: 'the Instrumentation is known',
      });
      await until(() => said.findLast(isOfInstrumentations) === 'instrumentations live', {
        what: 'it is followed',
      });
      const states = said.filter(isOfInstrumentations);
      t.deepEqual(states.slice(0, 2), ['instrumentations absent', 'instrumentations live']);
      t.is(states.lastIndexOf('instrumentations absent'), 0);
      // While a server makes a kind ready it may end a watch that has already stood.
      const told = new Set(faults.filter(isOfInstrumentations));
      for (const key of ['KindAbsent', 'StorageStarting']) told.delete(`instrumentations ${key}`);
      t.deepEqual([...told], []);
    } finally {
      await stop();
    }
  });
});

test.serial(
  'a workload, its revisions and its pods are found together, and compared by template',
  async (t) => {
    await onEach(async (cluster) => {
      await cluster.createNamespace('shop');
      const { caches, client, stop } = follow(cluster);
      try {
        for (const kind of workloadKinds) {
          const { uid } = await createWorkload(cluster, kind);
          await until(() => caches.revisionsOf({ uid })[0], { what: `${kind} has a revision` });
          await restart(client, kind);
          const revisions = await until(
            () => {
              const found = caches.revisionsOf({ uid });
              return found.length === 2 && found;
            },
            { what: `${kind} has two revisions` },
          );
          const workload = await until(
            () => {
              const found = caches.workload({ kind, namespace: 'shop', name: nameOf(kind) });
              return found?.marker && found;
            },
            { what: `${kind} carries the marker` },
          );
          t.deepEqual(new Set(revisions.map(({ digest }) => digest)), new Set([workload.digest]));
          const marked = revisions.filter(({ marker }) => marker !== undefined);
          t.deepEqual(
            marked.map(({ marker }) => marker),
            [workload.marker],
          );
          t.true((marked[0]?.number ?? 0) > 1);
          if (kind === 'DaemonSet') continue; // there is no node, so it has no pods
          const pods = await until(
            () => {
              const found = caches.podsOf({ uid });
              return found.length > 0 && found;
            },
            { what: `${kind} has pods` },
          );
          const hashes = new Set(revisions.map(({ hash }) => hash));
          t.true(pods.every(({ revision }) => hashes.has(revision)));
        }
      } finally {
        await stop();
      }
    });
  },
);

test('a holder that is stopped in its tracks is followed, and writes no more when it goes on', async (t) => {
  const cluster = clusters.get(former) ?? clusters.get(today);
  if (!cluster) throw new Error('there is no control plane');
  const configMaps = '/api/v1/namespaces/default/configmaps';
  const metadata = { name: 'written-by-the-holder' };
  await cluster.adminClient.call('POST', configMaps, { metadata });
  const ending = new AbortController();
  const query = `fieldSelector=metadata.name=${metadata.name}`;
  const writes = written(cluster, `${configMaps}?${query}`, ending.signal);
  const candidates = ['one', 'two', 'three'].map((name) => candidate(cluster, name));
  try {
    for (let round = 0; round < 5; round += 1) {
      const { holder, term } = await until(() => latest(writes, 3), { what: 'the holder writes' });
      const victim = candidates.find(({ name }) => name === holder)?.process;
      victim?.kill('SIGSTOP');
      await until(() => Number(writes.at(-1)?.term) > term, { what: 'another writes' });
      victim?.kill('SIGCONT');
      const since = writes.length;
      await until(() => writes.length > since + 8, { what: 'the new one goes on' });
    }
    const terms = writes.map(({ term }) => term);
    t.deepEqual(
      terms,
      terms.toSorted((one, other) => one - other),
    );
    t.log(`${writes.length} writes in ${new Set(terms).size} terms`);
  } finally {
    await Promise.all(candidates.map(({ process: child }) => end(child)));
    ending.abort();
  }
});

const real = ({ server, caPem, kubeconfig }: Cluster): RealCluster => ({
  server,
  caPem,
  kubeconfig,
});

/** The caches of the loop, following a cluster impatiently. */
function follow(cluster: Cluster) {
  const transport = createTransport(readKubeConfig({ file: cluster.kubeconfig }), {
    version: '0.0.0',
  });
  const client = createClient(transport);
  const said: string[] = [];
  const faults: string[] = [];
  const caches = createCaches({
    client,
    defaults: theDefaults(),
    onMark: () => undefined,
    listener: {
      onState: (resource, state) => said.push(`${resource} ${state}`),
      onFault: (resource, { key }) => faults.push(`${resource} ${key}`),
    },
    limits: { pauses: { floorMs: 50, ceilingMs: 500 } },
  });
  const ending = new AbortController();
  const running = caches.run(ending.signal);
  const stop = async () => {
    ending.abort();
    await running;
    await transport.close();
  };
  return { caches, client, said, faults, stop };
}

const isOfInstrumentations = (line: string) => line.startsWith('instrumentations');

const nameOf = (kind: WorkloadKind) => `a-${kind.toLowerCase()}`;

const resourceOf = (kind: WorkloadKind) =>
  ({
    Deployment: resources.deployments,
    StatefulSet: resources.statefulSets,
    DaemonSet: resources.daemonSets,
  })[kind];

async function createWorkload(cluster: Cluster, kind: WorkloadKind): Promise<{ uid: string }> {
  const labels = { app: nameOf(kind) };
  const replicas = kind === 'DaemonSet' ? {} : { replicas: 2 };
  const env = [{ name: 'A', value: 'b' }];
  const spec = { containers: [{ name: 'app', image: 'registry.example/app:1', env }] };
  const { body } = await cluster.adminClient.call(
    'POST',
    `/apis/apps/v1/namespaces/shop/${resourceOf(kind).plural}`,
    {
      metadata: { name: nameOf(kind) },
      spec: {
        ...replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec },
      },
    },
  );
  return { uid: body.metadata.uid ?? '' };
}

/** The one patch we ever send to a workload. */
async function restart(client: ReturnType<typeof createClient>, kind: WorkloadKind): Promise<void> {
  const place = { resource: resourceOf(kind), namespace: 'shop', name: nameOf(kind) };
  const annotations = { [marks.restart]: '0123456789abcdef.1.tp24k0' };
  await until(
    async () => {
      const { uid, resourceVersion } = (await client.get(place)).metadata;
      const patch = {
        metadata: { uid, resourceVersion },
        spec: { template: { metadata: { annotations } } },
      };
      return client.mergePatch(place, patch);
    },
    { what: `${kind} is restarted` },
  );
}

interface Write {
  readonly holder: string;
  readonly term: number;
}

/** Every write as the API server tells of it. */
function written(cluster: Cluster, path: string, signal: AbortSignal): readonly Write[] {
  const writes: Write[] = [];
  const listen = async () => {
    for await (const { object } of cluster.adminClient.watch<JsonObject>(path, signal)) {
      const said = isObject(object) ? objectAt(object, 'data') : undefined;
      if (said) writes.push({ holder: textAt(said, 'writer') ?? '', term: Number(said['term']) });
    }
  };
  void listen().catch(() => undefined);
  return writes;
}

/** Whoever has written the last so many times. */
function latest(writes: readonly Write[], count: number): Write | undefined {
  const last = writes.slice(-count);
  const [first] = last;
  const isOne = last.every(({ term }) => term === first?.term);
  return last.length === count && isOne ? first : undefined;
}

function candidate({ kubeconfig }: Cluster, name: string) {
  const program = join(import.meta.dirname, 'candidate.ts');
  return {
    name,
    process: spawn(process.execPath, [program, kubeconfig, name], { stdio: 'ignore' }),
  };
}

async function end(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
