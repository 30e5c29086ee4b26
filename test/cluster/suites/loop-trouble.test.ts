import { setTimeout as pause } from 'node:timers/promises';
import anyTest, { type TestFn } from 'ava';
import { aGapIsClosed, whatIsTakenBackIsLeft } from '../../journeys/gap.ts';
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
import { annotations as keys } from '../../../crds/names.ts';
import type { Cluster } from '../cluster.ts';
import { openKeeper, type Keeper } from '../plane/programs.ts';
import { startCluster } from '../start.ts';
import { hurried } from '../webhook/hurried.ts';
import * as installed from '../webhook/installation.ts';
import { start, untilReady, type Product } from '../webhook/program.ts';

/** The API server must reach us on this machine: one that somebody else runs would not. */
const isOurs = process.env['RETROFIT_KUBECONFIG'] === undefined;
const test = (isOurs ? anyTest.serial : anyTest.serial.skip) as TestFn;

let cluster: Cluster;
let keeper: Keeper;
let runner: Runner;
let webhook: Product;
let controller: Product;
let launched = 0;

async function launch(role: 'webhook' | 'controller'): Promise<Product> {
  const { directory } = cluster;
  const token = await cluster.serviceAccountToken(installed.namespace, `otel-retrofit-${role}`);
  const { kubeconfig } = await cluster.signIn({ token });
  const settings = { ...hurried, 'settle-missing-seconds': 0, role, kubeconfig };
  const name = `${role}-${(launched += 1)}`;
  return untilReady(start({ keeper, directory, name, settings }));
}

async function serve(): Promise<void> {
  webhook = await launch('webhook');
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
  runner = runPods(cluster);
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
  await pause(5_000);
  t.is(markerOf(await read(cluster, spot)), undefined);
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
