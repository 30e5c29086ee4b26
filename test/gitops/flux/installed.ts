import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { AuditLine, Cluster } from '../../cluster/cluster.ts';
import { freePorts, openKeeper, type Keeper } from '../../cluster/plane/programs.ts';
import type { OwnOptions } from '../../cluster/plane/own.ts';
import { startCluster } from '../../cluster/start.ts';
import { publishedBundles } from '../../cluster/webhook/installation.ts';
import type { Product } from '../../cluster/webhook/program.ts';
import { call, eventually, list, type Item } from '../../journeys/support/ground.ts';
import { conditionOf, readInstrumentation } from '../../journeys/support/instrumentations.ts';
import { runPods, type Runner } from '../../journeys/support/runner.ts';
import {
  isReady,
  isStamped,
  podsOf,
  revisionsOf,
  type Spot,
} from '../../journeys/support/workloads.ts';
import type { Files } from './archive.ts';
import {
  fluxUser,
  follow,
  readKustomization,
  reconcile,
  startFlux,
  unfollow,
  untilApplied,
} from './controller.ts';
import { openRepository, type Repository } from './repository.ts';
import { isTried, managerOf, markIn, told, writesOf } from '../live/audit.ts';
import { launch, manifestsAt, userOf, withImage } from '../live/product.ts';
import {
  askingNamespace,
  instrumentationIn,
  look,
  manifestOf,
  type Seen,
} from '../live/workloads.ts';
import { test } from '../../cluster/plane/ours.ts';

const guide = join(import.meta.dirname, '../../../docs/guides/gitops/flux/otel-retrofit.yaml');

const first: Spot = { kind: 'Deployment', namespace: 'first', name: 'cart' };

const aboutItself: ReadonlySet<string> = new Set(['kustomizations', 'events']);

const imageOf = (pod: unknown) =>
  (pod as { readonly spec: { readonly containers: readonly { readonly image: string }[] } }).spec
    .containers[0]?.image;

interface Late extends Spot {
  readonly template?: readonly string[];
}

const late: readonly Late[] = [
  { kind: 'Deployment', namespace: 'late', name: 'cart' },
  { kind: 'StatefulSet', namespace: 'late', name: 'stock' },
  { kind: 'DaemonSet', namespace: 'late', name: 'logs' },
  { kind: 'Deployment', namespace: 'late', name: 'empty', template: ['annotations: {}'] },
  { kind: 'Deployment', namespace: 'late', name: 'nothing', template: ['annotations:'] },
];

const lateFiles = (image: string, ...more: readonly string[]): Files => ({
  'late/all.yaml': [
    askingNamespace('late'),
    ...late.map((spot) => manifestOf({ ...spot, image })),
    ...more,
  ].join('---\n'),
});

const collections = [
  '/api/v1/namespaces',
  '/api/v1/serviceaccounts',
  '/api/v1/services',
  '/api/v1/secrets',
  '/api/v1/configmaps',
  '/apis/apps/v1/deployments',
  '/apis/policy/v1/poddisruptionbudgets',
  '/apis/coordination.k8s.io/v1/leases',
  '/apis/rbac.authorization.k8s.io/v1/roles',
  '/apis/rbac.authorization.k8s.io/v1/rolebindings',
  '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
  '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
  '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
  '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
];

/** We are installed, work, are upgraded and uninstalled by nothing but Git. */
export function followFlux(emulated?: OwnOptions['emulated']): void {
  const version = emulated === undefined ? 'today' : `as ${emulated}`;
  let cluster: Cluster;
  let keeper: Keeper;
  let runner: Runner;
  let repository: Repository;
  let files: Files;
  let port: number;
  let webhook: Product;
  let controller: Product;

  test.before(async () => {
    cluster = await startCluster(emulated === undefined ? {} : { emulated });
    keeper = openKeeper(cluster.directory);
    for (const name of ['node', 'other'])
      await call(cluster, 'POST', '/api/v1/nodes', { metadata: { name } });
    runner = runPods(cluster);
    await startFlux(cluster, keeper);
    repository = await openRepository(cluster, 'cluster');
    [port = 0] = await freePorts(1);
    files = {
      'otel-retrofit/all.yaml': await manifestsAt(cluster, port),
      'instrumentations/all.yaml': `${askingNamespace('first')}---\n${instrumentationIn('first')}`,
      'applications/all.yaml': manifestOf({ name: 'cart', namespace: 'first' }),
    };
  });

  test.after.always(async () => {
    await runner?.stop();
    await keeper?.end();
    await repository?.close();
    await cluster?.stop();
  });

  const commit = (more: Files): Promise<string> => {
    files = { ...files, ...more };
    return repository.commit(files);
  };

  /** What Flux has written, but for what it says of itself. */
  async function fluxWrites(since: number, namespace?: string): Promise<readonly AuditLine[]> {
    const which = { by: fluxUser, since, ...(namespace === undefined ? {} : { namespace }) };
    return (await writesOf(cluster, which)).filter(
      ({ objectRef }) => !aboutItself.has(objectRef?.resource ?? ''),
    );
  }

  const allRun = (spot: Spot, image: string, stamped: boolean) =>
    eventually(`every pod of ${spot.name} runs ${image}`, async () => {
      const pods = await podsOf(cluster, spot);
      return (
        pods.length === 2 &&
        pods.every((pod) => isReady(pod) && isStamped(pod) === stamped && imageOf(pod) === image)
      );
    });

  test(`the Kustomizations of the guide install us, and keep the workloads back until we serve (${version})`, async (t) => {
    const revision = await commit({});
    const applied = await cluster.kubectl(['apply', '--server-side', '--filename', guide]);
    t.is(applied.code, 0, applied.stderr);
    await untilApplied(cluster, 'otel-retrofit', revision);
    await eventually('the Instrumentation is there, and nobody has looked at it', async () => {
      const { status } = await readInstrumentation(cluster, 'first');
      return status === undefined;
    });
    const waiting = await eventually('Flux waits for the Instrumentation', async () => {
      const { status } = await readKustomization(cluster, 'applications');
      return status?.conditions?.find(({ reason }) => reason === 'DependencyNotReady');
    });
    t.regex(waiting.message, /instrumentations/);

    webhook = await launch(cluster, keeper, 'webhook', { 'webhook-port': port });
    controller = await launch(cluster, keeper, 'controller');
    await untilApplied(cluster, 'applications', revision);
    await allRun(first, 'shop.example/app:1', true);
    t.is((await look(cluster, first)).marker, undefined);
    t.is((await revisionsOf(cluster, first)).length, 1);

    const lines = await cluster.auditLines();
    const indexOf = (by: string, what: string) =>
      lines.findIndex((line) => line.user.username === by && !isTried(line) && told(line) === what);
    const looked = indexOf(userOf('controller'), 'patch instrumentations/status first/agents');
    const deployed = indexOf(fluxUser, 'patch deployments first/cart');
    t.true(looked !== -1 && looked < deployed, `status at ${looked}, Deployment at ${deployed}`);
  });

  test(`in one folder Flux applies the Instrumentation after the workloads, and webhooks last (${version})`, async (t) => {
    const since = await markIn(cluster);
    const folder = 'together';
    const hook = `apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata:
  name: somebody
webhooks: []
`;
    const all = [
      hook,
      instrumentationIn(folder),
      manifestOf({ name: 'daemon', kind: 'DaemonSet', namespace: folder }),
      manifestOf({ name: 'cart', namespace: folder }),
      askingNamespace(folder),
    ];
    const revision = await commit({ [`${folder}/all.yaml`]: all.join('---\n') });
    await follow(cluster, folder);
    await untilApplied(cluster, folder, revision);
    const order = (await fluxWrites(since)).map(({ objectRef }) => objectRef?.resource);
    t.deepEqual(order, [
      'namespaces',
      'deployments',
      'daemonsets',
      'instrumentations',
      'mutatingwebhookconfigurations',
    ]);
    await unfollow(cluster, folder);
  });

  const mended = new Map<string, Seen>();
  let since: number;

  test(`what was deployed before its Instrumentation is mended, each workload once (${version})`, async (t) => {
    const bare = await commit(lateFiles('shop.example/app:1'));
    await follow(cluster, 'late');
    await untilApplied(cluster, 'late', bare);
    for (const spot of late) await allRun(spot, 'shop.example/app:1', false);

    const started = await markIn(cluster);
    const revision = await commit(lateFiles('shop.example/app:1', instrumentationIn('late')));
    await untilApplied(cluster, 'late', revision);
    for (const spot of late) await allRun(spot, 'shop.example/app:1', true);
    await eventually('every restart is over', async () => {
      const one = await readInstrumentation(cluster, 'late');
      return (
        conditionOf(one, 'Covered')?.status === 'True' &&
        one.status?.workloads?.['current'] === late.length
      );
    });
    for (const spot of late) {
      const seen = await look(cluster, spot);
      t.regex(seen.marker ?? '', /^[0-9a-f]{16}\.1\.[0-9a-z]+$/, spot.name);
      t.is((await revisionsOf(cluster, spot)).length, 2, spot.name);
      mended.set(spot.name, seen);
    }
    const written = await restarts(started);
    t.deepEqual(
      written.map(({ objectRef }) => objectRef?.name ?? '').toSorted(),
      late.map(({ name }) => name).toSorted(),
    );
    t.true(written.every((line) => managerOf(line) === 'otel-retrofit'));
    since = await markIn(cluster);
  });

  const restarts = async (from: number) => {
    const resources = ['deployments', 'statefulsets', 'daemonsets'];
    const lines = await writesOf(cluster, { by: userOf('controller'), since: from, resources });
    return lines.filter(({ responseStatus }) => responseStatus?.code === 200);
  };

  /** Nobody has touched them since they were mended. */
  async function areAsMended(t: ExecutionContext, count: number): Promise<void> {
    for (const spot of late) {
      const now = await look(cluster, spot);
      t.is(now.marker, mended.get(spot.name)?.marker, spot.name);
      t.is((await revisionsOf(cluster, spot)).length, count, spot.name);
    }
  }

  test(`Flux looks again and again, and finds nothing to correct (${version})`, async (t) => {
    for (const folder of ['late', 'otel-retrofit', 'instrumentations', 'applications'])
      for (let looks = 0; looks < 3; looks += 1) await reconcile(cluster, folder);
    t.deepEqual((await fluxWrites(since)).map(told), []);
    for (const spot of late)
      t.is((await look(cluster, spot)).generation, mended.get(spot.name)?.generation ?? 0);
    await areAsMended(t, 2);
  });

  test(`a new image in Git is rolled out once, with agents, and restarts nothing else (${version})`, async (t) => {
    const revision = await commit(lateFiles('shop.example/app:2', instrumentationIn('late')));
    await untilApplied(cluster, 'late', revision);
    for (const spot of late) await allRun(spot, 'shop.example/app:2', true);
    await areAsMended(t, 3);
    t.deepEqual(
      (await fluxWrites(since, 'late')).map(({ objectRef }) => objectRef?.name ?? '').toSorted(),
      late.map(({ name }) => name).toSorted(),
    );
    t.deepEqual((await restarts(since)).map(told), []);
  });

  test(`a commit that changes nothing of us changes nothing in the cluster (${version})`, async (t) => {
    const bundles = await publishedBundles(cluster);
    const from = await markIn(cluster);
    const revision = await commit({ 'README.md': 'Only words.' });
    for (const folder of ['otel-retrofit', 'instrumentations', 'applications', 'late'])
      await untilApplied(cluster, folder, revision);
    t.deepEqual((await fluxWrites(from)).map(told), []);
    t.deepEqual(await publishedBundles(cluster), bundles);
    t.true(bundles.every((bundle) => bundle.includes('BEGIN CERTIFICATE')));
  });

  test(`a release of ours with another image rolls our own pods, and no others (${version})`, async (t) => {
    const bundles = await publishedBundles(cluster);
    const from = await markIn(cluster);
    const manifests = files['otel-retrofit/all.yaml'] ?? '';
    const revision = await commit({
      'otel-retrofit/all.yaml': withImage(manifests, 'otel-retrofit:0.1.1'),
    });
    await untilApplied(cluster, 'otel-retrofit', revision);
    t.deepEqual((await fluxWrites(from)).map(told).toSorted(), [
      'patch deployments otel-retrofit/otel-retrofit-controller',
      'patch deployments otel-retrofit/otel-retrofit-webhook',
    ]);
    t.deepEqual(await publishedBundles(cluster), bundles);
    await areAsMended(t, 3);
  });

  test(`what takes an Instrumentation out of Git restarts nothing (${version})`, async (t) => {
    const from = await markIn(cluster);
    const revision = await commit(lateFiles('shop.example/app:2'));
    await untilApplied(cluster, 'late', revision);
    t.deepEqual((await fluxWrites(from)).map(told), ['delete instrumentations late/agents']);
    await areAsMended(t, 3);
    t.deepEqual((await restarts(from)).map(told), []);
  });

  test(`taken out of Git we are gone, and leave the agents in the pods and our annotation (${version})`, async (t) => {
    await unfollow(cluster, 'applications');
    await unfollow(cluster, 'instrumentations');
    await Promise.all([controller.stop(20_000), webhook.stop(20_000)]);
    await unfollow(cluster, 'otel-retrofit');
    await eventually('nothing of our name is left', async () => (await left()).length === 0);
    await reconcile(cluster, 'late');
    await areAsMended(t, 3);
    for (const spot of late) await allRun(spot, 'shop.example/app:2', true);

    const revision = await commit(lateFiles('shop.example/app:3'));
    await untilApplied(cluster, 'late', revision);
    for (const spot of late) await allRun(spot, 'shop.example/app:3', false);
    await areAsMended(t, 4);
  });

  async function left(): Promise<readonly string[]> {
    const found = await Promise.all(
      collections.map(async (path) =>
        (await list<Item>(cluster, path)).map(({ metadata }) => `${path}/${metadata.name}`),
      ),
    );
    return found.flat().filter((name) => /otel-retrofit|opentelemetry\.io/.test(name));
  }
}
