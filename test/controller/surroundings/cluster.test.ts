import { KubeConfig } from '@kubernetes/client-node';
import test, { type ExecutionContext } from 'ava';
import { createClient } from '../../../controller/kube/client.ts';
import { createTransport } from '../../../controller/kube/transport.ts';
import { fromCluster } from '../../../controller/surroundings/cluster.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { theDefaults } from '../../support/build.ts';
import { failure, FakeApi, type Reply } from '../../support/faults/api.ts';
import { serve, type Asked } from '../../support/faults/serve.ts';
import { eventually } from '../webhook/support.ts';

const kind = 'opentelemetry.io/instrumentations';

/** What is known of an API that holds this, from now until the test ends. */
async function watching(
  t: ExecutionContext,
  api: FakeApi,
  reply?: (asked: Asked) => Reply | undefined,
) {
  const served = await serve(api);
  served.reply = reply;
  const kubeConfig = new KubeConfig();
  const cluster = { name: 'c', server: served.url, skipTLSVerify: false };
  kubeConfig.loadFromClusterAndUser(cluster, { name: 'u' });
  const transport = createTransport(kubeConfig, { version: '0.0.0' });
  const told: string[] = [];
  const around = fromCluster(createClient(transport), theDefaults(), {
    onState: (resource, state) => told.push(`${resource} ${state}`),
    onFault: (resource, { key }) => told.push(`${resource} ${key}`),
  });
  const end = new AbortController();
  const running = around.run(end.signal);
  t.teardown(async () => {
    end.abort();
    await running;
    await transport.close();
    await served.stop();
  });
  return { around, told };
}

function anApi(): FakeApi {
  const api = new FakeApi();
  const annotations: JsonObject = { 'instrumentation.opentelemetry.io/inject-java': 'main' };
  const namespace = { metadata: { name: 'shop', annotations, labels: { team: 'cart' } } };
  api.answer({ method: 'POST', path: '/api/v1/namespaces', body: JSON.stringify(namespace) });
  api.put(kind, 'main', { spec: { exporter: { endpoint: 'http://otel.obs:4318' } } });
  return api;
}

test('what the API server has is known once it has been read, and kept up with', async (t) => {
  const api = anApi();
  const { around } = await watching(t, api);
  await around.complete;
  t.deepEqual(around.missing(), []);
  t.deepEqual(around.worldOf('shop').namespace.labels, { team: 'cart' });
  const main = () => around.worldOf('shop').instrumentations.in('shop')?.get('main');
  t.is(main()?.shared.endpoint, 'http://otel.obs:4318');

  const before = around.fingerprint();
  api.put(kind, 'main', { spec: { exporter: { endpoint: 'http://other.obs:4318' } } });
  await eventually(
    'the change is known',
    () => main()?.shared.endpoint?.includes('other') === true,
  );
  t.not(around.fingerprint(), before);
  api.remove(kind, 'shop/main');
  await eventually('the loss is known', () => main() === undefined);
  t.deepEqual(
    around.caches().map(({ resource, isSynced }) => [resource, isSynced]),
    [
      ['namespaces', true],
      ['instrumentations', true],
      ['limitranges', true],
    ],
  );
});

test('while a kind has not been read, what is missing is said in a sentence', async (t) => {
  const { around, told } = await watching(t, anApi(), ({ path }) =>
    path.includes('instrumentations') ? failure(403, 'Forbidden', 'not yours') : undefined,
  );
  await eventually('one is refused', () => told.includes('instrumentations Forbidden'));
  await eventually('one is read', () => told.includes('namespaces live'));
  await eventually('another is read', () => told.includes('limitranges live'));
  t.deepEqual(around.missing(), ['The instrumentations have not been read yet.']);
});

test('a cluster without the definition of Instrumentations has none, and that is known', async (t) => {
  const api = anApi();
  api.absent.add(kind);
  const { around, told } = await watching(t, api);
  await around.complete;
  t.deepEqual(around.missing(), []);
  t.true(told.includes('instrumentations absent'));
  t.is(around.worldOf('shop').instrumentations.in('shop'), undefined);
});

const bound = { type: 'Container', max: { memory: '128Mi' } };

test('the limits of a namespace are known, and kept up with', async (t) => {
  const api = anApi();
  api.put('/limitranges', 'small', { spec: { limits: [bound] } });
  api.put('/limitranges', 'other', { spec: { limits: [bound] } }, 'ops');
  const { around } = await watching(t, api);
  await around.complete;
  const limits = (namespace: string) =>
    around.worldOf(namespace).namespace.limits?.map(({ name }) => name);
  t.deepEqual([limits('shop'), limits('ops'), limits('web')], [['small'], ['other'], undefined]);
  api.put('/limitranges', 'least', { spec: { limits: [bound] } });
  await eventually('another is known', () => limits('shop')?.join() === 'least,small');
  api.remove('/limitranges', 'shop/least');
  api.remove('/limitranges', 'shop/small');
  await eventually('their loss is known', () => limits('shop') === undefined);
});

test('a role that does not let limits be read is told of, and all else goes on without them', async (t) => {
  const { around, told } = await watching(t, anApi(), ({ path }) =>
    path.includes('limitranges') ? failure(403, 'Forbidden', 'not yours') : undefined,
  );
  await around.complete;
  t.deepEqual(around.missing(), []);
  t.true(told.includes('limitranges Forbidden'));
  t.deepEqual(
    around
      .caches()
      .filter(({ isSynced }) => !isSynced)
      .map(({ resource }) => resource),
    ['limitranges'],
  );
  t.deepEqual(around.worldOf('shop').namespace.labels, { team: 'cart' });
});

test('limits that could not be read for another cause are waited for', async (t) => {
  const { around, told } = await watching(t, anApi(), ({ path }) =>
    path.includes('limitranges') ? failure(503, 'ServiceUnavailable', 'not now') : undefined,
  );
  await eventually('it is told', () => told.includes('limitranges failing'));
  await eventually('the others are read', () => around.missing().length === 1);
  t.deepEqual(around.missing(), ['The limitranges have not been read yet.']);
});
