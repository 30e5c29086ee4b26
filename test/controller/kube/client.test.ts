import test from 'ava';
import { createClient, type ClientOptions } from '../../../controller/kube/client.ts';
import type { Fault } from '../../../controller/kube/fault.ts';
import { repeatEvent, tellEvent, microTime } from '../../../controller/kube/objects.ts';
import type { Resource } from '../../../controller/kube/resource.ts';
import { textAt, type JsonObject } from '../../../domain/json.ts';
import { failure, FakeApi, json, type Reply, type Request } from '../../support/faults/api.ts';
import {
  instantly,
  Machine,
  simulatedTransport,
  World,
  type Network,
} from '../../support/faults/simulation.ts';

const pods: Resource = { group: '', version: 'v1', plural: 'pods', namespaced: true };
const cart = { resource: pods, namespace: 'shop', name: 'cart' };
const deployments: Resource = {
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  namespaced: true,
};

function scene(options: ClientOptions & { readonly network?: Partial<Network> } = {}) {
  const world = new World();
  const machine = new Machine(world);
  const api = new FakeApi();
  const network = { ...instantly, ...options.network };
  const client = createClient(simulatedTransport(machine, api, network), {
    time: machine,
    dice: () => 0.5,
    ...options,
  });
  /** Lets the world turn until the call has ended, and says how. */
  const ends = async <T>(
    call: Promise<T>,
  ): Promise<{ value?: T; fault?: Fault; tookMs: number }> => {
    const begunAt = world.now;
    let outcome: { value?: T; fault?: Fault } | undefined;
    call.then(
      (value) => (outcome = { value }),
      (fault: Fault) => (outcome = { fault }),
    );
    await world.pass(600_000, () => outcome !== undefined);
    return { ...outcome, tookMs: world.now - begunAt };
  };
  return { world, machine, api, client, ends };
}

/** Answers with each of these in turn, then leaves it to the API. */
function first(...replies: readonly Reply[]): Pick<Network, 'reply'> {
  const waiting = [...replies];
  return { reply: () => waiting.shift() };
}

const overloaded: Reply = {
  kind: 'answer',
  code: 429,
  headers: { 'content-type': 'text/plain', 'retry-after': '7' },
  text: 'Too many requests\n',
};
const broken = failure(500, 'InternalError', 'boom');

test('an object is read, changed by a merge patch, and deleted', async (t) => {
  const { api, client, ends } = scene();
  api.put('/pods', 'cart', { spec: { a: 1, b: 2 } });
  const { value } = await ends(client.get(cart));
  t.deepEqual(value?.['spec'], { a: 1, b: 2 });
  await ends(client.mergePatch(cart, { spec: { a: null, c: 3 } }));
  t.deepEqual(api.object('/pods', 'shop/cart')?.['spec'], { b: 2, c: 3 });
  await ends(client.delete(cart, { uid: value?.metadata.uid }));
  t.is(api.object('/pods', 'shop/cart'), undefined);
});

test('a write names its field manager and asks for strict validation', async (t) => {
  const { api, client, ends } = scene();
  api.put('apps/deployments', 'cart');
  await ends(client.mergePatch({ ...cart, resource: deployments }, {}));
  const [request] = api.requests;
  t.is(
    request?.path,
    '/apis/apps/v1/namespaces/shop/deployments/cart?fieldManager=otel-retrofit&fieldValidation=Strict',
  );
});

test('a dry run leaves everything as it was', async (t) => {
  const { api, client, ends } = scene();
  api.put('/pods', 'cart', { spec: { a: 1 } });
  const { value } = await ends(client.mergePatch(cart, { spec: { a: 2 } }, { dryRun: true }));
  t.deepEqual(value?.['spec'], { a: 2 });
  t.deepEqual(api.object('/pods', 'shop/cart')?.['spec'], { a: 1 });
});

test('a patch of an object that has changed is refused', async (t) => {
  const { api, client, ends } = scene();
  const { metadata } = api.put('/pods', 'cart');
  api.put('/pods', 'cart', { spec: {} });
  const { resourceVersion } = metadata;
  t.is(
    (await ends(client.mergePatch(cart, { metadata: { resourceVersion } }))).fault?.key,
    'Conflict',
  );
});

test('a patch or deletion of an object that was made anew is refused', async (t) => {
  const { api, client, ends } = scene();
  const { uid } = api.put('/pods', 'cart').metadata;
  api.remove('/pods', 'shop/cart');
  api.put('/pods', 'cart');
  t.is((await ends(client.mergePatch(cart, { metadata: { uid } }))).fault?.key, 'Conflict');
  t.is((await ends(client.delete(cart, { uid }))).fault?.key, 'Conflict');
});

test('a list comes in pages of one version', async (t) => {
  const { api, client, ends } = scene();
  for (const name of ['a', 'b', 'c']) api.put('/pods', name);
  const one = (await ends(client.list({ resource: pods }, { limit: 2 }))).value;
  api.put('/pods', 'd');
  const two = (await ends(client.list({ resource: pods }, { limit: 2, continue: one?.next })))
    .value;
  t.deepEqual(
    one?.items.map(({ metadata }) => metadata.name),
    ['a', 'b'],
  );
  t.deepEqual(
    two?.items.map(({ metadata }) => metadata.name),
    ['c'],
  );
  t.is(one?.version, two?.version);
  t.is(two?.next, undefined);
});

test('a read is repeated after a failure of the server', async (t) => {
  const { api, client, ends } = scene({ network: first(broken, broken) });
  api.put('/pods', 'cart');
  t.is((await ends(client.get(cart))).value?.metadata.name, 'cart');
});

test('a read that keeps failing is given up after four attempts', async (t) => {
  let asked = 0;
  const { client, ends } = scene({ network: { reply: () => ((asked += 1), broken) } });
  t.is((await ends(client.get(cart))).fault?.key, 'ServerFailed');
  t.is(asked, 4);
});

test('a read of what does not exist is not repeated', async (t) => {
  const { api, client, ends } = scene();
  t.is((await ends(client.get(cart))).fault?.key, 'NotFound');
  t.is(api.requests.length, 1);
});

test('a write that failed in an unknown way is not sent again', async (t) => {
  let asked = 0;
  const { client, ends } = scene({ network: { reply: () => ((asked += 1), broken) } });
  t.is((await ends(client.mergePatch(cart, {}))).fault?.key, 'ServerFailed');
  t.is(asked, 1);
});

test('a write that the server was too busy for is sent again when the server asked for it', async (t) => {
  const { api, client, ends } = scene({ network: first(overloaded) });
  api.put('/pods', 'cart');
  const { value, tookMs } = await ends(
    client.mergePatch(cart, { spec: {} }, { deadlineMs: 20_000 }),
  );
  t.is(value?.metadata.name, 'cart');
  t.is(tookMs, 7_000);
});

test('a wait that would outlast the deadline is not begun', async (t) => {
  const { client, ends } = scene({ network: first(overloaded) });
  const { fault, tookMs } = await ends(client.mergePatch(cart, {}, { deadlineMs: 5_000 }));
  t.is(fault?.key, 'TooManyRequests');
  t.is(fault?.retryAfterMs, 7_000);
  t.is(tookMs, 0);
});

test('the deadline is for all attempts together', async (t) => {
  const { client, ends } = scene({ network: { back: () => undefined } });
  const { fault, tookMs } = await ends(client.get(cart, { deadlineMs: 3_000 }));
  t.is(fault?.key, 'TimedOut');
  t.is(tookMs, 3_000);
});

test('pauses between attempts are drawn from a range that doubles', async (t) => {
  const at: number[] = [];
  const { world, client, ends } = scene({
    network: { reply: () => (at.push(world.now), broken) },
    dice: () => 0.999,
  });
  await ends(client.get(cart));
  const pauses = at.slice(1).map((now, n) => now - (at[n] ?? 0));
  t.deepEqual(pauses.map(Math.round), [200, 400, 799]);
});

test('what is no JSON is garbled, and its text is not repeated', async (t) => {
  const reply: Reply = { kind: 'answer', code: 200, headers: {}, text: '<html>hunter2</html>' };
  const { client, ends } = scene({ network: { reply: () => reply } });
  const { fault } = await ends(client.get(cart));
  t.is(fault?.key, 'Garbled');
  t.notRegex(`${fault?.message}${fault?.stack}${String(fault?.cause)}`, /hunter2/);
});

test('an object without a name, uid or version is garbled', async (t) => {
  const { client, ends } = scene({
    network: { reply: () => json(200, { metadata: { name: 'cart' } }) },
  });
  t.is((await ends(client.get(cart))).fault?.key, 'Garbled');
});

test('what is created may be something without a name, as a review is', async (t) => {
  const review = { kind: 'SelfSubjectAccessReview', status: { allowed: true } };
  const { client, ends } = scene({ network: { reply: () => json(201, review) } });
  const { value } = await ends(client.create({ resource: pods }, {}));
  t.deepEqual(value?.['status'], { allowed: true });
});

test('a fence that has fallen keeps a write here', async (t) => {
  const { api, client, ends } = scene();
  const { fault } = await ends(client.mergePatch(cart, {}, { fence: () => false }));
  t.is(fault?.key, 'LeaseLost');
  t.is(api.requests.length, 0);
});

test('a fence that falls while a write waits for its turn keeps it here', async (t) => {
  const { world, api, client, ends } = scene({ flow: { perSecond: 1, burst: 1, waiting: 10 } });
  api.put('/pods', 'cart');
  await ends(client.get(cart));
  const fence = () => world.now < 500;
  const { fault } = await ends(client.mergePatch(cart, {}, { fence }));
  t.is(fault?.key, 'LeaseLost');
  t.is(api.requests.length, 1);
});

test('calls are limited to fifty a second after a hundred at once', async (t) => {
  const { world, api, client } = scene();
  api.put('/pods', 'cart');
  const all = Promise.all(Array.from({ length: 200 }, () => client.get(cart)));
  await world.pass(0);
  t.is(api.requests.length, 100);
  await world.pass(1_000);
  t.is(api.requests.length, 150);
  await world.pass(1_000);
  t.is(api.requests.length, 200);
  t.is((await all).length, 200);
});

test('the lease does not wait for its turn', async (t) => {
  const { world, api, client } = scene({ flow: { perSecond: 1, burst: 1, waiting: 100 } });
  api.put('/pods', 'cart');
  api.put('/pods', 'lease');
  for (let n = 0; n < 50; n += 1) void client.get(cart, { deadlineMs: 600_000 });
  await world.pass(0);
  let isThere = false;
  void client.get({ ...cart, name: 'lease' }, { priority: 'lease' }).then(() => (isThere = true));
  await world.pass(10);
  t.true(isThere);
  t.is(api.requests.length, 2);
});

test('what is spare leaves half of the burst to all others, and goes on as fast as they do', async (t) => {
  const { world, api, client } = scene({ flow: { perSecond: 50, burst: 100, waiting: 1_000 } });
  api.put('/pods', 'cart');
  for (let n = 0; n < 200; n += 1)
    void client.get(cart, { priority: 'spare', deadlineMs: 600_000 });
  await world.pass(0);
  t.is(api.requests.length, 50);
  await world.pass(1_000);
  t.is(api.requests.length, 100);
  const others = Promise.all(Array.from({ length: 50 }, () => client.get(cart)));
  await world.pass(0);
  t.is(api.requests.length, 150);
  await others;
});

test('what is spare waits for as long as others do', async (t) => {
  const { world, api, client } = scene({ flow: { perSecond: 10, burst: 2, waiting: 100 } });
  api.put('/pods', 'cart');
  api.put('/pods', 'spare');
  const spare = { ...cart, name: 'spare' };
  void client.get(spare, { priority: 'spare', deadlineMs: 600_000 });
  void client.get(spare, { priority: 'spare', deadlineMs: 600_000 });
  for (let n = 0; n < 20; n += 1) void client.get(cart, { deadlineMs: 600_000 });
  await world.pass(1_900);
  const spares = () => api.requests.filter(({ path }) => path.includes('spare')).length;
  t.is(spares(), 1);
  await world.pass(1_000);
  t.is(spares(), 2);
  t.is(api.requests.length, 22);
});

test('an Event lets all else pass', async (t) => {
  const { world, api, client, ends } = scene({ flow: { perSecond: 1, burst: 2, waiting: 100 } });
  api.put('/pods', 'cart');
  await ends(client.get(cart));
  void tellEvent(client, restarted, reporter);
  await world.pass(500);
  void client.get(cart);
  await world.pass(10);
  t.is(api.versions('events.k8s.io/events').size, 0);
  t.is(api.requests.length, 2);
  await world.pass(3_000);
  t.is(api.versions('events.k8s.io/events').size, 1);
});

test('more calls than may wait are refused at once', async (t) => {
  const { api, client, ends } = scene({ flow: { perSecond: 1, burst: 0, waiting: 2 } });
  api.put('/pods', 'cart');
  void client.get(cart);
  void client.get(cart);
  t.is((await ends(client.get(cart))).fault?.key, 'QueueFull');
});

test('a call that is given up while it waits for its turn never leaves', async (t) => {
  const { world, api, client, ends } = scene({ flow: { perSecond: 1, burst: 0, waiting: 2 } });
  const giveUp = new AbortController();
  world.at(100, () => giveUp.abort());
  const { fault, tookMs } = await ends(client.get(cart, { signal: giveUp.signal }));
  t.is(fault?.key, 'Cancelled');
  t.is(tookMs, 100);
  t.is(api.requests.length, 0);
});

test('a name in a path cannot lead elsewhere', async (t) => {
  const { api, client, ends } = scene();
  await ends(client.get({ ...cart, name: '../../secrets?x=' }));
  t.is(api.requests[0]?.path, '/api/v1/namespaces/shop/pods/..%2F..%2Fsecrets%3Fx%3D');
});

const restarted = {
  name: 'cart.0a1b2c',
  type: 'Normal',
  reason: 'WorkloadRestarted',
  action: 'RestartWorkload',
  note: 'ok',
  at: 1_700_000_000_123,
  regarding: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'cart' },
} as const;
const reporter = { controller: 'otel-retrofit.dev/controller', instance: 'pod-1' };

test('an Event is told once, by whoever leads', async (t) => {
  const { api, client, ends } = scene();
  t.true((await ends(tellEvent(client, restarted, reporter))).value);
  t.false((await ends(tellEvent(client, restarted, reporter))).value);
  t.is(api.versions('events.k8s.io/events').size, 1);
});

test('an Event keeps within the limits of the API, counted in bytes', async (t) => {
  const { api, client, ends } = scene();
  const event = { ...restarted, note: 'ü'.repeat(2_000), reason: 'R'.repeat(300) };
  await ends(tellEvent(client, event, reporter));
  const told = api.object('events.k8s.io/events', 'shop/cart.0a1b2c') as JsonObject;
  const note = textAt(told, 'note') ?? '';
  t.true(Buffer.byteLength(note) <= 1_024);
  t.regex(note, /^ü+…$/);
  t.true(Buffer.byteLength(textAt(told, 'reason') ?? '') <= 128);
});

test('an Event about something in no namespace lives in `default`', async (t) => {
  const { api, client, ends } = scene();
  const regarding = { apiVersion: 'v1', kind: 'Namespace', name: 'shop' };
  await ends(tellEvent(client, { ...restarted, regarding }, reporter));
  t.truthy(api.object('events.k8s.io/events', 'default/cart.0a1b2c'));
});

test('an Event that happens again becomes a series of at least two', async (t) => {
  const { api, client, ends } = scene();
  await ends(tellEvent(client, restarted, reporter));
  await ends(repeatEvent(client, restarted, { count: 1, at: 1_700_000_060_000 }));
  const told = api.object('events.k8s.io/events', 'shop/cart.0a1b2c') as JsonObject;
  t.deepEqual(told['series'], { count: 2, lastObservedTime: '2023-11-14T22:14:20.000000Z' });
});

test('an instant is written with six digits of a second', (t) => {
  t.is(microTime(1_700_000_000_123), '2023-11-14T22:13:20.123000Z');
  t.is(microTime(1_700_000_000_000), '2023-11-14T22:13:20.000000Z');
});

test('a request that is not an object of ours carries no body', async (t) => {
  const seen: Request[] = [];
  const { client, ends } = scene({
    network: { reply: (request) => (seen.push(request), undefined) },
  });
  await ends(client.get(cart));
  t.is(seen[0]?.body, undefined);
});
