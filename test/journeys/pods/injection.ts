import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ExecutionContext } from 'ava';
import { annotations } from '../../../crds/names.ts';
import { until } from '../../cluster/until.ts';
import { make } from '../stage/plane.ts';
import { startProduct } from '../stage/product.ts';
import { serverTemplate, type Stage } from '../stage/stage.ts';
import { ask } from '../stage/traffic.ts';
import { awaitComplete } from './workloads.ts';

/** What the stage's agent says to the endpoint it was told. */
interface Sent {
  readonly service: string;
  readonly attributes: string;
}

/** Where telemetry goes: it keeps what it was sent. */
async function openEndpoint() {
  const sent: Sent[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      sent.push(JSON.parse(Buffer.concat(chunks).toString()) as Sent);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { sent, url: `http://127.0.0.1:${port}`, close };
}

const shop = 'shop';
const deployments = `/apis/apps/v1/namespaces/${shop}/deployments`;
const pods = `/api/v1/namespaces/${shop}/pods`;

/**
 * The product runs, an Instrumentation is there, a Deployment asks for Node.js: its processes tell
 * the endpoint who they are, and those of its neighbour, which did not ask, tell nobody.
 */
export async function injects(t: ExecutionContext, stage: Stage): Promise<void> {
  const { api } = stage;
  const running = await startProduct(stage);
  t.teardown(() => running.stop());
  const endpoint = await openEndpoint();
  t.teardown(endpoint.close);
  await stage.createNamespace(shop);
  await make(api, `/apis/opentelemetry.io/v1alpha1/namespaces/${shop}/instrumentations`, {
    apiVersion: 'opentelemetry.io/v1alpha1',
    kind: 'Instrumentation',
    metadata: { name: 'agents' },
    spec: { exporter: { endpoint: endpoint.url } },
  });
  const asking = { [annotations.inject('nodejs')]: 'true' };
  await until(() => isInjected(stage, asking), { what: 'a pod that asks is injected' });

  await deploy(stage, 'cart', asking);
  await deploy(stage, 'plain', {});
  const [cart, plain] = [await podsOf(stage, 'cart'), await podsOf(stage, 'plain')];
  t.deepEqual(new Set(cart.map(({ agent }) => agent)), new Set(['cart']));
  t.deepEqual(new Set(plain.map(({ agent }) => agent)), new Set([null]));

  await until(() => endpoint.sent.length >= cart.length, { what: 'both processes have reported' });
  const told = endpoint.sent.map(({ attributes }) => attributesIn(attributes));
  t.deepEqual(
    told.map((one) => String(one.get('k8s.pod.name'))).toSorted(),
    cart.map(({ pod }) => pod).toSorted(),
  );
  for (const one of told) {
    t.is(one.get('k8s.deployment.name'), 'cart');
    t.is(one.get('k8s.namespace.name'), shop);
    t.is(one.get('service.instance.id'), `${shop}.${one.get('k8s.pod.name')}.server`);
    t.false([...one.values()].some((value) => value.includes('$(')));
  }
}

interface Created {
  readonly spec: { readonly initContainers?: readonly object[] };
}

/** For a try: nothing is stored. */
async function isInjected({ api }: Stage, asking: object): Promise<boolean> {
  const { spec } = serverTemplate('try', 'one');
  const pod = { metadata: { generateName: 'try-', annotations: asking }, spec };
  const { body } = await api.call<Created>('POST', `${pods}?dryRun=All`, pod);
  return (body.spec.initContainers ?? []).length > 0;
}

async function deploy(stage: Stage, name: string, asking: object): Promise<void> {
  const { metadata, spec } = serverTemplate(name, 'one');
  const template = { metadata: { ...metadata, annotations: asking }, spec };
  const selector = { matchLabels: metadata.labels };
  await stage.make(deployments, { metadata: { name }, spec: { replicas: 2, selector, template } });
  await awaitComplete(stage, `${deployments}/${name}`, 2);
}

/** Each pod of a Deployment, asked who it is. */
async function podsOf(stage: Stage, app: string) {
  const found = (await stage.podsIn(shop)).filter(
    ({ metadata }) => metadata.labels?.['app'] === app,
  );
  return Promise.all(found.map(({ metadata }) => ask(String(stage.addressOf(metadata)))));
}

const attributesIn = (text: string) =>
  new Map(text.split(',').map((pair) => pair.split('=') as [string, string]));
