import { marks } from '../../../crds/names.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { openKeeper, type Keeper } from '../../cluster/plane/programs.ts';
import type { OwnOptions } from '../../cluster/plane/own.ts';
import { startCluster } from '../../cluster/start.ts';
import { change, revisionsOf, type Kind, type Spot } from '../../journeys/support/workloads.ts';
import { eventually } from '../../journeys/support/ground.ts';
import { markIn, told, writesOf } from '../live/audit.ts';
import { bundleIn, openHand, webhookManifest, type Hand } from '../live/hand.ts';
import { look, manifestOf, type Seen, type Written } from '../live/workloads.ts';
import { fluxUser, follow, reconcile, startFlux, untilApplied } from './controller.ts';
import { openRepository, type Repository } from './repository.ts';
import type { Files } from './archive.ts';
import { test } from '../../cluster/plane/ours.ts';

const marker = '0123456789abcdef.1.a';

interface Case extends Written {
  readonly kind: Kind;
}

/** What Git says under `metadata` of a pod template. */
const cases: readonly Case[] = [
  { name: 'none', kind: 'Deployment' },
  { name: 'stateful', kind: 'StatefulSet' },
  { name: 'daemon', kind: 'DaemonSet' },
  { name: 'some', kind: 'Deployment', template: ['annotations:', '  shop.example/team: cart'] },
  { name: 'empty', kind: 'Deployment', template: ['annotations: {}'] },
  { name: 'nothing', kind: 'Deployment', template: ['annotations:'] },
  { name: 'applied', kind: 'Deployment' },
];

const spotOf = ({ kind, name }: Case): Spot => ({ kind, namespace: 'kept', name });

const inGit = (image: string) =>
  cases.map((one) => manifestOf({ ...one, namespace: 'kept', image }));

const person = (name: string): Spot => ({ kind: 'Deployment', namespace: 'person', name });

/** What Flux makes of what we write into that which it has applied. */
export function followWrites(emulated?: OwnOptions['emulated']): void {
  const version = emulated === undefined ? 'today' : `as ${emulated}`;
  let cluster: Cluster;
  let keeper: Keeper;
  let repository: Repository;
  let hand: Hand;
  let files: Files = {};

  test.before(async () => {
    cluster = await startCluster(emulated === undefined ? {} : { emulated });
    keeper = openKeeper(cluster.directory);
    await startFlux(cluster, keeper);
    repository = await openRepository(cluster, 'cluster');
    hand = await openHand(cluster);
    for (const namespace of ['kept', 'person', 'claimed']) await cluster.createNamespace(namespace);
  });

  test.after.always(async () => {
    await hand?.close();
    await keeper?.end();
    await repository?.close();
    await cluster?.stop();
  });

  /** Puts one folder into Git, beside what is there, and waits until Flux has applied all of it. */
  async function commit(folder: string, manifests: readonly string[]): Promise<void> {
    const isNew = !Object.keys(files).some((path) => path.startsWith(`${folder}/`));
    files = { ...files, [`${folder}/all.yaml`]: manifests.join('---\n') };
    const revision = await repository.commit(files);
    if (isNew) await follow(cluster, folder);
    await untilApplied(cluster, folder, revision);
  }

  const revisions = (spot: Spot, count: number) =>
    eventually(
      `${spot.name} has had ${count} templates`,
      async () => (await revisionsOf(cluster, spot)).length === count,
    );

  /** The other way to write one key. */
  async function applyMarker({ name }: Case): Promise<void> {
    const one = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: 'kept' },
      spec: { template: { metadata: { annotations: { [marks.restart]: marker } } } },
    };
    const args = ['apply', '--server-side', '--validate=false', '--field-manager=otel-retrofit'];
    const { code, stderr } = await cluster.kubectl([...args, '--filename=-'], {
      stdin: JSON.stringify(one),
    });
    if (code !== 0) throw new Error(stderr);
  }

  const fluxWrites = async (namespace: string, since: number) =>
    (await writesOf(cluster, { by: fluxUser, since, namespace })).map(told);

  test(`Flux keeps a restart of ours, and finds nothing to correct, whatever stands in Git (${version})`, async (t) => {
    await commit('kept', inGit('shop.example/app:1'));
    const before = new Map<string, Seen>();
    for (const one of cases) {
      await revisions(spotOf(one), 1);
      if (one.name === 'applied') await applyMarker(one);
      else await hand.restart(spotOf(one), marker);
      await revisions(spotOf(one), 2);
      before.set(one.name, await look(cluster, spotOf(one)));
    }
    const since = await markIn(cluster);
    for (let looks = 0; looks < 3; looks += 1) await reconcile(cluster, 'kept');
    for (const one of cases) {
      const { managers, generation, ...now } = await look(cluster, spotOf(one));
      t.is(now.marker, marker, one.name);
      t.is(generation, before.get(one.name)?.generation ?? 0, one.name);
      const operation = one.name === 'applied' ? 'Apply' : 'Update';
      t.true(managers.includes(`otel-retrofit/${operation}`), `${one.name}: ${managers.join()}`);
      t.is((await revisionsOf(cluster, spotOf(one))).length, 2, one.name);
    }
    t.deepEqual(await fluxWrites('kept', since), []);
  });

  test(`a new image in Git is one more revision, and the restart stays (${version})`, async (t) => {
    const since = await markIn(cluster);
    await commit('kept', inGit('shop.example/app:2'));
    for (const one of cases) {
      await revisions(spotOf(one), 3);
      const now = await look(cluster, spotOf(one));
      t.is(now.image, 'shop.example/app:2', one.name);
      t.is(now.marker, marker, one.name);
    }
    t.is((await fluxWrites('kept', since)).length, cases.length);
    await reconcile(cluster, 'kept');
    t.is((await fluxWrites('kept', since)).length, cases.length);
  });

  test(`who takes our restart back by hand is not corrected by Flux (${version})`, async (t) => {
    const spot = spotOf({ kind: 'Deployment', name: 'none' });
    const annotations = { [marks.restart]: null };
    await change(cluster, spot, { spec: { template: { metadata: { annotations } } } });
    await reconcile(cluster, 'kept');
    t.is((await look(cluster, spot)).marker, undefined);
  });

  async function restartByHand({ namespace, name }: Spot): Promise<void> {
    const args = ['rollout', 'restart', `deployment/${name}`, '--namespace', namespace];
    const { code, stderr } = await cluster.kubectl(args);
    if (code !== 0) throw new Error(stderr);
  }

  test(`Flux takes back what a person restarts with kubectl, and of two restarts only that one (${version})`, async (t) => {
    const merge = ['annotations:', '  kustomize.toolkit.fluxcd.io/ssa: Merge'];
    await commit('person', [
      manifestOf({ name: 'alone', namespace: 'person' }),
      manifestOf({ name: 'both', namespace: 'person' }),
      manifestOf({ name: 'merged', namespace: 'person', metadata: merge }),
    ]);
    for (const name of ['alone', 'both', 'merged']) {
      await revisions(person(name), 1);
      await restartByHand(person(name));
      await revisions(person(name), 2);
    }
    for (const name of ['both', 'merged']) {
      await hand.restart(person(name), marker);
      await revisions(person(name), 3);
    }
    await reconcile(cluster, 'person');
    const [alone, both, merged] = await Promise.all(
      ['alone', 'both', 'merged'].map((name) => look(cluster, person(name))),
    );
    t.is(alone?.restartedAt, undefined);
    t.is(alone?.generation, 3);
    t.is(both?.restartedAt, undefined);
    t.is(both?.marker, marker);
    // The first, kubectl's, both together, ours alone: what two who restart at once cost.
    await revisions(person('both'), 4);
    await revisions(person('alone'), 2);
    t.is(typeof merged?.restartedAt, 'string');
    t.is(merged?.marker, marker);
  });

  test(`Flux overwrites our annotation where it stands in Git (${version})`, async (t) => {
    const spot: Spot = { kind: 'Deployment', namespace: 'claimed', name: 'cart' };
    const template = ['annotations:', `  ${marks.restart}: theirs`];
    await commit('claimed', [manifestOf({ name: 'cart', namespace: 'claimed', template })]);
    await hand.restart(spot, marker);
    await reconcile(cluster, 'claimed');
    const now = await look(cluster, spot);
    t.is(now.marker, 'theirs');
    t.false(now.managers.includes('otel-retrofit/Update'));
  });

  test(`Flux keeps the authority that we write where Git has none or an empty one, and no other (${version})`, async (t) => {
    const authority = cluster.caPem;
    const lines = { 'bundle-absent': 'absent', 'bundle-empty': '""', 'bundle-dummy': 'Cg==' };
    await commit(
      'authorities',
      Object.entries(lines).map(([name, line]) => webhookManifest(name, line)),
    );
    for (const name of Object.keys(lines)) {
      await hand.publish(name, authority);
      t.is(await bundleIn(cluster, name), authority);
    }
    for (let looks = 0; looks < 3; looks += 1) await reconcile(cluster, 'authorities');
    t.is(await bundleIn(cluster, 'bundle-absent'), authority);
    t.is(await bundleIn(cluster, 'bundle-empty'), authority);
    t.is(await bundleIn(cluster, 'bundle-dummy'), '\n');
  });
}
