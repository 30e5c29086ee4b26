import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Cluster } from '../../../cluster/cluster.ts';
import { freePorts } from '../../../cluster/plane/programs.ts';
import { test } from '../../../cluster/plane/ours.ts';
import { publishedBundles } from '../../../cluster/webhook/installation.ts';
import type { Product } from '../../../cluster/webhook/program.ts';
import { call, eventually } from '../../../journeys/support/ground.ts';
import { instrument, untilServed } from '../../../journeys/support/instrumentations.ts';
import type { Files } from '../../flux/archive.ts';
import { markIn, told } from '../../live/audit.ts';
import { everything } from '../../live/everything.ts';
import { launch } from '../../live/product.ts';
import {
  argoWrites,
  createApplication,
  drop,
  healthOf,
  outOfSync,
  refresh,
  resync,
  untilSaid,
  untilSynced,
} from '../applications.ts';
import { fileOfGuide } from '../guide.ts';
import { openStage, type Stage } from '../stage.ts';

/* We are installed, upgraded and taken away by the Application of the guide. */

const root = join(import.meta.dirname, '../../../..');

const name = 'otel-retrofit';

let stage: Stage;
let cluster: Cluster;
let port: number;
let products: readonly Product[] = [];

/** What we ship, in the folder that the guide names. */
function shipped(): Files {
  const paths = globSync('{config,crds}/**/*', { cwd: root }).filter((path) =>
    statSync(join(root, path)).isFile(),
  );
  return Object.fromEntries(
    paths.map((path) => [`${name}/${path}`, readFileSync(join(root, path), 'utf8')]),
  );
}

const webhooks = [
  ['MutatingWebhookConfiguration', '/mutate-pod'],
  ['ValidatingWebhookConfiguration', '/validate-instrumentation'],
] as const;

interface Image {
  readonly name: string;
  readonly newTag: string;
}

/** As the guide has it; no Service leads anywhere here, so the webhooks are called at a port. */
function kustomization(tag = '0.1.0'): Files {
  const { images, ...rest } = parse(fileOfGuide('kustomization.yaml')) as {
    readonly images: readonly Image[];
  };
  const redirected = webhooks.map(([kind, path]) => ({
    target: { kind },
    patch: JSON.stringify([
      {
        op: 'replace',
        path: '/webhooks/0/clientConfig',
        value: { url: `https://localhost:${port}${path}` },
      },
    ]),
  }));
  const text = stringify({
    ...rest,
    images: images.map((image) => ({ ...image, newTag: tag })),
    patches: redirected,
  });
  return { [`${name}/kustomization.yaml`]: text };
}

interface Guided {
  readonly spec: { readonly source: object };
}

/** The Application of the guide, for a repository of this machine. */
function application(more: object = {}): object {
  const { spec, ...rest } = parse(fileOfGuide('argocd/otel-retrofit.yaml')) as Guided;
  const source = { ...spec.source, repoURL: stage.repository.url };
  return { ...rest, ...more, spec: { ...spec, source } };
}

/** What others define, and the guide's components speak of. */
async function definePrometheus(): Promise<void> {
  for (const [kind, plural] of [
    ['PodMonitor', 'podmonitors'],
    ['PrometheusRule', 'prometheusrules'],
  ] as const)
    await call(cluster, 'POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      metadata: { name: `${plural}.monitoring.coreos.com` },
      spec: {
        group: 'monitoring.coreos.com',
        names: { kind, plural },
        scope: 'Namespaced',
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        ],
      },
    });
}

test.before(async () => {
  stage = await openStage();
  ({ cluster } = stage);
  [port = 0] = await freePorts(1);
  await definePrometheus();
});

test.after.always(() => stage?.close());

const untilHealthy = () =>
  untilSaid(cluster, name, {
    what: 'found us healthy',
    condition: ({ status }) => status?.health?.status === 'Healthy',
  });

/** Of these the versions change while nobody does anything, or because Argo CD speaks of itself. */
const restless =
  /^(?:leases|nodes|flowschemas|prioritylevelconfigurations|applications|appprojects) /;

async function versions(): Promise<ReadonlyMap<string, string>> {
  const all = [...(await everything(cluster))].filter(([which]) => !restless.test(which));
  return new Map(all.map(([which, { version }]) => [which, version]));
}

const changesOf = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>) =>
  [...new Set([...one.keys(), ...other.keys()])].filter(
    (which) => one.get(which) !== other.get(which),
  );

/** Nobody has anything left to write. */
const atRest = () =>
  eventually('nobody writes any more', async () => {
    const first = await versions();
    const second = await versions();
    return changesOf(first, second).length === 0 && second;
  });

const ours = (all: ReadonlyMap<string, string>) =>
  [...all.keys()].filter((which) => /otel-retrofit|opentelemetry\.io/.test(which)).toSorted();

test('the Application of the guide installs us, and is in sync and healthy', async (t) => {
  const revision = await stage.commit({ ...shipped(), ...kustomization() });
  await createApplication(cluster, application());
  await untilSynced(cluster, name, revision);
  products = [
    await launch(cluster, stage.keeper, 'webhook', { 'webhook-port': port }),
    await launch(cluster, stage.keeper, 'controller'),
  ];
  const one = await untilHealthy();
  t.is(healthOf(one, 'Deployment')?.status, 'Healthy');
  t.deepEqual(outOfSync(one), []);
  await cluster.createNamespace('shop');
  await instrument(cluster, 'shop');
  await untilServed(cluster, 'shop');
});

test('the authority that we write is no difference to Git, however Argo CD looks', async (t) => {
  const bundles = await publishedBundles(cluster);
  t.true(bundles.every((bundle) => bundle.includes('BEGIN CERTIFICATE')));
  const since = await markIn(cluster);
  for (const kind of ['normal', 'hard', 'normal'] as const) {
    const one = await refresh(cluster, name, kind);
    t.is(one.status?.sync?.status, 'Synced', kind);
    t.deepEqual(outOfSync(one), [], kind);
    t.is(one.status?.health?.status, 'Healthy', kind);
  }
  t.deepEqual((await argoWrites(cluster, since)).map(told), []);
  t.deepEqual(await publishedBundles(cluster), bundles);
});

test('a sync with nothing new changes nothing in the cluster', async (t) => {
  const before = await atRest();
  await resync(cluster, name);
  t.deepEqual(changesOf(before, await atRest()), []);
});

test('another image in Git rolls our own pods, and changes nothing else', async (t) => {
  const before = await atRest();
  const bundles = await publishedBundles(cluster);
  await untilSynced(cluster, name, await stage.commit(kustomization('0.1.1')));
  await untilHealthy();
  const changed = changesOf(before, await atRest());
  const following = /^(?:pods|replicasets|poddisruptionbudgets) otel-retrofit\//;
  t.deepEqual(changed.filter((which) => !following.test(which)).toSorted(), [
    'deployments otel-retrofit/otel-retrofit-controller',
    'deployments otel-retrofit/otel-retrofit-webhook',
  ]);
  t.deepEqual(await publishedBundles(cluster), bundles);
});

test('deleted as the guide has it, the Application leaves all of ours as it is', async (t) => {
  const before = await atRest();
  await drop(cluster, name);
  t.deepEqual(changesOf(before, await atRest()), []);
  await createApplication(cluster, application());
  const { status } = await refresh(cluster, name);
  t.is(status?.sync?.status, 'Synced');
});

test('deleted with its finalizer, the Application takes all of ours but the definition and what people wrote', async (t) => {
  await Promise.all(products.map((product) => product.stop(20_000)));
  await drop(cluster, name, 'cascade');
  const left = await eventually('our namespace is gone', async () => {
    const all = await versions();
    return !all.has('namespaces otel-retrofit') && all;
  });
  t.deepEqual(ours(left), [
    'apiservices v1alpha1.opentelemetry.io',
    'customresourcedefinitions instrumentations.opentelemetry.io',
  ]);
  t.true(left.has('instrumentations shop/agents'));
});
