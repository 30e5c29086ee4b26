import test from 'ava';
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
  readonly close: () => Promise<void>;
}

/** Without lifecycles nothing moves but what a test moves. */
async function open(options: SandboxOptions = {}): Promise<Opened> {
  const sandbox = await startSandbox({ lifecycles: false, ...options });
  const client = createClient(sandbox);
  return {
    sandbox,
    client,
    async close() {
      await client.close();
      await sandbox.stop();
    },
  };
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
  const { sandbox, client, close } = await open();
  const { body } = await client.call<{ gitVersion: string; platform: string }>('GET', '/version');
  t.regex(body.gitVersion, /\+sandbox$/);
  t.regex(body.platform, /development server/);
  t.regex(sandbox.server, /^https:\/\/127\.0\.0\.1:\d+$/);
  await close();
});

test('a client certificate of its authority says who it is', async (t) => {
  const { sandbox, close } = await open();
  const identity = sandbox.issue({ name: 'jane', organizations: ['shop'] });
  const jane = createClient({ server: sandbox.server, caPem: sandbox.caPem, ...identity });
  t.is((await jane.call('GET', configMaps)).code, 200);
  t.is(sandbox.requests().findLast(({ user }) => user === 'jane')?.path, configMaps);
  await jane.close();
  await close();
});

test('what is handed out in-process cannot be changed by whoever reads it', async (t) => {
  const { sandbox, close } = await open();
  const { body } = await sandbox.api.call('GET', '/api/v1/namespaces/default');
  t.throws(() => Object.assign(body.metadata, { name: 'other' }), { instanceOf: TypeError });
  const [event] = await take(sandbox.api, '/api/v1/namespaces', 1);
  t.true(Object.isFrozen(event?.object.metadata));
  await close();
});

test('in-process writes are watched over the wire, and the other way round', async (t) => {
  const { sandbox, client, close } = await open();
  const path = '/api/v1/nodes';
  await sandbox.api.call('POST', path, { metadata: { name: 'one' } });
  const [seen] = await take(client, path, 1);
  await client.call('PATCH', `${path}/one`, { metadata: { labels: { a: 'b' } } }, merge);
  const [again] = await take(sandbox.api, path, 1);
  t.is(seen?.object.metadata.name, 'one');
  t.deepEqual(again?.object.metadata.labels, { a: 'b' });
  await close();
});

test('stopping ends every watch, in-process in good order', async (t) => {
  const { sandbox, client, close } = await open();
  const ended = [client, sandbox.api].map((api) => take(api, '/api/v1/nodes', Infinity));
  const isWatched = () => sandbox.requests().filter(({ path }) => path.includes('watch=')).length;
  await until(() => isWatched() === 2, { what: 'both watches are open' });
  await sandbox.api.call('POST', '/api/v1/nodes', { metadata: { name: 'one' } });
  await sandbox.stop();
  const [, inside] = await Promise.allSettled(ended);
  t.is(inside?.status === 'fulfilled' && inside.value.length, 1);
  await close();
});

test('the window of the past is bounded', async (t) => {
  const { client, close } = await open({ window: 10 });
  const { body } = await client.call<KubeObject>('GET', configMaps);
  const names = Array.from({ length: 30 }, (_, index) => `a-${index}`);
  for (const name of names) await client.call('POST', configMaps, { metadata: { name } });
  const [event] = await take(
    client,
    `${configMaps}?resourceVersion=${body.metadata.resourceVersion}`,
    1,
  );
  t.is(event?.object.code, 410);
  await close();
});

test('a walk through pages ends when the past is forgotten', async (t) => {
  const { sandbox, client, close } = await open();
  await client.call('POST', configMaps, { metadata: { name: 'a' } });
  const first = await client.call<{ metadata: { continue: string } }>(
    'GET',
    `${configMaps}?limit=1`,
  );
  sandbox.forget();
  const next = `${configMaps}?limit=1&continue=${first.body.metadata.continue}`;
  const { code, body } = await client.call('GET', next);
  t.deepEqual([code, body.reason], [410, 'Expired']);
  await close();
});

test('the clock is whose it is given', async (t) => {
  const { client, close } = await open({ clock: () => Date.UTC(2030, 0, 1) });
  const { body } = await client.call<KubeObject>('POST', configMaps, { metadata: { name: 'a' } });
  t.is(body.metadata.creationTimestamp, '2030-01-01T00:00:00Z');
  await close();
});

const webhooks = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

test('what it cannot do for a webhook it does not pretend to', async (t) => {
  const { client, close } = await open();
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
  await close();
});

test('a body that is no JSON is refused with a word on what to send', async (t) => {
  const { client, close } = await open();
  const type = 'application/vnd.kubernetes.protobuf';
  const { code, body } = await client.call('POST', configMaps, {}, { type });
  t.is(code, 415);
  t.regex(body.message ?? '', /kubectl create -f/);
  await close();
});
