import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse, parseAllDocuments } from 'yaml';
import type { Cluster } from '../../../cluster/cluster.ts';
import { openKeeper, type Keeper } from '../../../cluster/plane/programs.ts';
import { startCluster } from '../../../cluster/start.ts';
import { call, eventually } from '../../../journeys/support/ground.ts';
import { follow, isReady, readKustomization, reconcile, startFlux } from '../../flux/controller.ts';
import { openRepository, type Repository } from '../../flux/repository.ts';
import { instrumentationIn } from '../../live/workloads.ts';
import { test } from '../../../cluster/plane/ours.ts';

const root = join(import.meta.dirname, '../../../..');

let cluster: Cluster;
let keeper: Keeper;
let repository: Repository;

const condition = (type: string, status: 'True' | 'False') => ({
  type,
  status,
  reason: 'Any',
  message: `${type} is ${status}`,
  lastTransitionTime: '2026-11-21T00:00:00Z',
});

const served = { observedGeneration: 1, conditions: [condition('Ready', 'True')] };

/** A folder for each, and what stands in the status of its Instrumentation. */
const goesOn = {
  served,
  'served-not-covered': {
    ...served,
    conditions: [...served.conditions, condition('Covered', 'False')],
  },
};
const waits = {
  'not-looked-at': undefined,
  'not-served': { observedGeneration: 1, conditions: [condition('Ready', 'False')] },
  'looked-at-before': { ...served, observedGeneration: 0 },
  'being-looked-at': {
    ...served,
    conditions: [...served.conditions, condition('Reconciling', 'True')],
  },
};
const givesUp = {
  stalled: {
    observedGeneration: 1,
    conditions: [condition('Ready', 'False'), condition('Stalled', 'True')],
  },
};
const all: Readonly<Record<string, object | undefined>> = { ...goesOn, ...waits, ...givesUp };

interface Document {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly healthCheckExprs?: readonly object[] };
}

/** As the guide has them. */
function expressions(): readonly object[] {
  const text = readFileSync(join(root, 'docs/guides/gitops/flux/otel-retrofit.yaml'), 'utf8');
  const documents = parseAllDocuments(text).map((document) => document.toJS() as Document);
  const found = documents.find(({ metadata }) => metadata.name === 'instrumentations');
  if (found?.spec.healthCheckExprs === undefined) throw new Error('the guide has expressions');
  return found.spec.healthCheckExprs;
}

const say = (namespace: string, status: object) =>
  call(
    cluster,
    'PATCH',
    `/apis/opentelemetry.io/v1alpha1/namespaces/${namespace}/instrumentations/agents/status`,
    { status },
  );

test.before(async () => {
  cluster = await startCluster({ controllers: false });
  keeper = openKeeper(cluster.directory);
  await cluster.installCrd(join(root, 'crds/instrumentations.yaml'));
  await startFlux(cluster, keeper);
  repository = await openRepository(cluster, 'cluster');
  const folders = Object.keys(all);
  for (const folder of folders) {
    await cluster.createNamespace(folder);
    await call(
      cluster,
      'POST',
      `/apis/opentelemetry.io/v1alpha1/namespaces/${folder}/instrumentations`,
      parse(instrumentationIn(folder)) as object,
    );
    const status = all[folder];
    if (status !== undefined) await say(folder, status);
  }
  await repository.commit(
    Object.fromEntries(folders.map((folder) => [`${folder}/all.yaml`, instrumentationIn(folder)])),
  );
  const spec = { wait: true, timeout: '10m', healthCheckExprs: expressions() };
  for (const folder of folders) await follow(cluster, folder, spec);
});

test.after.always(async () => {
  await keeper?.end();
  await repository?.close();
  await cluster?.stop();
});

const goingOn = (folder: string) =>
  eventually(`Flux goes on from ${folder}`, async () =>
    isReady(await readKustomization(cluster, folder)),
  );

test('Flux goes on where an Instrumentation is served, be its pods covered or not', async (t) => {
  for (const folder of Object.keys(goesOn)) await goingOn(folder);
  t.pass();
});

test('Flux gives up at once where only a change in Git helps', async (t) => {
  for (const folder of Object.keys(givesUp)) {
    const { message } = await eventually('Flux gives up, long before its timeout', async () => {
      const { status } = await readKustomization(cluster, folder);
      return status?.conditions?.find(({ reason }) => reason === 'HealthCheckFailed');
    });
    t.regex(message, /stalled/);
    t.regex(message, /Instrumentation\/stalled\/agents/);
  }
});

const wordsOf = async (folder: string) => {
  const { status } = await readKustomization(cluster, folder);
  return status?.conditions?.map((one) => `${one.type} ${one.status}`).toSorted();
};

test('Flux waits where nobody serves it yet, and goes on when it is told so', async (t) => {
  const waiting = ['Healthy Unknown', 'Ready Unknown', 'Reconciling True'];
  for (const folder of Object.keys(waits))
    await eventually(`Flux looks at ${folder}`, async () =>
      isDeepStrictEqual(await wordsOf(folder), waiting),
    );
  // What need not wait goes through meanwhile.
  for (let looks = 0; looks < 3; looks += 1) await reconcile(cluster, 'served');
  for (const folder of Object.keys(waits)) t.deepEqual(await wordsOf(folder), waiting, folder);
  for (const folder of Object.keys(waits)) await say(folder, served);
  for (const folder of Object.keys(waits)) await goingOn(folder);
});
