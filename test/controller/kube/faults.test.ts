import { getEventListeners } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { KubeConfig } from '@kubernetes/client-node';
import { createClient } from '../../../controller/kube/client.ts';
import type { Fault } from '../../../controller/kube/fault.ts';
import { createReflector } from '../../../controller/kube/reflector.ts';
import type { Resource } from '../../../controller/kube/resource.ts';
import { createTransport } from '../../../controller/kube/transport.ts';
import { FakeApi } from '../../support/faults/api.ts';
import { makeCertificates } from '../../support/faults/certificate.ts';
import { startFaultProxy, type Passing, type Trouble } from '../../support/faults/proxy.ts';
import { serve } from '../../support/faults/serve.ts';
import { seededDice, until } from '../../support/faults/settle.ts';
import { shownOf, Witness, type Shown } from '../../support/faults/witness.ts';

const pods: Resource = { group: '', version: 'v1', plural: 'pods', namespaced: true };
const cart = { resource: pods, namespace: 'shop', name: 'cart' };

const certificates = await makeCertificates();

/** A real client, a proxy that spoils what passes, and a fake API behind it: all over sockets and TLS. */
async function scene(t: ExecutionContext, seed = 1) {
  const api = new FakeApi();
  const served = await serve(api);
  const proxy = await startFaultProxy({ url: served.url }, certificates);
  const kubeConfig = new KubeConfig();
  const caData = Buffer.from(proxy.ca).toString('base64');
  kubeConfig.loadFromClusterAndUser(
    { name: 'c', server: proxy.url, caData, skipTLSVerify: false },
    { name: 'u', token: 'abc' },
  );
  const transport = createTransport(kubeConfig, { version: '1' });
  const dice = seededDice(seed);
  const client = createClient(transport, { dice });
  const bookmarks = setInterval(() => api.bookmark(), 200);
  t.teardown(async () => {
    clearInterval(bookmarks);
    await transport.close();
    await proxy.stop();
    await served.stop();
  });
  return { api, served, proxy, client, dice };
}

type Scene = Awaited<ReturnType<typeof scene>>;

/** The usual limits, a hundred times as impatient. */
const impatient = {
  pageSize: 20,
  pageMs: 1_000,
  headMs: 1_000,
  silenceMs: 1_000,
  initialSilenceMs: 1_000,
  watchSeconds: { least: 1, most: 3 },
  overtimeMs: 500,
  shortMs: 50,
  pauses: { floorMs: 20, ceilingMs: 400 },
  restoredAfterMs: 2_000,
};

function watched(t: ExecutionContext, { client, dice }: Scene) {
  const witness = new Witness();
  const faults = new Map<string, number>();
  const reflector = createReflector<Shown>({
    client,
    resource: pods,
    project: shownOf,
    onChange: witness.onChange,
    onFault: ({ key }) => faults.set(key, (faults.get(key) ?? 0) + 1),
    dice,
    limits: impatient,
  });
  const ending = new AbortController();
  const running = reflector.run(ending.signal);
  const stop = async () => {
    ending.abort();
    await running;
  };
  t.teardown(stop);
  return { witness, faults, reflector, signal: ending.signal, stop };
}

const same = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>) =>
  one.size === other.size && [...one].every(([key, version]) => other.get(key) === version);

/** Adds, changes, deletes and makes anew. */
function change(api: FakeApi, dice: () => number): void {
  const name = `p${Math.floor(dice() * 150)}`;
  const kind = dice();
  if (kind < 0.3) api.remove('/pods', `shop/${name}`);
  if (kind < 0.1 || kind >= 0.3)
    api.put('/pods', name, { spec: { text: 'x'.repeat(dice() * 400) } });
}

const troubles: readonly Trouble[] = [
  { kind: 'drop' },
  { kind: 'dropAnswer' },
  { kind: 'delay', ms: 120 },
  { kind: 'halfOpen', afterBytes: 0 },
  { kind: 'halfOpen', afterBytes: 3_000 },
  { kind: 'reset', afterBytes: 100 },
  { kind: 'reset', afterBytes: 5_000 },
  { kind: 'truncate', afterBytes: 2_500 },
  { kind: 'truncate', afterBytes: 0 },
  { kind: 'duplicate' },
  { kind: 'split', bytes: 7 },
  { kind: 'slow', bytes: 2_000, everyMs: 20 },
  { kind: 'answer', code: 410, text: '{"kind":"Status","reason":"Expired","code":410}' },
  { kind: 'answer', code: 429, headers: { 'retry-after': '0' }, text: 'Too many requests\n' },
  { kind: 'answer', code: 500, text: '{"kind":"Status","code":500}' },
  { kind: 'answer', code: 503, text: '<html>bad gateway</html>' },
  { kind: 'answer', code: 401, text: '{"kind":"Status","code":401}' },
  { kind: 'answer', code: 200, text: '<html>please log in</html>' },
];

const nameOf = ({ kind, ...more }: Trouble) =>
  [
    kind,
    ...Object.entries(more).flatMap(([key, value]) =>
      typeof value === 'number' ? [`${key} ${value}`] : [],
    ),
  ].join(', ');

/* What a deadline limits is tested one by one: AVA begins all the rest at once, and a call would wait for that too. */

for (const watchList of [true, false]) {
  const how = watchList ? 'a stream' : 'pages';
  for (const trouble of troubles) {
    test(`a cache that is filled by ${how} is right after every other request met: ${nameOf(trouble)}`, async (t) => {
      const s = await scene(t);
      s.api.watchList = watchList;
      for (let n = 0; n < 50; n += 1) s.api.put('/pods', `p${n}`);
      s.proxy.when = ({ index }: Passing) => (index % 2 === 1 ? trouble : undefined);
      const { witness } = watched(t, s);
      for (let n = 0; n < 60; n += 1) {
        for (let each = 0; each < 5; each += 1) change(s.api, s.dice);
        if (n % 20 === 19) {
          s.api.forget();
          s.api.endWatches();
        }
        await new Promise((done) => setTimeout(done, 10));
      }
      s.proxy.when = () => undefined;
      await until('the cache to agree', () => same(witness.versions(), s.api.versions('/pods')));
      t.deepEqual(witness.broken, []);
    });
  }
}

test('ten thousand changes, twenty restarts and all faults at random leave nothing missed, nothing of the past, no storm and no leak', async (t) => {
  const seed = 20_261_121;
  t.log(`seed ${seed}`);
  const s = await scene(t, seed);
  const { api, proxy, dice } = s;
  const any = () => troubles[Math.floor(dice() * troubles.length)];
  proxy.when = () => (dice() < 0.4 ? any() : undefined);
  const { witness, faults, reflector, signal, stop } = watched(t, s);
  const begunAt = performance.now();
  for (let n = 0; n < 500; n += 1) {
    for (let each = 0; each < 20; each += 1) change(api, dice);
    if (n % 10 === 9) api.endWatches();
    if (n % 25 === 24) {
      api.watchList = dice() < 0.5;
      api.forget();
      api.endWatches();
      s.served.cut();
      proxy.cut();
    }
    await new Promise((done) => setTimeout(done, 15));
  }
  proxy.when = () => undefined;
  await until('the cache to agree', () => same(witness.versions(), api.versions('/pods')), 30_000);
  const seconds = (performance.now() - begunAt) / 1_000;
  const perSecond = proxy.passed.length / seconds;
  t.deepEqual(witness.broken, []);
  t.is(reflector.records.size, api.versions('/pods').size);
  t.true(perSecond < 25, String(perSecond));
  t.true(getEventListeners(signal, 'abort').length < 5);
  t.true(s.served.open < 20, String(s.served.open));
  await until('one stream to be left', () => api.watchers === 1);
  await stop();
  await until('the last stream to close', () => api.watchers === 0);
  t.log({
    requests: proxy.passed.length,
    perSecond: Math.round(perSecond * 10) / 10,
    faults: Object.fromEntries(faults),
  });
});

test.serial(
  'a server that is gone for a while, and comes back at another address, is found again',
  async (t) => {
    const s = await scene(t);
    s.api.put('/pods', 'a');
    const { witness, reflector } = watched(t, s);
    await until('the cache to agree', () => same(witness.versions(), s.api.versions('/pods')));
    await s.served.stop();
    await until('the loss to be seen', () => reflector.state === 'failing');
    s.api.put('/pods', 'b');
    s.api.forget();
    const again = await serve(s.api);
    t.teardown(() => again.stop());
    s.proxy.upstream = { url: again.url };
    await until('the cache to agree', () => same(witness.versions(), s.api.versions('/pods')));
    t.deepEqual(witness.broken, []);
  },
);

for (const trouble of troubles.filter(({ kind }) => kind !== 'halfOpen')) {
  test.serial(`a read that first meets "${nameOf(trouble)}" comes through`, async (t) => {
    const { api, proxy, client } = await scene(t);
    api.put('/pods', 'cart', { spec: { text: 'x'.repeat(10_000) } });
    proxy.when = ({ index }) => (index === 0 ? trouble : undefined);
    const expired = trouble.kind === 'answer' && trouble.code === 410;
    const read = client.get(cart, { deadlineMs: 10_000 });
    if (expired) t.is((await t.throwsAsync<Fault>(read)).key, 'Expired');
    else t.is((await read).metadata.name, 'cart');
  });
}

for (const [by, what] of [
  [5, 'more'],
  [-5, 'less'],
] as const) {
  test.serial(
    `an answer whose head promises ${what} than there is, is asked for again`,
    async (t) => {
      const { api, proxy, client } = await scene(t);
      api.put('/pods', 'cart');
      proxy.when = ({ index }) => (index === 0 ? { kind: 'wrongLength', by } : undefined);
      t.is((await client.get(cart, { deadlineMs: 10_000 })).metadata.name, 'cart');
      t.is(proxy.passed.length, 2);
    },
  );
}

test.serial(
  'a write whose answer is lost is not sent again, for it may have been carried out',
  async (t) => {
    const { api, proxy, client } = await scene(t);
    api.put('/pods', 'cart');
    proxy.when = () => ({ kind: 'dropAnswer' });
    const fault = await t.throwsAsync<Fault>(client.mergePatch(cart, { spec: { a: 1 } }));
    t.is(fault.key, 'ConnectionBroken');
    t.is(proxy.passed.length, 1);
    t.deepEqual(api.object('/pods', 'shop/cart')?.['spec'], { a: 1 });
  },
);

test.serial('a half-open connection costs a call its deadline and no more', async (t) => {
  const { api, proxy, client } = await scene(t);
  api.put('/pods', 'cart');
  proxy.when = () => ({ kind: 'halfOpen', afterBytes: 10 });
  const began = performance.now();
  const fault = await t.throwsAsync<Fault>(client.get(cart, { deadlineMs: 300 }));
  t.is(fault.key, 'TimedOut');
  t.true(performance.now() - began < 2_000);
});
