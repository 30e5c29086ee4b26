import { parse, stringify } from 'yaml';
import type { Cluster } from '../../../cluster/cluster.ts';
import { freePorts } from '../../../cluster/plane/programs.ts';
import { test } from '../../../cluster/plane/ours.ts';
import { install, redirect } from '../../../cluster/webhook/installation.ts';
import { revisionsOf, type Spot } from '../../../journeys/support/workloads.ts';
import { isTried, markIn, told } from '../../live/audit.ts';
import { launch, userOf } from '../../live/product.ts';
import { askingNamespace, look, manifestOf } from '../../live/workloads.ts';
import {
  argoWrites,
  follow,
  healthOf,
  outOfSync,
  refresh,
  untilSaid,
  untilSynced,
  type Application,
  type Policy,
} from '../applications.ts';
import { blockOfGuide, fileOfGuide } from '../guide.ts';
import { argoUser } from '../programs.ts';
import { allRun, openStage, type Stage } from '../stage.ts';

/* An Instrumentation in Git, with the health and the wave of the guide. */

const folder = 'shop';
const spot: Spot = { kind: 'Deployment', namespace: folder, name: 'cart' };
const image = 'shop.example/app:1';

/** The one of the guide, and what people add to it. */
function instrumentation(more: object = {}): string {
  const { spec, ...rest } = parse(fileOfGuide('argocd/instrumentation.yaml')) as {
    readonly spec: object;
  };
  return stringify({ ...rest, spec: { ...spec, ...more } });
}

let stage: Stage;
let cluster: Cluster;
let port: number;

test.before(async () => {
  const key = 'resource.customizations.health.opentelemetry.io_Instrumentation';
  stage = await openStage({ settings: { [key]: fileOfGuide('argocd/health.lua') } });
  ({ cluster } = stage);
  [port = 0] = await freePorts(1);
  await install(cluster);
  await redirect(cluster, port);
});

test.after.always(() => stage?.close());

const untilHealth = (health: string): Promise<Application> =>
  untilSaid(cluster, folder, {
    what: `found the Instrumentation ${health}`,
    condition: (one) => healthOf(one, 'Instrumentation')?.status === health,
  });

test('Argo CD keeps the workloads of later waves back while nobody serves the Instrumentation', async (t) => {
  await stage.commit({
    'shop/agents.yaml': instrumentation(),
    'shop/cart.yaml': [askingNamespace(folder), manifestOf({ name: 'cart', image })].join('---\n'),
  });
  const { spec } = blockOfGuide('spec') as { readonly spec: { readonly syncPolicy: Policy } };
  await follow(cluster, stage.repository, folder, spec.syncPolicy);
  const one = await untilHealth('Progressing');
  t.is(healthOf(one, 'Instrumentation')?.message, 'not looked at by otel-retrofit yet');
  await untilSaid(cluster, folder, {
    what: 'begun to wait',
    condition: ({ status }) =>
      /waiting for healthy state of opentelemetry.io\/Instrumentation\/agents/.test(
        status?.operationState?.message ?? '',
      ),
  });
  const { code } = await cluster.adminClient.call(
    'GET',
    '/apis/apps/v1/namespaces/shop/deployments/cart',
  );
  t.is(code, 404);
});

test('once the webhook serves it the Instrumentation is healthy, and the first pods have their agents', async (t) => {
  await launch(cluster, stage.keeper, 'webhook', { 'webhook-port': port });
  await launch(cluster, stage.keeper, 'controller');
  const one = await untilHealth('Healthy');
  t.true((healthOf(one, 'Instrumentation')?.message ?? '').length > 5);
  await allRun(cluster, spot, { image, stamped: true });
  await untilSaid(cluster, folder, {
    what: 'found all of it healthy and in sync',
    condition: ({ status }) =>
      status?.health?.status === 'Healthy' && status.sync?.status === 'Synced',
  });
  t.is((await look(cluster, spot)).marker, undefined);
  t.is((await revisionsOf(cluster, spot)).length, 1);
  const lines = (await cluster.auditLines()).filter((line) => !isTried(line));
  const indexOf = (by: string, what: RegExp) =>
    lines.findIndex(
      ({ user, ...line }) => user.username === by && what.test(told({ user, ...line })),
    );
  const looked = indexOf(userOf('controller'), /^patch instrumentations\/status shop\/agents$/);
  const deployed = indexOf(argoUser, /^(?:create|patch) deployments shop\/cart$/);
  t.true(looked !== -1 && looked < deployed, `status at ${looked}, Deployment at ${deployed}`);
});

test('the status that we write is no difference to Git', async (t) => {
  const since = await markIn(cluster);
  for (const kind of ['normal', 'hard'] as const) {
    const one = await refresh(cluster, folder, kind);
    t.is(one.status?.sync?.status, 'Synced');
    t.deepEqual(outOfSync(one), []);
  }
  t.deepEqual((await argoWrites(cluster, since)).map(told), []);
});

test('an Instrumentation that only a change in Git can mend is degraded, with the reason, until it comes', async (t) => {
  const broken = await stage.commit({
    'shop/agents.yaml': instrumentation({ imagePullPolicy: 'Sometimes' }),
  });
  await refresh(cluster, folder);
  const one = await untilHealth('Degraded');
  t.regex(healthOf(one, 'Instrumentation')?.message ?? '', /imagePullPolicy/);
  t.is(one.status?.sync?.revision, broken);
  await untilSaid(cluster, folder, {
    what: 'said so of the whole',
    condition: ({ status }) => status?.health?.status === 'Degraded',
  });
  const revision = await stage.commit({ 'shop/agents.yaml': instrumentation() });
  await untilSynced(cluster, folder, revision);
  await untilHealth('Healthy');
  t.is((await revisionsOf(cluster, spot)).length, 1);
});
