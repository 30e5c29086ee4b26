import type { ExecutionContext } from 'ava';
import { isObject, listAt, objectAt, type JsonObject } from '../../../domain/json.ts';
import { eventually, type Ground } from '../support/ground.ts';
import { instrument, readInstrumentation } from '../support/instrumentations.ts';
import { letMeddle, type Meddling } from '../support/meddler.ts';
import {
  asking,
  deploy,
  isStamped,
  markerOf,
  podsOf,
  read,
  revisionsOf,
  untilRunning,
  type Spot,
} from '../support/workloads.ts';

const field = (name: string, fieldPath: string) => ({
  name,
  valueFrom: { fieldRef: { fieldPath } },
});

const variables = [
  field('OTEL_NODE_IP', 'status.hostIP'),
  field('OTEL_POD_IP', 'status.podIP'),
  { name: 'OTEL_SERVICE_NAME', value: 'cart' },
  { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://old.obs:4317' },
  field('OTEL_RESOURCE_ATTRIBUTES_POD_NAME', 'metadata.name'),
  field('OTEL_RESOURCE_ATTRIBUTES_NODE_NAME', 'spec.nodeName'),
  {
    name: 'OTEL_RESOURCE_ATTRIBUTES',
    value: 'k8s.node.name=$(OTEL_RESOURCE_ATTRIBUTES_NODE_NAME)',
  },
];

const copied = (language: string): JsonObject => {
  const name = `opentelemetry-auto-instrumentation-${language}`;
  const mountPath = `/otel-auto-instrumentation-${language}`;
  return {
    volumes: [{ name, emptyDir: { sizeLimit: '200Mi' } }],
    initContainers: [
      {
        name,
        image: `operator.example/autoinstrumentation-${language}:1`,
        command: ['cp', '-r', '/autoinstrumentation/.', mountPath],
        volumeMounts: [{ name, mountPath }],
      },
    ],
  };
};

/** What the operator leaves in pods, beside the variables of the application. */
const shapes: readonly JsonObject[] = [
  copied('java'),
  copied('nodejs'),
  copied('python'),
  copied('dotnet'),
  {
    containers: [
      {
        name: 'opentelemetry-auto-instrumentation',
        image: 'operator.example/autoinstrumentation-go:1',
        securityContext: { privileged: true, runAsUser: 0 },
      },
    ],
  },
  // Of the SDK alone only the variables are left.
  {},
];

/** An application as it is with all that. */
function injected(spec: JsonObject, shape: JsonObject): JsonObject {
  const [app = {}, ...others] = (listAt(spec, 'containers') ?? []).filter(isObject);
  const { containers = [], ...lists } = shape;
  const more = Object.entries(lists).map(([key, added]) => [
    key,
    [...(listAt(spec, key) ?? []), ...(added as readonly JsonObject[])],
  ]);
  return {
    ...spec,
    ...(Object.fromEntries(more) as JsonObject),
    containers: [{ ...app, env: variables }, ...others, ...(containers as readonly JsonObject[])],
  };
}

/** The operator's webhook; our own comes after it, by its name. */
function operatorIn(namespace: string): Meddling {
  let count = 0;
  return {
    name: 'opentelemetry-operator',
    namespace,
    group: '',
    resource: 'pods',
    operation: 'CREATE',
    say: (pod) => {
      const shape = shapes[count++ % shapes.length] ?? {};
      const value = injected(objectAt(pod, 'spec') ?? {}, shape);
      return { kind: 'patch', patch: [{ op: 'replace', path: '/spec', value }] };
    },
  };
}

const many = 40;

/**
 * Workloads whose pods the operator has injected, and such whose manifests bring the agent along: our
 * arrival restarts none of them, whatever the Instrumentation says.
 */
export async function installingBesideTheOperatorRestartsNothing(
  t: ExecutionContext,
  ground: Ground,
  namespace: string,
): Promise<void> {
  await ground.createNamespace(namespace);
  const operator = await letMeddle(ground, operatorIn(namespace));
  t.teardown(operator.leave);
  const theirs = Array.from({ length: many }, (_, index) => spotOf(namespace, `shop-${index}`));
  await Promise.all(theirs.map((spot) => deploy(ground, spot, { replicas: 1 })));
  for (const spot of theirs) await untilRunning(ground, spot, 1);
  await operator.leave();
  const brought = shapes.map((_, index) => spotOf(namespace, `brought-${index}`));
  for (const [index, spot] of brought.entries()) {
    const app = { containers: [{ name: 'app', image: 'shop.example/app:1' }] };
    const pod = injected(app, shapes[index] ?? {});
    await deploy(ground, spot, { annotations: asking, replicas: 1, pod });
  }
  for (const spot of brought) await untilRunning(ground, spot, 1);

  await instrument(ground, namespace);
  await eventually('all of them are known for what they are', async () => {
    const { status } = await readInstrumentation(ground, namespace);
    return status?.pods?.['adopted'] === many && status.workloads?.['held'] === many;
  });
  const { status } = await readInstrumentation(ground, namespace);
  t.deepEqual([...new Set(status?.attention?.map(({ reason }) => reason))], ['OutdatedOnly']);
  t.is(status?.pods?.['missing'], 0);
  for (const spot of [...theirs, ...brought]) {
    t.is(markerOf(await read(ground, spot)), undefined);
    t.is((await revisionsOf(ground, spot)).length, 1);
    t.false((await podsOf(ground, spot)).some(isStamped));
  }
}

const spotOf = (namespace: string, name: string): Spot => ({ kind: 'Deployment', namespace, name });
