import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import type { AudienceLimits } from '../../../controller/page/audience.ts';
import type { Delta, Detail, Row } from '../../../controller/page/wire.ts';
import { minute, noon } from '../../support/restart.ts';
import { aPod, Cluster, serve, theStamp } from './cluster.ts';
import { Ear, HandTime, overviewAt, type Heard } from './support.ts';

async function served(t: ExecutionContext, cluster: Cluster, limits?: Partial<AudienceLimits>) {
  const time = new HandTime();
  const page = await serve(cluster, { time, ...(limits ? { limits } : {}) });
  t.teardown(page.close);
  const listen = async (after: string, headers?: Readonly<Record<string, string>>) => {
    const ear = await Ear.at(page.port, `/events?after=${after}`, headers);
    t.teardown(() => ear.leave());
    return ear;
  };
  return { ...page, time, listen, get: from(page.port) };
}

const from =
  (port: number) =>
  (path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, init);

/** As a client that says whatever it likes of itself. */
async function asked(port: number, path: string, headers: Readonly<Record<string, string>>) {
  const sent = request({ host: '127.0.0.1', port, path, headers, setHost: false });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response;
}

const deltaIn = (heard: Heard | undefined): Delta => heard?.told as Delta;

const twoWorkloads = () =>
  new Cluster().put(
    { name: 'cart' },
    {
      name: 'stock',
      since: noon - 5 * minute,
      verdict: { kind: 'behind', reason: 'PodsPredateInstrumentation' },
      coverage: { missing: 3 },
    },
  );

test('the document needs nothing from elsewhere, and no other code runs in it', async (t) => {
  const { get } = await served(t, twoWorkloads());
  const response = await get('/');
  const html = await response.text();
  t.is(response.headers.get('content-type'), 'text/html; charset=utf-8');
  t.notRegex(html, /\b(?:src|href)="(?!#|data:)/, 'an asset');
  t.notRegex(html, /<[^>]+\s(?:on\w+|style)=/, 'an inline handler or style');
  const policy = response.headers.get('content-security-policy') ?? '';
  t.regex(policy, /default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+';/);
  t.notRegex(policy, /unsafe|\*|https?:/);
});

test('every answer is guarded, and none is kept', async (t) => {
  const { get } = await served(t, twoWorkloads());
  for (const path of ['/', '/state.json', '/workload.json?key=no', '/nowhere']) {
    const { headers } = await get(path);
    t.is(headers.get('x-content-type-options'), 'nosniff', path);
    t.is(headers.get('x-frame-options'), 'DENY', path);
    t.is(headers.get('referrer-policy'), 'no-referrer', path);
    t.is(headers.get('cross-origin-resource-policy'), 'same-origin', path);
    t.is(headers.get('cache-control'), 'no-store', path);
    t.truthy(headers.get('content-security-policy'), path);
  }
});

test('it can be read and nothing else', async (t) => {
  const { get } = await served(t, twoWorkloads());
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    const response = await get('/state.json', { method });
    t.is(response.status, 405, method);
    t.is(response.headers.get('allow'), 'GET, HEAD');
  }
  const head = await get('/', { method: 'HEAD' });
  t.is(head.status, 200);
  t.is(await head.text(), '');
  t.is(
    (await get('/events', { method: 'HEAD' })).headers.get('content-type'),
    'text/event-stream; charset=utf-8',
  );
});

test('a name that leads here from elsewhere is not answered', async (t) => {
  const { port } = await served(t, twoWorkloads());
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    'localhost.evil.example',
    'status.otel.svc.evil.example',
    'evil.local',
    '127.0.0.1.evil.example',
    'localhost, evil.example',
    '',
  ]) {
    for (const path of ['/', '/state.json', '/events'])
      t.is((await asked(port, path, { host })).statusCode, 421, `${host} ${path}`);
  }
});

test('it answers to addresses, to localhost and to the names of its Service', async (t) => {
  const { port } = await served(t, twoWorkloads());
  for (const host of [
    'localhost',
    `LOCALHOST:${port}`,
    `127.0.0.1:${port}`,
    '10.1.2.3',
    '[::1]',
    `[fd00::1]:${port}`,
    'status',
    'status.otel-retrofit.svc',
    `status.otel-retrofit.svc.cluster.local:${port}`,
    'retrofit.localhost',
  ]) {
    t.is((await asked(port, '/state.json', { host })).statusCode, 200, host);
  }
});

test('another site can link to the page, and read or hear nothing', async (t) => {
  const { port } = await served(t, twoWorkloads());
  const host = 'localhost';
  for (const site of ['cross-site', 'same-site']) {
    const foreign = { host, 'sec-fetch-site': site };
    for (const path of ['/state.json', '/events', '/workload.json?key=a'])
      t.is((await asked(port, path, { ...foreign, 'sec-fetch-mode': 'cors' })).statusCode, 403);
    const link = await asked(port, '/', { ...foreign, 'sec-fetch-mode': 'navigate' });
    t.is(link.statusCode, 200);
    const frame = await asked(port, '/events', { ...foreign, 'sec-fetch-mode': 'navigate' });
    t.is(frame.statusCode, 403);
  }
});

test('the state tells each workload, and what each reason means', async (t) => {
  const { port } = await served(t, twoWorkloads());
  const { head, rows, reasons, now } = await overviewAt(port);
  t.is(now, noon);
  t.deepEqual(head, { role: 'leading', isWebhookProven: true, breakers: [] });
  t.deepEqual(rows, [
    {
      key: 'Deployment/shop/cart',
      kind: 'Deployment',
      namespace: 'shop',
      name: 'cart',
      verdict: 'current',
      pods: { current: 2 },
    },
    {
      key: 'Deployment/shop/stock',
      kind: 'Deployment',
      namespace: 'shop',
      name: 'stock',
      verdict: 'behind',
      reason: 'PodsPredateInstrumentation',
      since: noon - 5 * minute,
      pods: { missing: 3 },
    },
  ] satisfies Row[]);
  t.regex(reasons['PodsPredateInstrumentation'] ?? '', /older than the Instrumentation/);
});

test('what the plan puts off is told in the words of the plan', async (t) => {
  const cluster = twoWorkloads();
  const cause = 'PodsPredateInstrumentation';
  cluster.verdicts.set('Deployment/shop/stock', {
    kind: 'waiting',
    reason: 'Busy',
    cause,
    until: noon + 9,
  });
  const { port } = await served(t, cluster);
  const row = (await overviewAt(port)).rows[1];
  t.like(row, { verdict: 'waiting', reason: 'Busy', cause, until: noon + 9 });
});

test('an open breaker is told with the way out', async (t) => {
  const cluster = twoWorkloads();
  const since = noon - 600;
  cluster.breakers.set('shop/main', {
    since,
    workload: 'Deployment/shop/cart',
    reason: 'RestartFailed',
    settings: 'x',
  });
  const { port } = await served(t, cluster);
  const [breaker] = (await overviewAt(port)).head.breakers;
  t.like(breaker, { instrumentation: 'shop/main', since, workload: 'Deployment/shop/cart' });
  t.regex(
    breaker?.remedy ?? '',
    /`kubectl annotate instrumentation main -n shop otel-retrofit\.dev\/resume=2026-11-21T11:50:00Z --overwrite`/,
  );
});

test('whoever does not lead says who does', async (t) => {
  const cluster = twoWorkloads();
  cluster.instead = { kind: 'standby', holder: 'controller-1_abc' };
  const { port, get } = await served(t, cluster);
  const { head, rows } = await overviewAt(port);
  t.like(head, { role: 'standby', holder: 'controller-1_abc' });
  t.deepEqual(rows, []);
  t.is((await get('/workload.json?key=Deployment/shop/cart')).status, 404);
});

test('only what has changed is told, no more than once a second', async (t) => {
  const cluster = twoWorkloads();
  const { port, time, listen } = await served(t, cluster);
  const { version } = await overviewAt(port);
  const ear = await listen(version);
  t.is(ear.response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  cluster.put({ name: 'stock', coverage: { current: 1, missing: 2 } });
  cluster.put({ name: 'stock', coverage: { current: 3 } });
  cluster.remove('Deployment/shop/cart');
  await time.pass(1_000);
  const heard = await ear.next();
  t.is(heard?.name, 'delta');
  const { rows, gone } = deltaIn(heard);
  t.deepEqual(
    rows.map(({ name, verdict, pods }) => [name, verdict, pods]),
    [['stock', 'current', { current: 3 }]],
  );
  t.deepEqual(gone, ['Deployment/shop/cart']);
  t.not(heard?.id, version);
});

test('where nothing changes a beat is heard, with the time', async (t) => {
  const cluster = twoWorkloads();
  const { port, time, listen } = await served(t, cluster);
  const ear = await listen((await overviewAt(port)).version);
  cluster.now = noon + 15;
  await time.pass(15_000);
  const heard = await ear.next();
  t.is(heard?.name, 'beat');
  t.like(deltaIn(heard), { now: noon + 15, rows: [], gone: [] });
});

test('whoever comes back is told what it has missed', async (t) => {
  const cluster = twoWorkloads();
  const { port, time, listen } = await served(t, cluster);
  const { version } = await overviewAt(port);
  const first = await listen(version);
  cluster.put({ name: 'mail' });
  await time.pass(1_000);
  const mail = await first.next();
  cluster.put({ name: 'tax' });
  await time.pass(1_000);
  await first.next();
  const again = await listen(version, { 'last-event-id': mail?.id ?? '' });
  const heard = await again.next();
  t.deepEqual(
    deltaIn(heard).rows.map(({ name }) => name),
    ['tax'],
  );
});

test('whoever has been away too long, or talked to another process, is told to read again', async (t) => {
  const cluster = twoWorkloads();
  const { port, time, listen } = await served(t, cluster);
  const { version } = await overviewAt(port);
  for (const known of ['other.1', '', 'x', `${version}9`, '%00']) {
    const ear = await listen(known);
    t.is((await ear.next())?.name, 'reset', known);
    ear.leave();
  }
  const ear = await listen(version);
  for (let turn = 0; turn < 100; turn += 1) {
    cluster.put({ name: `new-${turn}` });
    await time.pass(1_000);
    await ear.next();
  }
  t.is((await (await listen(version)).next())?.name, 'reset');
});

test('after a landslide it is shorter to read everything again', async (t) => {
  const cluster = twoWorkloads();
  const { port, time, listen } = await served(t, cluster);
  const ear = await listen((await overviewAt(port)).version);
  for (let index = 0; index < 1_500; index += 1) cluster.put({ name: `w-${index}` });
  await time.pass(1_000);
  t.is((await ear.next())?.name, 'reset');
});

test('no more may listen than can be served, and the others can still read', async (t) => {
  const { port, get, listen } = await served(t, twoWorkloads(), { listeners: 2 });
  const { version } = await overviewAt(port);
  const first = await listen(version);
  await listen(version);
  const third = await get(`/events?after=${version}`);
  t.is(third.status, 503);
  t.is(third.headers.get('retry-after'), '10');
  t.is((await get('/state.json')).status, 200);
  first.leave();
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/events?after=${version}`, {
      method: 'HEAD',
    });
    if (response.status === 200) break;
  }
  t.pass();
});

test('a listener that does not read is let go', async (t) => {
  const cluster = twoWorkloads();
  const { port, time } = await served(t, cluster, { backlogBytes: 10_000 });
  const { version } = await overviewAt(port);
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  t.teardown(() => socket.destroy());
  socket.write(`GET /events?after=${version} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await once(socket, 'readable');
  socket.pause();
  const closed = once(socket, 'close');
  for (let turn = 0; !socket.destroyed && turn < 2_000; turn += 1) {
    for (let index = 0; index < 900; index += 1)
      cluster.put({ name: `w-${index}`, coverage: { current: 1 + (turn % 7) } });
    await time.pass(1_000);
    await new Promise((resolve) => setImmediate(resolve));
    if (turn > 60) socket.resume();
  }
  await closed;
  t.pass();
});

test('looking that fails is told of, and the page goes on', async (t) => {
  const cluster = twoWorkloads();
  const { port, get, failures, time } = await served(t, cluster);
  const { judgements } = cluster;
  await overviewAt(port);
  Object.defineProperty(cluster, 'judgements', {
    get: () => {
      throw new Error('torn');
    },
    configurable: true,
  });
  await time.pass(1_000);
  t.is((await get('/state.json')).status, 500);
  t.like(failures[0], { 0: '/state.json' });
  Object.defineProperty(cluster, 'judgements', { value: judgements });
  t.is((await get('/state.json')).status, 200);
});

test('closing ends what listens', async (t) => {
  const cluster = twoWorkloads();
  const page = await serve(cluster);
  const ear = await Ear.at(page.port, `/events?after=${(await overviewAt(page.port)).version}`);
  await page.close();
  t.is(await ear.next(), undefined);
});

test('whoever listens as it closes hears nothing more, whatever changes', async (t) => {
  const cluster = twoWorkloads();
  const page = await serve(cluster);
  const ear = await Ear.at(page.port, `/events?after=${(await overviewAt(page.port)).version}`);
  cluster.remove('Deployment/shop/cart');
  await page.close();
  t.is(await ear.next(), undefined);
});

test('one workload is told with its advice and its pods, the worst first', async (t) => {
  const cause = 'PodsPredateInstrumentation';
  const cluster = new Cluster().put({
    name: 'cart',
    verdict: { kind: 'stuck', reason: 'RestartFailed', cause },
    coverage: { current: 1, missing: 1, refused: 1 },
    restart: { kind: 'failed', age: 90 },
  });
  const crashing = {
    name: 'app',
    isInit: false,
    restarts: 4,
    waiting: 'CrashLoopBackOff',
    terminated: 'Error',
  };
  cluster.pods.set('Deployment/shop/cart', [
    aPod({ name: 'fresh', injected: theStamp, isReady: false, containers: [crashing] }),
    aPod({ name: 'bare' }),
    aPod({ name: 'declined', declined: { ...theStamp, reason: 'NameTaken' } }),
    aPod({ name: 'going', deletedAt: noon }),
    aPod({ name: 'done', phase: 'Succeeded' }),
  ]);
  const { get } = await served(t, cluster);
  const detail = (await (await get('/workload.json?key=Deployment/shop/cart')).json()) as Detail;
  t.regex(detail.summary, /last restart fail/);
  t.regex(detail.remedy ?? '', /`kubectl patch deployment\/cart -n shop .*inject-java/);
  t.regex(detail.cause ?? '', /older than the Instrumentation/);
  t.deepEqual(detail.languages, ['java']);
  t.like(detail.row.restart, { state: 'failed', number: 1, at: noon - 90 });
  t.deepEqual(
    detail.pods.map(({ name, state, reason, phase, isReady, restarts }) => [
      name,
      state,
      reason,
      phase,
      isReady,
      restarts,
    ]),
    [
      ['declined', 'refused', 'NameTaken', 'Running', true, 0],
      ['bare', 'missing', cause, 'Running', true, 0],
      ['fresh', 'current', undefined, 'CrashLoopBackOff', false, 4],
    ],
  );
  t.regex(detail.pods[0]?.remedy ?? '', /Rename the volume/);
});

test('a pod of a workload that waits for a person is told of with what they can do', async (t) => {
  const cause = 'PodsPredateInstrumentation';
  const waiting = { kind: 'waiting', cause, until: undefined } as const;
  const coverage = { missing: 1 };
  const cluster = new Cluster()
    .put({ name: 'cart', verdict: { ...waiting, reason: 'DisruptionNotAllowed' }, coverage })
    .put({ name: 'web', verdict: { ...waiting, reason: 'Busy' }, coverage });
  for (const name of ['cart', 'web'])
    cluster.pods.set(`Deployment/shop/${name}`, [aPod({ name: 'bare' })]);
  const { get } = await served(t, cluster);
  const remedyOf = async (name: string) => {
    const answer = await get(`/workload.json?key=Deployment/shop/${name}`);
    return ((await answer.json()) as Detail).pods[0]?.remedy ?? '';
  };
  t.regex(await remedyOf('cart'), /`kubectl get poddisruptionbudgets -n shop`/);
  t.regex(await remedyOf('web'), /^Nothing needs doing/);
});

test('of a workload with very many pods the worst are told, and how many more there are', async (t) => {
  const cluster = new Cluster().put({ name: 'cart', coverage: { current: 1_000 } });
  cluster.pods.set(
    'Deployment/shop/cart',
    Array.from({ length: 1_000 }, (_, index) =>
      aPod({ name: `p-${index}`, ...(index < 990 ? { injected: theStamp } : {}) }),
    ),
  );
  const { get } = await served(t, cluster);
  const { pods, more } = (await (
    await get('/workload.json?key=Deployment/shop/cart')
  ).json()) as Detail;
  t.is(pods.length, 200);
  t.is(more, 800);
  t.is(pods.filter(({ state }) => state === 'missing').length, 10);
});

test('what people write into a cluster stays text, in JSON and in events', async (t) => {
  const name = '</script><img src=x onerror=alert(1)>\u2028\n\n: data: {}';
  const cluster = new Cluster().put({ name });
  const { port, time, listen, get } = await served(t, cluster);
  const { version, rows } = await overviewAt(port);
  t.is(rows[0]?.name, name);
  const ear = await listen(version);
  cluster.put({ name, namespace: name, coverage: { missing: 1 } });
  await time.pass(1_000);
  t.is(deltaIn(await ear.next()).rows[0]?.namespace, name);
  const missing = await get(`/workload.json?key=${encodeURIComponent(name)}`);
  t.is(missing.headers.get('content-type'), 'text/plain; charset=utf-8');
  t.false((await missing.text()).includes('<'));
});

test('the state of many workloads comes compressed to whoever can read it', async (t) => {
  const cluster = new Cluster();
  for (let index = 0; index < 5_000; index += 1) cluster.put({ name: `w-${index}` });
  const { port } = await served(t, cluster);
  const response = await asked(port, '/state.json', {
    host: 'localhost',
    'accept-encoding': 'gzip',
  });
  t.is(response.headers['content-encoding'], 'gzip');
  t.true(Number(response.headers['content-length']) < 150_000, response.headers['content-length']);
  t.is((await overviewAt(port)).rows.length, 5_000);
});

test('a port that is taken is named', async (t) => {
  const { port } = await served(t, twoWorkloads());
  const { sources } = twoWorkloads();
  const { openPage } = await import('../../../controller/page/page.ts');
  const again = openPage({
    address: '127.0.0.1',
    port,
    sources,
    time: new HandTime(),
    onFailure: () => undefined,
  });
  await t.throwsAsync(again, { message: `port ${port} for the page cannot be opened` });
});
