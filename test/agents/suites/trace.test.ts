import { randomUUID } from 'node:crypto';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import type { Pod } from '../../../sandbox/kubelet/pod/shapes.ts';
import { until } from '../../cluster/until.ts';
import { follow, spansAbout, titleOf, way, type Verdict } from '../stage/chain.ts';
import { apps, type AppName } from '../stage/apps.ts';
import { container, twinOf, version } from '../stage/deployments.ts';
import { namespaces, setStage, type Stage } from '../stage/stage.ts';
import type { Resource, Telemetry } from '../stage/telemetry.ts';

const test = anyTest as TestFn<Stage>;

test.before(async (t) => {
  t.timeout(300_000);
  t.context = await setStage(randomUUID());
  for (const line of t.context.times) t.log(line);
});

test.after.always((t) => t.context.stop?.());

interface Journey {
  readonly from: 'shop' | 'corner';
  readonly first: AppName;
  readonly path: string;
  readonly item: string;
  readonly steps: readonly string[];
}

/** A request is sent, and its trace is looked for until it is whole. */
async function traceOf(t: ExecutionContext<Stage>, { from, first, path, item, steps }: Journey) {
  const { collector } = t.context;
  const { code, text } = await t.context[from].ask(first, `${path}/${item}`);
  t.is(code, 200, text);
  const sentAt = performance.now();
  return until(
    async () => {
      const verdict = follow(await collector.telemetry(), item, steps);
      if (verdict.kind === 'broken') throw new Error(JSON.stringify(verdict));
      t.log(`the trace is whole after ${((performance.now() - sentAt) / 1000).toFixed(1)} s`);
      return verdict;
    },
    { what: 'the trace is whole' },
  );
}

const order = (t: ExecutionContext<Stage>, item: string) =>
  traceOf(t, { from: 'shop', first: 'cart', path: '/order', item, steps: way });

test.serial('one request through Node.js, Python and Java is one connected trace', async (t) => {
  const { spans, traceId } = await order(t, 'teapot');
  t.deepEqual(spans.map(titleOf), [...way]);
  t.is(new Set(spans.map((span) => span.traceId)).size, 1);
  const { spans: all } = await t.context.collector.telemetry();
  t.deepEqual(new Set(spansAbout(all, 'teapot').map((span) => span.traceId)), new Set([traceId]));
});

test.serial('a line that is logged on the way carries the trace', async (t) => {
  const { traceId } = await order(t, 'kettle');
  const said = 'somebody asks for kettle';
  const line = await until(
    async () => (await t.context.collector.telemetry()).lines.find(({ text }) => text === said),
    { what: 'the line arrives' },
  );
  t.is(line.traceId, traceId);
  t.is(line.resource.get('service.name'), 'pricing');
});

/** What the product promises to say of a pod's telemetry, in the words of the pod. */
function promised({ metadata, spec }: Pod, { run }: Stage) {
  const replicaSet = metadata.ownerReferences?.[0]?.name ?? '';
  const name = metadata.labels?.['app'] ?? '';
  return {
    'service.name': name,
    'service.namespace': metadata.namespace,
    'service.version': version,
    'service.instance.id': `${metadata.namespace}.${metadata.name}.${container}`,
    'k8s.namespace.name': metadata.namespace,
    'k8s.deployment.name': name,
    'k8s.replicaset.name': replicaSet,
    'k8s.pod.name': metadata.name,
    'k8s.container.name': container,
    'k8s.node.name': spec.nodeName ?? '',
    'telemetry.sdk.name': 'opentelemetry',
    'telemetry.sdk.language': apps.find((app) => app.name === name)?.language ?? '',
    'test.run': run,
  };
}

test.serial('every span, metric and line says which pod it comes from', async (t) => {
  const { shop, corner, collector } = t.context;
  await order(t, 'spoon');
  const names = apps.map(({ name }) => name);
  const telemetry = await until(
    async () => {
      const sent = await collector.telemetry();
      return names.every((name) => sent.metrics.some(isFrom(name))) && sent;
    },
    { what: 'each service has sent metrics' },
  );
  const pods = new Map([...shop.pods, ...corner.pods].map((pod) => [pod.metadata.name, pod]));
  for (const resource of resourcesIn(telemetry)) {
    const pod = pods.get(resource.get('k8s.pod.name') ?? '');
    if (pod === undefined) t.fail(`nobody's: ${JSON.stringify([...resource])}`);
    else t.like(Object.fromEntries(resource), promised(pod, t.context));
    t.deepEqual(
      [...resource].filter(([, value]) => value.includes('$(')),
      [],
    );
  }
  for (const name of names) t.true(telemetry.spans.some(isFrom(name)), `${name} has sent spans`);
});

const isFrom =
  (service: string) =>
  ({ resource }: { readonly resource: Resource }) =>
    resource.get('service.name') === service;

const resourcesIn = ({ spans, lines, metrics }: Telemetry) =>
  new Set([...spans, ...lines, ...metrics].map(({ resource }) => resource));

test.serial('at port 4317 Node.js and Java speak gRPC, though nobody told them', async (t) => {
  const steps = ['stock server', 'stock client', 'cart server'];
  const journey = { from: 'corner', first: 'stock', path: '/left', item: 'ladle', steps } as const;
  const { spans } = await traceOf(t, journey);
  for (const { resource } of spans) t.is(resource.get('k8s.namespace.name'), namespaces.corner);
});

for (const { name, variable, source, own } of apps) {
  const place = { configmaps: 'a ConfigMap', secrets: 'a Secret', none: 'the pod' }[source];
  test.serial(`${variable}=${own} from ${place} stays in force beside the agent`, async (t) => {
    t.deepEqual(await t.context.shop.ask(name, '/own'), { code: 200, text: 'ours' });
  });
}

/** Where the way breaks when one of the three is deaf, and the steps that are told all the same. */
const breaks: Readonly<
  Record<AppName, { readonly verdict: Verdict; readonly left: readonly string[] }>
> = {
  cart: {
    verdict: { kind: 'broken', reached: [], missing: 'cart server' },
    left: ['pricing server', 'pricing client', 'stock server', 'stock client'],
  },
  pricing: {
    verdict: { kind: 'broken', reached: ['cart server', 'cart client'], missing: 'pricing server' },
    left: ['cart server', 'cart client', 'stock server', 'stock client', 'cart server'],
  },
  stock: {
    verdict: {
      kind: 'broken',
      reached: ['cart server', 'cart client', 'pricing server', 'pricing client'],
      missing: 'stock server',
    },
    left: ['cart server', 'cart client', 'pricing server', 'pricing client', 'cart server'],
  },
};

for (const { name, variable } of apps) {
  test.serial(
    `without ${variable} the trace breaks at the ${name}, which sends nothing`,
    async (t) => {
      const { shop, collector } = t.context;
      const item = `without-${name}`;
      const { code, text } = await shop.ask('cart', `/order/${item}`, name);
      t.is(code, 200, text);
      const { verdict, left } = breaks[name];
      const telemetry = await until(
        async () => {
          const sent = await collector.telemetry();
          return spansAbout(sent.spans, item).length >= left.length && sent;
        },
        { what: 'the others have told their part' },
      );
      const told = spansAbout(telemetry.spans, item).map(titleOf);
      t.deepEqual(told.toSorted(), [...left].toSorted());
      t.deepEqual(follow(telemetry, item), verdict);
      t.deepEqual(
        [...resourcesIn(telemetry)].filter(
          (resource) => resource.get('service.name') === twinOf(name),
        ),
        [],
      );
      const twin = shop.pods.find(({ metadata }) => metadata.labels?.['app'] === twinOf(name));
      t.truthy(twin?.spec.initContainers?.length, 'its pod has been injected all the same');
    },
  );
}
