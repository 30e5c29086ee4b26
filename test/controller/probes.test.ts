import { connect } from 'node:net';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { openProbes, type Place, type Probes, type Questions } from '../../controller/probes.ts';
import { createMetrics } from '../../metrics/observe.ts';

const content: Questions = {
  health: () => [],
  readiness: () => [],
  metrics: () => Promise.resolve({ headers: { 'content-type': 'text/plain' }, body: 'a 1\n' }),
};

const local: Place = { address: '127.0.0.1', probePort: 0, metricsPort: 0 };

async function probes(t: ExecutionContext, questions: Partial<Questions> = {}) {
  const opened = await openProbes(local, { ...content, ...questions });
  t.teardown(() => opened.close());
  return { ...opened, probe: from(opened.probePort), metric: from(opened.metricsPort) };
}

const from =
  (port: number) =>
  (path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, init);

/** Opens on one port for both, below those that the machine gives out by itself. */
async function onSharedPort(): Promise<Probes> {
  for (let port = 20_000 + (process.pid % 10_000); ; port += 1) {
    try {
      return await openProbes({ ...local, probePort: port, metricsPort: port }, content);
    } catch (error) {
      if (port > 32_000) throw error;
    }
  }
}

const starting = ['Namespaces have not been read yet.'];

test('whoever is well and ready says so', async (t) => {
  const { probe } = await probes(t);
  for (const [path, word] of [
    ['/healthz', 'healthy\n'],
    ['/readyz?verbose', 'ready\n'],
  ] as const) {
    const response = await probe(path);
    t.is(response.status, 200);
    t.is(await response.text(), word);
  }
});

test('whoever is not ready says why', async (t) => {
  const { probe } = await probes(t, { readiness: () => starting });
  const response = await probe('/readyz');
  t.is(response.status, 503);
  t.is(await response.text(), 'not ready\nNamespaces have not been read yet.\n');
  t.is((await probe('/healthz')).status, 200);
});

test('machines get the reasons as JSON', async (t) => {
  const { probe } = await probes(t, { readiness: () => starting });
  const response = await probe('/readyz', { headers: { accept: 'application/json' } });
  t.deepEqual(await response.json(), { status: 'not ready', reasons: starting });
});

test('the answer is the one of the moment', async (t) => {
  let reasons = starting;
  const { probe } = await probes(t, { readiness: () => reasons });
  t.is((await probe('/readyz')).status, 503);
  reasons = [];
  t.is((await probe('/readyz')).status, 200);
});

test('metrics come in the form and the coding that was asked for', async (t) => {
  const state = { certificates: () => [], caches: () => [], loop: () => undefined };
  const { expose } = createMetrics({ version: '1.2.3', node: 'v24' }, state);
  const { metric } = await probes(t, { metrics: expose });
  const response = await metric('/metrics', {
    headers: { accept: 'application/openmetrics-text' },
  });
  t.regex(response.headers.get('content-type') ?? '', /^application\/openmetrics-text/);
  t.is(response.headers.get('content-encoding'), 'gzip');
  t.regex(
    await response.text(),
    /retrofit_build_info\{version="1\.2\.3",node="v24"\} 1\n[^]*# EOF\n$/,
  );
});

test('each port has its own pages, and names them to whoever is lost', async (t) => {
  const { probe, metric } = await probes(t);
  for (const response of [await probe('/metrics'), await probe('/'), await probe('/constructor')]) {
    t.is(response.status, 404);
    t.is(await response.text(), 'There is /healthz and /readyz here.\n');
  }
  t.is(await (await metric('/healthz')).text(), 'There is /metrics here.\n');
});

test('probes and metrics may share a port', async (t) => {
  const shared = await onSharedPort();
  t.teardown(() => shared.close());
  t.is(shared.metricsPort, shared.probePort);
  for (const path of ['/healthz', '/readyz', '/metrics']) {
    t.is((await from(shared.probePort)(path)).status, 200, path);
  }
});

test('HEAD gets the head', async (t) => {
  const { probe } = await probes(t);
  const response = await probe('/readyz', { method: 'HEAD' });
  t.is(response.status, 200);
  t.is(response.headers.get('content-length'), '6');
  t.is(await response.text(), '');
});

test('nothing can be written', async (t) => {
  const { probe } = await probes(t);
  const response = await probe('/readyz', { method: 'POST', body: 'x'.repeat(100_000) });
  t.is(response.status, 405);
  t.is(response.headers.get('allow'), 'GET, HEAD');
});

test('a question that throws is told of, and the next is answered', async (t) => {
  const told: unknown[] = [];
  const { probe, metric } = await probes(t, {
    health: () => {
      throw new Error('broken');
    },
    metrics: () => Promise.reject(new Error('torn')),
    onFailure: (path, error) => told.push([path, (error as Error).message]),
  });
  t.is((await probe('/healthz')).status, 500);
  t.is((await metric('/metrics')).status, 500);
  t.is((await probe('/readyz')).status, 200);
  t.deepEqual(told, [
    ['/healthz', 'broken'],
    ['/metrics', 'torn'],
  ]);
});

test('what is no HTTP harms nobody', async (t) => {
  const { probe, probePort } = await probes(t);
  for (const bytes of [
    '\0\0\0',
    'GET',
    'GET // HTTP/1.1\r\nHost: a\r\n\r\n',
    `GET /${'a'.repeat(20_000)}`,
  ]) {
    const socket = connect(probePort, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.end(bytes);
    socket.resume();
    await once(socket, 'close');
  }
  t.is((await probe('/readyz')).status, 200);
});

test('closing does not wait for connections that say nothing', async (t) => {
  const opened = await openProbes(local, content);
  const socket = connect(opened.probePort, '127.0.0.1');
  await once(socket, 'connect');
  const closed = once(socket, 'close');
  socket.on('error', () => undefined);
  await opened.close();
  await closed;
  t.pass();
});

test('when one port is taken, the other is given back and the taken one is named', async (t) => {
  const { probePort: taken } = await probes(t);
  const free = await onSharedPort();
  const { probePort } = free;
  await free.close();
  const place = { ...local, probePort, metricsPort: taken };
  await t.throwsAsync(openProbes(place, content), {
    message: `port ${taken} for the probes and metrics cannot be opened`,
  });
  const again = await openProbes({ ...local, probePort }, content);
  t.is(again.probePort, probePort);
  await again.close();
});
