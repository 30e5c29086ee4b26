import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { parse } from 'yaml';
import { objectAt, type JsonObject } from '../../../domain/json.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { freePorts, openKeeper, type Keeper } from '../../cluster/plane/programs.ts';
import { startCluster } from '../../cluster/start.ts';
import type { Product } from '../../cluster/webhook/program.ts';
import { installingBesideTheOperatorRestartsNothing } from '../../journeys/loop/operator.ts';
import { call, eventually } from '../../journeys/support/ground.ts';
import {
  conditionOf,
  instrument,
  readInstrumentation,
} from '../../journeys/support/instrumentations.ts';
import { letMeddle, type Meddler } from '../../journeys/support/meddler.ts';
import { runPods, type Runner } from '../../journeys/support/runner.ts';
import {
  change,
  deploy,
  markerOf,
  podsOf,
  read,
  revisionsOf,
  untilRunning,
  type Spot,
} from '../../journeys/support/workloads.ts';
import { writesOf } from '../live/audit.ts';
import { launch, userOf } from '../live/product.ts';
import { openTerminal, ways, type Terminal } from '../live/ways.ts';
import { test } from '../../cluster/plane/ours.ts';

/*
 * Installed over a cluster in which the OpenTelemetry Operator has been at work: with its definition
 * of Instrumentations, an Instrumentation, and pods that it has injected; its webhook goes on working.
 */

const namespace = 'operated';
const spots: readonly Spot[] = [
  { kind: 'Deployment', namespace, name: 'cart' },
  { kind: 'StatefulSet', namespace, name: 'db' },
  { kind: 'DaemonSet', namespace, name: 'agent' },
];

const definitionPath =
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/instrumentations.opentelemetry.io';

const language = 'opentelemetry-auto-instrumentation-java';

/** As the operator has them, with one language for all. */
const theirWebhook = {
  name: 'opentelemetry-operator',
  namespace,
  group: '',
  resource: 'pods',
  operation: 'CREATE',
  say: (pod: JsonObject) => ({
    kind: 'patch' as const,
    patch: [
      { op: 'replace' as const, path: '/spec', value: injected(objectAt(pod, 'spec') ?? {}) },
    ],
  }),
} as const;

const injected = (spec: JsonObject): JsonObject => ({
  ...spec,
  volumes: [
    ...((spec['volumes'] as readonly JsonObject[] | undefined) ?? []),
    { name: language, emptyDir: {} },
  ],
  initContainers: [
    {
      name: language,
      image: 'operator.example/autoinstrumentation-java:1',
      command: ['cp', '/javaagent.jar', '/otel-auto-instrumentation-java/javaagent.jar'],
      volumeMounts: [{ name: language, mountPath: '/otel-auto-instrumentation-java' }],
    },
  ],
});

/** From the operator alone to both, and to us alone. */
export function tellOfOperator(emulated: '' | '1.33'): void {
  const version = emulated === '' ? 'today' : `as ${emulated}`;
  let cluster: Cluster;
  let keeper: Keeper;
  let runner: Runner;
  let operator: Meddler;
  let terminal: Terminal;
  let controller: Product;
  let pods: ReadonlySet<string>;

  const statusWrites = async () => {
    const which = { by: userOf('controller'), resources: ['instrumentations'] };
    return (await writesOf(cluster, which)).length;
  };

  const untilSaid = (line: string) =>
    eventually(`the metrics say ${line}`, async () =>
      (await controller.metrics()).split('\n').includes(line),
    );

  const adopted = (count: number) =>
    untilSaid(`retrofit_pods{namespace="${namespace}",state="adopted"} ${count}`);

  const scale = (replicas: number) => change(cluster, spots[0] as Spot, { spec: { replicas } });

  async function nothingIsRestarted(t: ExecutionContext): Promise<void> {
    for (const spot of spots) {
      t.is(markerOf(await read(cluster, spot)), undefined, spot.name);
      t.is((await revisionsOf(cluster, spot)).length, 1, spot.name);
    }
    const now = await podsIn(cluster);
    t.deepEqual(
      [...pods].filter((uid) => !now.has(uid)),
      [],
    );
  }

  test(`the operator was there first (${version})`, async (t) => {
    cluster = await startCluster(emulated === '' ? {} : { emulated });
    keeper = openKeeper(cluster.directory);
    for (const name of ['node', 'other'])
      await call(cluster, 'POST', '/api/v1/nodes', { metadata: { name } });
    runner = runPods(cluster);
    const stdin = JSON.stringify(theirDefinition());
    const applied = await cluster.kubectl(['apply', '--filename', '-'], { stdin });
    t.is(applied.code, 0, applied.stderr);
    await cluster.createNamespace(namespace);
    await eventually('Instrumentations are served', async () => {
      await instrument(cluster, namespace);
      return true;
    });
    operator = await letMeddle(cluster, theirWebhook);
    for (const spot of spots) await deploy(cluster, spot);
    for (const spot of spots) await untilRunning(cluster, spot);
    pods = await podsIn(cluster);
    t.is(pods.size, 6);
  });

  test(`the chart leaves its definition as it is, and nothing is restarted (${version})`, async (t) => {
    const [port = 0] = await freePorts(1);
    const before = await call<JsonObject>(cluster, 'GET', definitionPath);
    terminal = await openTerminal(cluster, 'helm4', port);
    await terminal(`${ways.helm4.install} --set crds.install=false`);
    await launch(cluster, keeper, 'webhook', { 'webhook-port': port });
    controller = await launch(cluster, keeper, 'controller');
    await adopted(6);
    await untilSaid('retrofit_probe_success 1');
    await nothingIsRestarted(t);
    t.deepEqual(await call<JsonObject>(cluster, 'GET', definitionPath), before);
  });

  test(`where its definition has no room for a status, one is written once, and people are told (${version})`, async (t) => {
    await untilSaid('retrofit_status_kept 0');
    // What would have changed the status, twice.
    for (const [replicas, count] of [
      [3, 7],
      [4, 8],
    ] as const) {
      await scale(replicas);
      await adopted(count);
    }
    t.is(await statusWrites(), 1);
    t.deepEqual((await readInstrumentation(cluster, namespace)).status ?? {}, {});
    const told = controller.lines().filter(({ msg }) => msg === 'status is not kept');
    t.is(told.length, 1);
    t.regex(String(told[0]?.['remedy']), /Apply the definition that comes with this version/);
    await nothingIsRestarted(t);
  });

  test(`with our definition in its place Ready is explained, and still nothing is restarted (${version})`, async (t) => {
    await terminal('kubectl apply --server-side --force-conflicts --kustomize crds');
    await untilSaid('retrofit_status_kept 1');
    const one = await eventually('its status says how it stands', async () => {
      const found = await readInstrumentation(cluster, namespace);
      const isProven = conditionOf(found, 'Ready')?.status === 'True';
      return isProven && found.status?.pods?.['adopted'] === 8 && found;
    });
    const ready = conditionOf(one, 'Ready');
    t.is(ready?.reason, 'Served');
    t.regex(ready?.message ?? '', /webhook/);
    t.is(conditionOf(one, 'Covered')?.reason, 'OutdatedOnly');
    const before = await statusWrites();
    await scale(5);
    await adopted(9);
    await eventually('the status says so', async () => {
      const found = await readInstrumentation(cluster, namespace);
      return found.status?.pods?.['adopted'] === 9;
    });
    t.true((await statusWrites()) - before <= 3, `${(await statusWrites()) - before} writes`);
    await nothingIsRestarted(t);
  });

  test(`whatever the operator has injected, it is left as it is (${version})`, async (t) => {
    await operator.leave();
    await installingBesideTheOperatorRestartsNothing(t, cluster, 'many');
    await nothingIsRestarted(t);
  });

  test(`the control plane ends (${version})`, async (t) => {
    await keeper.end();
    await runner.stop();
    await cluster.stop();
    t.pass();
  });
}

async function podsIn(cluster: Cluster): Promise<ReadonlySet<string>> {
  const found = await Promise.all(spots.map((spot) => podsOf(cluster, spot)));
  return new Set(found.flat().map(({ metadata }) => metadata.uid));
}

/** Ours without what the operator's lacks: the rules, the columns and all that a status could hold. */
function theirDefinition(): JsonObject {
  const text = readFileSync(
    join(import.meta.dirname, '../../../crds/instrumentations.yaml'),
    'utf8',
  );
  return JSON.parse(
    JSON.stringify(parse(text), (key, value: unknown) => {
      if (key === 'x-kubernetes-validations' || key === 'additionalPrinterColumns')
        return undefined;
      if (key === 'openAPIV3Schema') return withoutStatus(value);
      return value;
    }),
  ) as JsonObject;
}

function withoutStatus(schema: unknown): unknown {
  const { properties, ...rest } = schema as { readonly properties: JsonObject };
  return { ...rest, properties: { ...properties, status: { type: 'object' } } };
}
