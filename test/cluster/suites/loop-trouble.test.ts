import { setTimeout as pause } from 'node:timers/promises';
import anyTest, { type TestFn } from 'ava';
import {
  aGapIsClosed,
  whatIsTakenBackIsLeft,
  whoeverForgetsUsIsLeft,
} from '../../journeys/loop/gap.ts';
import {
  aNewLeaderLeavesTheRest,
  newSettingsMendAll,
  oneIsTouchedAndTheRestIsNot,
  undoingClosesNothing,
} from '../../journeys/loop/in-vain.ts';
import { twoThatActAtOnceRestartEachOnce } from '../../journeys/loop/two-leaders.ts';
import { ourUpgradeRestartsNothing } from '../../journeys/loop/upgrade.ts';
import { eventually } from '../../journeys/support/ground.ts';
import { instrument } from '../../journeys/support/instrumentations.ts';
import { runPods, type Runner } from '../../journeys/support/runner.ts';
import {
  deploy,
  markerOf,
  read,
  revisionsOf,
  type Spot,
} from '../../journeys/support/workloads.ts';
import { crashingIn } from '../../journeys/support/world.ts';
import { annotations as keys } from '../../../crds/names.ts';
import type { Cluster } from '../cluster.ts';
import { openKeeper, type Keeper } from '../plane/programs.ts';
import { startCluster } from '../start.ts';
import { hurried } from '../webhook/hurried.ts';
import * as installed from '../webhook/installation.ts';
import { start, untilReady, type Product, type Settings } from '../webhook/program.ts';

/** The API server must reach us on this machine: one that somebody else runs would not. */
const isOurs = process.env['RETROFIT_KUBECONFIG'] === undefined;
const test = (isOurs ? anyTest.serial : anyTest.serial.skip) as TestFn;

let cluster: Cluster;
let keeper: Keeper;
let runner: Runner;
let webhook: Product;
let controller: Product;
let launched = 0;

async function launch(role: 'webhook' | 'controller', more: Settings = {}): Promise<Product> {
  const { directory } = cluster;
  const token = await cluster.serviceAccountToken(installed.namespace, `otel-retrofit-${role}`);
  const { kubeconfig } = await cluster.signIn({ token });
  const settings = {
    ...hurried,
    'settle-missing-seconds': 0,
    'workload-metrics': 'true',
    role,
    kubeconfig,
    ...more,
  };
  const name = `${role}-${(launched += 1)}`;
  return untilReady(start({ keeper, directory, name, settings }));
}

async function serve(settings: Settings = {}): Promise<void> {
  webhook = await launch('webhook', settings);
  await installed.redirect(cluster, webhook.webhookPort);
}

const doorman = {
  leave: () => webhook.stop(20_000),
  comeBack: serve,
};

/** Enough for a machine to be in the middle of them for a while. */
const many = Array.from({ length: 40 }, (_, index): Spot => ({
  kind: 'Deployment',
  namespace: 'many',
  name: `shop-${index}`,
}));

test.before(async () => {
  cluster = await startCluster();
  keeper = openKeeper(cluster.directory);
  await installed.install(cluster);
  for (const name of ['node', 'other'])
    await cluster.adminClient.call('POST', '/api/v1/nodes', { metadata: { name } });
  runner = runPods(cluster, crashingIn('crash-'));
  await serve();
  controller = await launch('controller');
  await cluster.createNamespace('many');
  const annotations = { [keys.inject('java')]: 'agents' };
  await Promise.all(many.map((spot) => deploy(cluster, spot, { annotations, replicas: 1 })));
});

test.after.always(async () => {
  await runner?.stop();
  await keeper?.end();
  await cluster?.stop();
});

test('a gap is closed, and a later one is a new gap', async (t) => {
  const spot = { kind: 'Deployment', namespace: 'gap', name: 'cart' } as const;
  await aGapIsClosed(t, cluster, { spot, webhook: doorman });
});

test('what somebody takes back while the webhook is away is not written again', async (t) => {
  const spot = { kind: 'Deployment', namespace: 'undone', name: 'cart' } as const;
  await whatIsTakenBackIsLeft(t, cluster, { spot, webhook: doorman });
});

test('a tool that drops our annotation is not written against', async (t) => {
  const spot = { kind: 'Deployment', namespace: 'forgotten', name: 'cart' } as const;
  await whoeverForgetsUsIsLeft(t, cluster, { spot, webhook: doorman });
});

test('an upgrade of ours with other default images restarts nothing', async (t) => {
  const image = 'shop.example/agents/java:99';
  const carryOut = async () => {
    await Promise.all([webhook.stop(20_000), controller.stop(20_000)]);
    await serve({ 'image-java': image });
    controller = await launch('controller', { 'image-java': image });
  };
  const metrics = () => controller.metrics();
  await ourUpgradeRestartsNothing(t, cluster, { namespace: 'upgraded', image, carryOut, metrics });
  await Promise.all([webhook.stop(20_000), controller.stop(20_000)]);
  await serve();
  controller = await launch('controller');
});

const succeed = async () => {
  await controller.kill();
  controller = await launch('controller');
  return controller;
};

test('an agent that crashes without a probe takes one workload down, also for a new leader', async (t) => {
  const harm = {
    namespaces: ['crash-1', 'crash-2', 'crash-3'],
    library: 'crash-library',
    reason: 'RestartFailed',
    isBlind: true,
  } as const;
  const spots = await oneIsTouchedAndTheRestIsNot(t, cluster, harm);
  await undoingClosesNothing(t, cluster, harm, spots);
  await aNewLeaderLeavesTheRest(t, cluster, { ...harm, succeed }, spots);
  await newSettingsMendAll(cluster, harm, spots);
});

/** Another lease than the one that its rights name, so that neither knows of the other. */
async function allowAnotherLease(): Promise<void> {
  const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${installed.namespace}`;
  const rule = { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['*'] };
  const kind = 'ServiceAccount';
  const subject = { kind, name: 'otel-retrofit-controller', namespace: installed.namespace };
  const metadata = { name: 'another-lease' };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', ...metadata };
  const { adminClient } = cluster;
  await adminClient.call('POST', `${path}/roles`, { metadata, rules: [rule] });
  await adminClient.call('POST', `${path}/rolebindings`, {
    metadata,
    subjects: [subject],
    roleRef,
  });
}

const joinUnasked = async () => {
  const second = await launch('controller', { 'lease-name': 'another' });
  await eventually('it leads too', () => second.lines().some(({ msg }) => msg === 'leading'));
  const restarts = async () => {
    const lines = (await second.metrics()).matchAll(/^retrofit_restarts_total{.*} (\d+)$/gm);
    return [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
  };
  return { restarts, leave: () => second.stop(20_000) };
};

test('two controllers that act at once restart each workload once', async (t) => {
  await allowAnotherLease();
  await twoThatActAtOnceRestartEachOnce(t, cluster, { namespace: 'doubled', join: joinUnasked });
});

test('a controller that is killed every few seconds restarts each of forty workloads once', async (t) => {
  await instrument(cluster, 'many');
  const isMended = async () => {
    const all = await Promise.all(many.map((spot) => read(cluster, spot)));
    return all.every((one) => markerOf(one) !== undefined);
  };
  let kills = 0;
  const endsAt = performance.now() + 240_000;
  while (!(await isMended()) && performance.now() < endsAt) {
    // Whoever comes after one that was killed has to wait until its lease has run out.
    const { lines } = controller;
    await eventually('it leads', () => lines().some(({ msg }) => msg === 'leading'));
    await pause(2_000 + (kills % 4) * 1_000);
    await controller.kill();
    kills += 1;
    controller = await launch('controller');
  }
  await eventually('all are mended', isMended);
  t.log(`${kills} kills`);
  for (const spot of many) {
    t.regex(markerOf(await read(cluster, spot)) ?? '', /^[0-9a-f]{16}\.1\.[0-9a-z]+$/);
    t.is((await revisionsOf(cluster, spot)).length, 2);
  }
});

test('a controller that is told to stop hands over, and the next one leads at once', async (t) => {
  const { lines } = controller;
  await eventually('one leads', () => lines().some(({ msg }) => msg === 'leading'));
  const next = await launch('controller');
  await controller.stop(20_000);
  const startedAt = performance.now();
  await eventually('the other leads', () => next.lines().some(({ msg }) => msg === 'leading'));
  const elapsed = performance.now() - startedAt;
  t.true(elapsed < 2_000, `${elapsed} ms`);
  t.log(`${Math.round(elapsed)} ms`);
  controller = next;
});
