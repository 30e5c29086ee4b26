import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../../cluster/cluster.ts';
import { freePorts, openKeeper, type Keeper } from '../../cluster/plane/programs.ts';
import { startCluster } from '../../cluster/start.ts';
import type { Product } from '../../cluster/webhook/program.ts';
import { anOldWorkloadGetsItsAgent } from '../../journeys/loop/old-workload.ts';
import { call, eventually } from '../../journeys/support/ground.ts';
import { runPods, type Runner } from '../../journeys/support/runner.ts';
import type { Kind } from '../../journeys/support/workloads.ts';
import { everything, tracesIn, type Thing } from '../live/everything.ts';
import { launch } from '../live/product.ts';
import { clear, openTerminal, ways, type Terminal, type WayName } from '../live/ways.ts';
import { test } from '../../cluster/plane/ours.ts';

/*
 * From nothing to nothing: what is shipped is installed, its programs run with the rights that it
 * gives them, it is installed again, and it is taken away.
 */

const kinds: readonly Kind[] = ['Deployment', 'StatefulSet', 'DaemonSet'];

/** Of these the versions change while nobody does anything. */
const restless = /^(?:leases|nodes|flowschemas|prioritylevelconfigurations) /;

/** Helm keeps a record of each upgrade. */
const record = /^secrets \S+\/sh\.helm\.release\./;

const versionsOf = (things: ReadonlyMap<string, Thing>) =>
  new Map(
    [...things]
      .filter(([name]) => !restless.test(name) && !record.test(name))
      .map(([name, { version }]) => [name, version]),
  );

/** What the chart leaves, and the people's own Instrumentations with it. */
const leftByHelm = [
  'apiservices v1alpha1.opentelemetry.io',
  'configmaps otel-retrofit/kube-root-ca.crt',
  'customresourcedefinitions instrumentations.opentelemetry.io',
  'leases otel-retrofit/otel-retrofit-controller',
  'namespaces otel-retrofit',
  'secrets otel-retrofit/otel-retrofit-certificates',
  'serviceaccounts otel-retrofit/default',
];

const leftBy: Readonly<Record<WayName, readonly string[]>> = {
  kustomize: [],
  helm3: leftByHelm,
  helm4: leftByHelm,
};

/** From nothing to nothing, one way after the other. */
export function tellLife(emulated: '' | '1.33'): void {
  const version = emulated === '' ? 'today' : `as ${emulated}`;
  let cluster: Cluster;
  let runner: Runner;
  let before: ReadonlyMap<string, Thing>;

  test(`a control plane is there (${version})`, async (t) => {
    cluster = await startCluster(emulated === '' ? {} : { emulated });
    for (const name of ['node', 'other'])
      await call(cluster, 'POST', '/api/v1/nodes', { metadata: { name } });
    runner = runPods(cluster);
    before = await everything(cluster);
    t.pass();
  });

  for (const name of Object.keys(ways) as WayName[]) {
    const way = ways[name];
    const places = kinds.map((kind) => `${name}-${kind.toLowerCase()}`);
    let keeper: Keeper;
    let terminal: Terminal;
    let products: readonly Product[];

    test(`installed by ${name}, with the rights that this gives, it mends what was there before (${version})`, async (t) => {
      const [port = 0] = await freePorts(1);
      terminal = await openTerminal(cluster, name, port);
      await terminal(way.install);
      const directory = await mkdtemp(join(cluster.directory, 'product-'));
      keeper = openKeeper(directory);
      const here = { ...cluster, directory };
      products = [
        await launch(here, keeper, 'webhook', { 'webhook-port': port }),
        await launch(here, keeper, 'controller'),
      ];
      await Promise.all(
        kinds.map((kind, index) =>
          anOldWorkloadGetsItsAgent(t, cluster, {
            spot: { kind, namespace: places[index] ?? '', name: 'cart' },
          }),
        ),
      );
    });

    test(`installed by ${name} once more, with nothing changed, it changes nothing in the cluster (${version})`, async (t) => {
      const known = await atRest(cluster);
      for (let upgrades = 0; upgrades < 2; upgrades += 1) await terminal(way.upgrade);
      const now = versionsOf(await everything(cluster));
      t.deepEqual(changesOf(known, now), []);
    });

    test(`uninstalled with ${name} it leaves what the guide says, and nothing else (${version})`, async (t) => {
      await terminal(way.uninstall);
      await Promise.all(products.map((product) => product.stop(20_000)));
      await keeper.end();
      const isOfPeople = ({ namespace, resource, name: its }: Thing) =>
        places.includes(namespace ?? '') || (resource === 'namespaces' && places.includes(its));
      const more = async () => {
        const all = [...(await everything(cluster))];
        return all.filter(([which, thing]) => !before.has(which) && !isOfPeople(thing));
      };
      const namesOfMore = async () => (await more()).map(([which]) => which).toSorted();
      // Pods, and the list of what is served, follow in their own time.
      const untilLeft = (expected: readonly string[]) =>
        eventually(`of ours is left: ${expected.join() || 'nothing'}`, async () => {
          const names = await namesOfMore();
          if (names.join() !== expected.join()) throw new Error(names.join());
          return true;
        });
      await untilLeft(leftBy[name]);
      t.deepEqual(await traces(cluster, places), marks);

      for (const command of way.rest) await terminal(command);
      await untilLeft([]);
      t.deepEqual(await traces(cluster, places), marks);
      await clear(cluster, places);
    });
  }

  test(`the control plane ends (${version})`, async (t) => {
    await runner.stop();
    await cluster.stop();
    t.pass();
  });
}

/** The workload controllers and ours have nothing left to write. */
const atRest = (cluster: Cluster) =>
  eventually('nobody writes any more', async () => {
    const first = versionsOf(await everything(cluster));
    const second = versionsOf(await everything(cluster));
    return changesOf(first, second).length === 0 && second;
  });

const changesOf = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>) =>
  [...new Set([...one.keys(), ...other.keys()])].filter(
    (name) => one.get(name) !== other.get(name),
  );

const template = 'spec.template.metadata.annotations.otel-retrofit.dev/restart';

/** In the people's own objects. */
const marks = [
  'controllerrevisions data.spec.template.metadata.annotations.otel-retrofit.dev/restart',
  `daemonsets ${template}`,
  `deployments ${template}`,
  'pods metadata.annotations.otel-retrofit.dev/injected',
  'pods metadata.annotations.otel-retrofit.dev/restart',
  `replicasets ${template}`,
  `statefulsets ${template}`,
];

/** A status stays with its Instrumentation; its last words depend on when the controller was ended. */
const isStatus = (trace: string) => trace.startsWith('instrumentations status.');

async function traces(cluster: Cluster, places: readonly string[]): Promise<readonly string[]> {
  const things = [...(await everything(cluster)).values()];
  const found = things
    .filter(({ namespace }) => places.includes(namespace ?? ''))
    .flatMap((thing) => tracesIn(thing).map((trace) => `${thing.resource} ${trace}`));
  return [...new Set(found)].filter((trace) => !isStatus(trace)).toSorted();
}
