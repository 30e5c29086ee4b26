import test, { type ExecutionContext } from 'ava';
import { annotations as keys } from '../../../crds/names.ts';
import { createClient } from '../../../controller/kube/client.ts';
import { createCaches } from '../../../controller/loop/caches.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { theDefaults } from '../../support/build.ts';
import { failure, FakeApi, type Reply, type Request } from '../../support/faults/api.ts';
import { seededDice } from '../../support/faults/settle.ts';
import { instantly, Machine, simulatedTransport, World } from '../../support/faults/simulation.ts';

const inject = keys.inject('java');

/** A cluster with what a test puts there, and caches that follow it. */
function scene(
  t: ExecutionContext,
  answer: (request: Request) => Reply | undefined = () => undefined,
) {
  const world = new World();
  const machine = new Machine(world);
  const api = new FakeApi();
  const marked = new Set<string>();
  const said: string[] = [];
  const dice = seededDice(7);
  const server = { refuses: (_path: string): boolean => false };
  const reply = (request: Request) =>
    server.refuses(request.path) ? failure(503, 'ServiceUnavailable', 'not now') : answer(request);
  const transport = simulatedTransport(machine, api, { ...instantly, reply });
  const caches = createCaches({
    client: createClient(transport, { time: machine, dice }),
    defaults: theDefaults(),
    onMark: (workload) => marked.add(workload),
    listener: {
      onState: (resource, state) => said.push(`${resource} ${state}`),
      onFault: (resource, { key }) => said.push(`${resource} ${key}`),
    },
    time: machine,
    dice,
  });
  const ending = new AbortController();
  let running: Promise<void> | undefined;
  const begin = async () => {
    running = caches.run(ending.signal);
    await world.pass(100);
  };
  t.teardown(async () => {
    ending.abort();
    await world.pass(0);
    await running;
  });
  /** Which workloads are marked by what happens, in the order of their names. */
  const marks = async (happen: () => unknown) => {
    marked.clear();
    happen();
    await world.pass(10);
    return [...marked].toSorted();
  };
  return { world, api, server, caches, said, begin, marks };
}

const owner = (kind: string, name: string, uid: string) => ({
  ownerReferences: [{ kind, name, uid, controller: true }],
});

const asking = (value: string): JsonObject => ({
  spec: {
    template: {
      metadata: { labels: { app: 'cart' }, annotations: { [inject]: value } },
      spec: { containers: [{ name: 'app', image: 'cart:1' }] },
    },
  },
});

function putNamespace(api: FakeApi, name: string, metadata: JsonObject = {}): void {
  const body = JSON.stringify({ metadata: { ...metadata, name } });
  const path = '/api/v1/namespaces';
  const { kind } = api.answer({ method: 'POST', path, body });
  if (kind === 'answer') api.answer({ method: 'PATCH', path: `${path}/${name}`, body });
}

const names = (records: readonly { readonly name: string }[]) =>
  records.map(({ name }) => name).toSorted();

test('pods are found by their workload, through the ReplicaSets of a Deployment', async (t) => {
  const { api, caches, begin } = scene(t);
  const { uid } = api.put('apps/deployments', 'cart').metadata;
  const old = api.put('apps/replicasets', 'cart-1', { metadata: owner('Deployment', 'cart', uid) });
  const now = api.put('apps/replicasets', 'cart-2', { metadata: owner('Deployment', 'cart', uid) });
  for (const [name, set] of [
    ['cart-1-a', old],
    ['cart-2-a', now],
    ['cart-2-b', now],
  ] as const)
    api.put('/pods', name, { metadata: owner('ReplicaSet', set.metadata.name, set.metadata.uid) });
  const db = api.put('apps/statefulsets', 'db').metadata.uid;
  api.put('apps/controllerrevisions', 'db-1', { metadata: owner('StatefulSet', 'db', db) });
  api.put('/pods', 'db-0', { metadata: owner('StatefulSet', 'db', db) });
  api.put('/pods', 'alone');
  await begin();
  t.deepEqual(names(caches.revisionsOf({ uid })), ['cart-1', 'cart-2']);
  t.deepEqual(names(caches.podsOf({ uid })), ['cart-1-a', 'cart-2-a', 'cart-2-b']);
  t.deepEqual(names(caches.revisionsOf({ uid: db })), ['db-1']);
  t.deepEqual(names(caches.podsOf({ uid: db })), ['db-0']);
  t.is(caches.kept.pods.size, 5);
  t.is(caches.workload({ kind: 'StatefulSet', namespace: 'shop', name: 'db' })?.uid, db);
});

test('workloads are found by namespace, whatever their kind', async (t) => {
  const { api, caches, begin } = scene(t);
  api.put('apps/deployments', 'cart');
  api.put('apps/daemonsets', 'agent');
  api.put('apps/statefulsets', 'db', {}, 'ops');
  await begin();
  t.deepEqual(names(caches.workloadsIn('shop')), ['agent', 'cart']);
  t.deepEqual(names(caches.workloadsIn('ops')), ['db']);
  t.deepEqual(caches.workloadsIn('none'), []);
});

test('workloads are found by the Instrumentation their pods name, be it by themselves or by their namespace', async (t) => {
  const { world, api, caches, begin } = scene(t);
  putNamespace(api, 'shop');
  putNamespace(api, 'ops', { annotations: { [inject]: 'shop/main' } });
  api.put('apps/deployments', 'by-name', asking('main'));
  api.put('apps/deployments', 'the-only-one', asking('true'));
  api.put('apps/deployments', 'another', asking('other'));
  api.put('apps/deployments', 'refusing', asking('false'));
  api.put('apps/deployments', 'silent', {}, 'ops');
  api.put('apps/deployments', 'overruled', asking('true'), 'ops');
  api.put('apps/deployments', 'own', asking('own'), 'ops');
  await begin();
  const naming = (namespace: string, name: string) =>
    names(caches.workloadsNaming({ namespace, name }));
  t.deepEqual(naming('shop', 'main'), ['by-name', 'overruled', 'silent', 'the-only-one']);
  t.deepEqual(naming('shop', 'other'), ['another', 'the-only-one']);
  t.deepEqual(naming('ops', 'own'), ['own']);

  putNamespace(api, 'ops', { annotations: { [inject]: null } });
  await world.pass(10);
  t.deepEqual(naming('shop', 'main'), ['by-name', 'the-only-one']);
  t.deepEqual(naming('ops', 'own'), ['overruled', 'own']);
});

test('what happens to a pod or a revision is told of its workload', async (t) => {
  const { api, begin, marks } = scene(t);
  const { uid } = api.put('apps/deployments', 'cart').metadata;
  await begin();
  const cart = ['Deployment/shop/cart'];
  const set = () =>
    api.put('apps/replicasets', 'cart-1', { metadata: owner('Deployment', 'cart', uid) });
  t.deepEqual(await marks(set), cart);
  const metadata = owner('ReplicaSet', 'cart-1', set().metadata.uid);
  t.deepEqual(await marks(() => api.put('/pods', 'cart-1-a', { metadata })), cart);
  t.deepEqual(await marks(() => api.remove('/pods', 'shop/cart-1-a')), cart);
  t.deepEqual(await marks(() => api.remove('apps/replicasets', 'shop/cart-1')), cart);
  t.deepEqual(await marks(() => api.remove('apps/deployments', 'shop/cart')), cart);
  const db = { metadata: owner('StatefulSet', 'db', 'u') };
  t.deepEqual(await marks(() => api.put('/pods', 'db-0', db)), ['StatefulSet/shop/db']);
  const job = { metadata: owner('Job', 'nightly-1', 'j') };
  t.deepEqual(await marks(() => api.put('/pods', 'nightly-1-a', job)), []);
});

test('a pod that comes before its ReplicaSet is told of when that comes', async (t) => {
  const { api, caches, begin, marks } = scene(t);
  const { uid } = api.put('apps/deployments', 'cart').metadata;
  await begin();
  const set = { metadata: owner('Deployment', 'cart', uid) };
  // The API counts: the ReplicaSet will be its third object.
  const pod = { metadata: owner('ReplicaSet', 'cart-1', 'uid-3') };
  t.deepEqual(await marks(() => api.put('/pods', 'cart-1-a', pod)), []);
  t.deepEqual(await marks(() => api.put('apps/replicasets', 'cart-1', set)), [
    'Deployment/shop/cart',
  ]);
  t.deepEqual(names(caches.podsOf({ uid })), ['cart-1-a']);
});

test('an Instrumentation concerns those that name it, and its status nobody', async (t) => {
  const { api, begin, marks } = scene(t);
  api.put('apps/deployments', 'cart', asking('true'));
  api.put('apps/deployments', 'web', asking('ops/main'));
  await begin();
  const kind = 'opentelemetry.io/instrumentations';
  const change = (rest: JsonObject, namespace = 'shop') =>
    marks(() => api.put(kind, 'main', rest, namespace));
  t.deepEqual(await change({}), ['Deployment/shop/cart']);
  t.deepEqual(await change({}, 'ops'), ['Deployment/shop/web']);
  t.deepEqual(await change({ spec: { propagators: ['b3'] } }), ['Deployment/shop/cart']);
  t.deepEqual(await change({ status: { pods: { wanted: 1 } } }), []);
  const resume = { metadata: { annotations: { 'otel-retrofit.dev/resume': 'then' } } };
  t.deepEqual(await change(resume), ['Deployment/shop/cart']);
  t.deepEqual(await marks(() => api.remove(kind, 'shop/main')), ['Deployment/shop/cart']);
});

test('a namespace concerns all that is in it, if it says something else than before', async (t) => {
  const { api, begin, marks } = scene(t);
  api.put('apps/deployments', 'cart');
  api.put('apps/daemonsets', 'agent', {}, 'ops');
  await begin();
  const say = (metadata: JsonObject) => marks(() => putNamespace(api, 'shop', metadata));
  t.deepEqual(await say({}), ['Deployment/shop/cart']);
  t.deepEqual(await say({ annotations: { [inject]: 'true' } }), ['Deployment/shop/cart']);
  t.deepEqual(await say({ labels: { team: 'a' } }), ['Deployment/shop/cart']);
  t.deepEqual(await say({ finalizers: [] }), []);
});

test('a LimitRange concerns all that is in its namespace, and decides what pods get', async (t) => {
  const { api, caches, begin, marks } = scene(t);
  api.put('apps/deployments', 'cart');
  api.put('apps/daemonsets', 'agent', {}, 'ops');
  await begin();
  const bound = { type: 'Container', max: { cpu: '1m' } };
  const put = () => api.put('/limitranges', 'small', { spec: { limits: [bound] } });
  t.deepEqual(await marks(put), ['Deployment/shop/cart']);
  t.is(caches.worldOf('shop').namespace.limits?.[0]?.name, 'small');
  t.deepEqual(await marks(() => api.remove('/limitranges', 'shop/small')), [
    'Deployment/shop/cart',
  ]);
  t.is(caches.worldOf('shop').namespace.limits, undefined);
});

test('where limits may not be read, all else is known without them', async (t) => {
  const { api, caches, begin, said } = scene(t, ({ path }) =>
    path.includes('limitranges') ? failure(403, 'Forbidden', 'not yours') : undefined,
  );
  api.put('apps/deployments', 'cart');
  await begin();
  await caches.complete;
  t.deepEqual(caches.missing(), []);
  t.true(said.includes('limitranges Forbidden'));
  t.deepEqual(names(caches.workloadsIn('shop')), ['cart']);
});

test('a disruption budget concerns the workloads whose pods it covers, also those it did before', async (t) => {
  const { api, caches, begin, marks } = scene(t);
  api.put('apps/deployments', 'cart', asking('true'));
  api.put('apps/deployments', 'web');
  await begin();
  const budget = (selector: JsonObject) =>
    marks(() => api.put('policy/poddisruptionbudgets', 'b', { spec: { selector } }));
  t.deepEqual(await budget({ matchLabels: { app: 'cart' } }), ['Deployment/shop/cart']);
  t.deepEqual(await budget({ matchLabels: { app: 'none' } }), ['Deployment/shop/cart']);
  t.deepEqual(await budget({ matchLabels: { app: 'none' } }), []);
  t.is(caches.disruptionBudgetsIn('shop').length, 1);
});

test('what pods are decided by is there for match, and has a fingerprint', async (t) => {
  const { world, api, caches, begin } = scene(t);
  putNamespace(api, 'shop', { annotations: { [inject]: 'true' }, labels: { team: 'a' } });
  api.put('opentelemetry.io/instrumentations', 'main', {});
  await begin();
  const { namespace, instrumentations } = caches.worldOf('shop');
  t.like(namespace, { name: 'shop', annotations: { [inject]: 'true' }, labels: { team: 'a' } });
  t.deepEqual([...(instrumentations.in('shop')?.keys() ?? [])], ['main']);
  const before = caches.fingerprint();
  api.remove('opentelemetry.io/instrumentations', 'shop/main');
  await world.pass(10);
  t.not(caches.fingerprint(), before);
});

test('each kind says whether it was read, and when it was last heard', async (t) => {
  const { api, caches, begin, said } = scene(t);
  api.put('/pods', 'a');
  t.is(caches.missing().length, 11);
  t.true(caches.caches().every(({ isSynced, lastEventAt }) => !isSynced && !lastEventAt));
  await begin();
  await caches.complete;
  t.deepEqual(caches.missing(), []);
  t.is(caches.caches().length, 11);
  t.true(caches.caches().every(({ isSynced, lastEventAt }) => isSynced && lastEventAt));
  t.true(said.includes('pods live'));
});

test('a kind that is absent is said once, waited for, and keeps nobody waiting', async (t) => {
  const { world, api, caches, begin, said } = scene(t);
  api.absent.add('opentelemetry.io/instrumentations');
  await begin();
  await caches.complete;
  t.deepEqual(caches.missing(), []);
  await world.pass(600_000);
  const ofKind = () => said.filter((line) => line.startsWith('instrumentations'));
  t.deepEqual(ofKind(), ['instrumentations absent']);
  api.absent.clear();
  api.put('opentelemetry.io/instrumentations', 'main');
  await world.pass(60_000);
  t.deepEqual(ofKind(), ['instrumentations absent', 'instrumentations live']);
  t.is(caches.kept.instrumentations.size, 1);
});

test('a server that fails while a kind is absent brings no news of that kind', async (t) => {
  const { world, api, server, begin, said } = scene(t);
  api.absent.add('opentelemetry.io/instrumentations');
  await begin();
  server.refuses = () => true;
  await world.pass(60_000);
  server.refuses = () => false;
  await world.pass(60_000);
  const states = said.filter((line) => /^instrumentations (?:absent|failing|live)$/.test(line));
  t.deepEqual(states, ['instrumentations absent']);
});

test('kinds are read one after the other, pods last', async (t) => {
  const { api, begin } = scene(t);
  await begin();
  const asked = api.requests.map(({ path }) => path.replace(/\?.*$/, ''));
  t.is(new Set(asked).size, 11);
  t.is(asked.indexOf('/api/v1/pods'), 10);
});

test('a kind that cannot be read holds up none of the others, and is named', async (t) => {
  const { world, api, server, caches, begin, said } = scene(t);
  api.put('/pods', 'a');
  server.refuses = (path) => path.includes('statefulsets');
  await begin();
  t.is(caches.kept.pods.size, 1);
  t.deepEqual(caches.missing(), ['The statefulsets have not been read yet.']);
  t.true(said.includes('statefulsets failing'));
  server.refuses = () => false;
  await world.pass(60_000);
  await caches.complete;
  t.deepEqual(caches.missing(), []);
});
