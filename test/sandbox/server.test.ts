import test, { type ExecutionContext } from 'ava';
import type { Api, KubeObject, WatchEvent } from '../../sandbox/api.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/start.ts';
import { createClient, type Client } from '../cluster/plane/client.ts';
import { until } from '../cluster/until.ts';

/*
 * What only a development server has. All that it shares with a real one is said by the facts of
 * test/conformance, which are held against both.
 */
const configMaps = '/api/v1/namespaces/default/configmaps';
const merge = { type: 'application/merge-patch+json' };

interface Opened {
  readonly sandbox: Sandbox;
  readonly client: Client;
}

/** Without lifecycles nothing moves but what a test moves. */
async function open(t: ExecutionContext, options: SandboxOptions = {}): Promise<Opened> {
  const sandbox = await startSandbox({ lifecycles: false, ...options });
  const client = createClient(sandbox);
  t.teardown(async () => {
    await client.close();
    await sandbox.stop();
  });
  return { sandbox, client };
}

async function take(api: Api, path: string, count: number): Promise<readonly WatchEvent[]> {
  const stop = new AbortController();
  const events: WatchEvent[] = [];
  for await (const event of api.watch(path, stop.signal)) {
    if (events.push(event) === count) break;
  }
  stop.abort();
  return events;
}

test('it says what it is, and that it is for the loopback only', async (t) => {
  const { sandbox, client } = await open(t);
  const { body } = await client.call<{ gitVersion: string; platform: string }>('GET', '/version');
  t.regex(body.gitVersion, /\+sandbox$/);
  t.regex(body.platform, /development server/);
  t.regex(sandbox.server, /^https:\/\/127\.0\.0\.1:\d+$/);
});

test('a client certificate of its authority says who it is', async (t) => {
  const { sandbox } = await open(t);
  const identity = sandbox.issue({ name: 'jane', organizations: ['shop'] });
  const jane = createClient({ server: sandbox.server, caPem: sandbox.caPem, ...identity });
  t.is((await jane.call('GET', configMaps)).code, 200);
  t.is(sandbox.requests().findLast(({ user }) => user === 'jane')?.path, configMaps);
  await jane.close();
});

test('what is handed out in-process cannot be changed by whoever reads it', async (t) => {
  const { sandbox } = await open(t);
  const { body } = await sandbox.api.call('GET', '/api/v1/namespaces/default');
  t.throws(() => Object.assign(body.metadata, { name: 'other' }), { instanceOf: TypeError });
  const [event] = await take(sandbox.api, '/api/v1/namespaces', 1);
  t.true(Object.isFrozen(event?.object.metadata));
});

test('in-process writes are watched over the wire, and the other way round', async (t) => {
  const { sandbox, client } = await open(t);
  const path = '/api/v1/nodes';
  await sandbox.api.call('POST', path, { metadata: { name: 'one' } });
  const [seen] = await take(client, path, 1);
  await client.call('PATCH', `${path}/one`, { metadata: { labels: { a: 'b' } } }, merge);
  const [again] = await take(sandbox.api, path, 1);
  t.is(seen?.object.metadata.name, 'one');
  t.deepEqual(again?.object.metadata.labels, { a: 'b' });
});

test('stopping ends every watch, in-process in good order', async (t) => {
  const { sandbox, client } = await open(t);
  const ended = [client, sandbox.api].map((api) => take(api, '/api/v1/nodes', Infinity));
  const isWatched = () => sandbox.requests().filter(({ path }) => path.includes('watch=')).length;
  await until(() => isWatched() === 2, { what: 'both watches are open' });
  await sandbox.api.call('POST', '/api/v1/nodes', { metadata: { name: 'one' } });
  await sandbox.stop();
  const [, inside] = await Promise.allSettled(ended);
  t.is(inside?.status === 'fulfilled' && inside.value.length, 1);
});

/** More than the sandbox keeps for whoever reads too slowly, in pieces of a tenth of a megabyte. */
const heap = Array.from({ length: 720 }, (_, index) => `heap-${1_000 + index}`);

async function pile({ sandbox }: Opened): Promise<void> {
  const data = { a: 'x'.repeat(100_000) };
  for (const name of heap) await sandbox.api.call('POST', configMaps, { metadata: { name }, data });
}

const namesOf = (events: readonly WatchEvent[]) => events.map(({ object }) => object.metadata.name);

test('whoever watches a large cluster is given all of its first state', async (t) => {
  const opened = await open(t);
  await pile(opened);
  const events = await take(opened.client, configMaps, heap.length);
  t.deepEqual(namesOf(events), heap);
});

test('whoever reads too slowly is cut off, and goes on where it was', async (t) => {
  const opened = await open(t);
  const first = { metadata: { name: 'first' } };
  const { body } = await opened.client.call<KubeObject>('POST', configMaps, first);
  const since = `${configMaps}?resourceVersion=${Number(body.metadata.resourceVersion) - 1}`;
  const watch = opened.client.watch(since, new AbortController().signal);
  const events = watch[Symbol.asyncIterator]();
  let last = (await events.next()).value?.object.metadata;
  await pile(opened);
  const read: string[] = [];
  await t.throwsAsync(async () => {
    for (;;) read.push((last = (await events.next()).value.object.metadata).name);
  });
  t.true(read.length < heap.length);
  const again = `${configMaps}?resourceVersion=${last?.resourceVersion}`;
  const rest = await take(opened.client, again, heap.length - read.length);
  t.deepEqual([...read, ...namesOf(rest)], heap);
});

test('the window of the past is bounded', async (t) => {
  const { client } = await open(t, { window: 10 });
  const { body } = await client.call<KubeObject>('GET', configMaps);
  const names = Array.from({ length: 30 }, (_, index) => `a-${index}`);
  for (const name of names) await client.call('POST', configMaps, { metadata: { name } });
  const [event] = await take(
    client,
    `${configMaps}?resourceVersion=${body.metadata.resourceVersion}`,
    1,
  );
  t.is(event?.object.code, 410);
});

test('a walk through pages ends when the past is forgotten', async (t) => {
  const { sandbox, client } = await open(t);
  await client.call('POST', configMaps, { metadata: { name: 'a' } });
  const first = await client.call<{ metadata: { continue: string } }>(
    'GET',
    `${configMaps}?limit=1`,
  );
  sandbox.forget();
  const next = `${configMaps}?limit=1&continue=${first.body.metadata.continue}`;
  const { code, body } = await client.call('GET', next);
  t.deepEqual([code, body.reason], [410, 'Expired']);
});

test('the clock is whose it is given', async (t) => {
  const { client } = await open(t, { clock: () => Date.UTC(2030, 0, 1) });
  const { body } = await client.call<KubeObject>('POST', configMaps, { metadata: { name: 'a' } });
  t.is(body.metadata.creationTimestamp, '2030-01-01T00:00:00Z');
});

const webhooks = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

test('what it cannot do for a webhook it does not pretend to', async (t) => {
  const { client } = await open(t);
  const webhook = {
    name: 'a.lab.dev',
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    clientConfig: { service: { name: 'a', namespace: 'default' } },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps'] }],
  };
  const matchConditions = [{ name: 'a', expression: 'true' }];
  const conditional = { metadata: { name: 'b' }, webhooks: [{ ...webhook, matchConditions }] };
  t.is((await client.call('POST', webhooks, conditional)).code, 422);
  await client.call('POST', webhooks, { metadata: { name: 'a' }, webhooks: [webhook] });
  const { code, body } = await client.call('POST', configMaps, { metadata: { name: 'a' } });
  t.is(code, 500);
  t.regex(body.message ?? '', /there is no cluster network here: give a url/);
});

test('a body that is no JSON is refused with a word on what to send', async (t) => {
  const { client } = await open(t);
  const type = 'application/vnd.kubernetes.protobuf';
  const { code, body } = await client.call('POST', configMaps, {}, { type });
  t.is(code, 415);
  t.regex(body.message ?? '', /kubectl create -f/);
});

test('what happens in the moment in which a watch ends is no part of it, and no fault', async (t) => {
  const { sandbox, client } = await open(t);
  const { signal } = new AbortController();
  const names: string[] = [];
  for await (const { object } of client.watch(`${configMaps}?timeoutSeconds=1`, signal)) {
    names.push(object.metadata.name);
    // All that is due while nobody can run comes in one go: the end of the watch, then this.
    setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100), 950);
    setTimeout(
      () => void sandbox.api.call('POST', configMaps, { metadata: { name: 'late' } }),
      1_010,
    );
  }
  t.false(names.includes('late'));
  await until(async () => (await client.call('GET', `${configMaps}/late`)).code === 200, {
    what: 'what came late is there',
  });
});
