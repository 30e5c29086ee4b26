import type { ExecutionContext } from 'ava';
import type { Cluster } from '../../../cluster/cluster.ts';
import { test } from '../../../cluster/plane/ours.ts';
import { eventually } from '../../../journeys/support/ground.ts';
import { conditionOf, readInstrumentation } from '../../../journeys/support/instrumentations.ts';
import { revisionsOf, type Spot } from '../../../journeys/support/workloads.ts';
import { managerOf, markIn, told, writesOf } from '../../live/audit.ts';
import { userOf } from '../../live/product.ts';
import {
  askingNamespace,
  instrumentationIn,
  look,
  manifestOf,
  type Seen,
} from '../../live/workloads.ts';
import {
  argoWrites,
  follow,
  outOfSync,
  readApplication,
  refresh,
  untilSynced,
  type Policy,
} from '../applications.ts';
import { allRun, openStage, runProduct, wordsIn, type Stage } from '../stage.ts';

/* What Argo CD makes of our restarts: an application by each way to apply, which heal and prune. */

interface Late extends Spot {
  readonly template?: readonly string[];
}

const usual = (namespace: string): readonly Late[] => [
  { kind: 'Deployment', namespace, name: 'cart' },
  { kind: 'StatefulSet', namespace, name: 'stock' },
  { kind: 'DaemonSet', namespace, name: 'logs' },
  {
    kind: 'Deployment',
    namespace,
    name: 'noted',
    template: ['annotations:', '  shop.example/team: cart'],
  },
];

/** By the folder in Git, which is the namespace, too. */
const all: Readonly<Record<string, readonly Late[]>> = {
  'on-client': usual('on-client'),
  'on-server': [
    ...usual('on-server'),
    { kind: 'Deployment', namespace: 'on-server', name: 'empty', template: ['annotations: {}'] },
    { kind: 'Deployment', namespace: 'on-server', name: 'nothing', template: ['annotations:'] },
  ],
};

const folders = Object.keys(all);
const spots = Object.values(all).flat();

const policies: Readonly<Record<string, Policy>> = {
  'on-server': { syncOptions: ['ServerSideApply=true'] },
};

const workloads = (image: string) =>
  Object.fromEntries(
    Object.entries(all).map(([folder, late]) => [
      `${folder}/workloads.yaml`,
      [askingNamespace(folder), ...late.map((spot) => manifestOf({ ...spot, image }))].join(
        '---\n',
      ),
    ]),
  );

const keyOf = ({ namespace, name }: Spot) => `${namespace}/${name}`;

let stage: Stage;
let cluster: Cluster;
const mended = new Map<string, Seen>();
let since = 0;

test.before(async () => {
  stage = await openStage();
  ({ cluster } = stage);
  await runProduct(stage);
});

test.after.always(() => stage?.close());

/** Puts it into Git, and waits until every application is at that commit. */
async function deploy(files: Readonly<Record<string, string>>): Promise<void> {
  const revision = await stage.commit(files);
  for (const folder of folders) await untilSynced(cluster, folder, revision);
}

const restarts = async (from: number) => {
  const resources = ['deployments', 'statefulsets', 'daemonsets'];
  const lines = await writesOf(cluster, { by: userOf('controller'), since: from, resources });
  return lines.filter(({ responseStatus }) => responseStatus?.code === 200);
};

/** Nobody has touched them since they were mended. */
async function areAsMended(t: ExecutionContext, revisions: number): Promise<void> {
  for (const spot of spots) {
    t.is((await look(cluster, spot)).marker, mended.get(keyOf(spot))?.marker, keyOf(spot));
    t.is((await revisionsOf(cluster, spot)).length, revisions, keyOf(spot));
  }
}

const syncsOf = async () => {
  const found = await Promise.all(folders.map((folder) => readApplication(cluster, folder)));
  return found.map(({ status }) => status?.operationState?.startedAt);
};

test('what Argo CD deployed before its Instrumentation is mended, each workload once', async (t) => {
  const image = 'shop.example/app:1';
  const bare = await stage.commit(workloads(image));
  for (const folder of folders) await follow(cluster, stage.repository, folder, policies[folder]);
  for (const folder of folders) await untilSynced(cluster, folder, bare);
  for (const spot of spots) await allRun(cluster, spot, { image, stamped: false });

  const from = await markIn(cluster);
  await deploy(
    Object.fromEntries(
      folders.map((folder) => [`${folder}/agents.yaml`, instrumentationIn(folder)]),
    ),
  );
  for (const spot of spots) await allRun(cluster, spot, { image, stamped: true });
  for (const folder of folders)
    await eventually(`every restart in ${folder} is over`, async () => {
      const one = await readInstrumentation(cluster, folder);
      return (
        conditionOf(one, 'Covered')?.status === 'True' &&
        one.status?.workloads?.['current'] === all[folder]?.length
      );
    });
  for (const spot of spots) {
    const seen = await look(cluster, spot);
    t.regex(seen.marker ?? '', /^[0-9a-f]{16}\.1\.[0-9a-z]+$/, keyOf(spot));
    t.is((await revisionsOf(cluster, spot)).length, 2, keyOf(spot));
    mended.set(keyOf(spot), seen);
  }
  const written = await restarts(from);
  t.deepEqual(
    written
      .map(({ objectRef }) => `${objectRef?.namespace ?? ''}/${objectRef?.name ?? ''}`)
      .toSorted(),
    spots.map(keyOf).toSorted(),
  );
  t.true(written.every((line) => managerOf(line) === 'otel-retrofit'));
  since = await markIn(cluster);
});

test('Argo CD stays in sync with what we have restarted, however it looks, and writes nothing', async (t) => {
  const syncs = await syncsOf();
  for (const kind of ['normal', 'hard', 'normal'] as const)
    for (const folder of folders) {
      const one = await refresh(cluster, folder, kind);
      t.is(one.status?.sync?.status, 'Synced', `${folder} after a ${kind} refresh`);
      t.deepEqual(outOfSync(one), [], folder);
      t.is(one.operation, undefined, folder);
    }
  t.deepEqual((await argoWrites(cluster, since)).map(told), []);
  t.deepEqual(await syncsOf(), syncs);
  await areAsMended(t, 2);
  for (const spot of spots)
    t.is(
      (await look(cluster, spot)).generation,
      mended.get(keyOf(spot))?.generation ?? 0,
      keyOf(spot),
    );
});

test('a new image in Git is rolled out once, agents in, and our restart stays', async (t) => {
  const from = await markIn(cluster);
  const image = 'shop.example/app:2';
  await deploy(workloads(image));
  for (const spot of spots) await allRun(cluster, spot, { image, stamped: true });
  await areAsMended(t, 3);
  const written = (await argoWrites(cluster, from)).map(told);
  for (const { kind, namespace, name } of spots)
    t.is(
      written.filter((one) => one === `patch ${kind.toLowerCase()}s ${namespace}/${name}`).length,
      1,
      `${namespace}/${name}: ${written.join(', ')}`,
    );
  t.deepEqual((await restarts(from)).map(told), []);
  since = await markIn(cluster);
});

test('a commit that changes nothing of ours changes no workload, and brings no restart', async (t) => {
  const versions = () =>
    Promise.all(spots.map(async (spot) => (await look(cluster, spot)).resourceVersion));
  const before = await versions();
  await deploy(
    Object.fromEntries(folders.map((folder) => [`${folder}/words.yaml`, wordsIn(folder)])),
  );
  const touched = (await argoWrites(cluster, since)).map(told);
  t.true(folders.every((folder) => touched.some((one) => one.endsWith(` ${folder}/words`))));
  for (const folder of folders) t.deepEqual(outOfSync(await refresh(cluster, folder, 'hard')), []);
  t.deepEqual(await versions(), before);
  await areAsMended(t, 3);
  t.deepEqual((await restarts(since)).map(told), []);
});
