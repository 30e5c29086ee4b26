import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'ava';
import { startReceiver, type Receiver } from '../../../cli/demo/otlp/receiver.ts';
import { treeOf } from '../../../cli/demo/otlp/tree.ts';

const shop = join(import.meta.dirname, '../../../cli/demo/shop');
const children: ChildProcess[] = [];
let receiver: Receiver;

test.before(async () => {
  receiver = await startReceiver();
});

test.after.always(async () => {
  await Promise.all(
    children.map(async (child) => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }),
  );
  await receiver.stop();
});

test('what three services under the real agent send is one trace, whoever called above whom', async (t) => {
  const stock = await serve('stock', {});
  const cart = await serve('cart', { STOCK_URL: stock });
  const web = await serve('web', { CART_URL: cart });
  t.deepEqual(JSON.parse(await text(web)), { item: 'teapot', left: 12 });

  const complete = await answered(() =>
    receiver.traceWhere(
      (spans) => new Set(spans.map(({ service }) => service)).size === 3 && spans.length >= 5,
    ),
  );
  const services = treeOf(complete).map(
    (line) => /^(?<indent>[ │├└─]*)(?<name>\w+)/.exec(line)?.groups,
  );
  t.deepEqual(
    services.map((found) => found?.['name']),
    ['web', 'web', 'cart', 'cart', 'stock'],
  );
  const depths = services.map((found) => found?.['indent']?.length ?? 0);
  t.deepEqual(
    depths,
    depths.toSorted((a, b) => a - b),
  );
  t.deepEqual([...receiver.counts().keys()].toSorted(), ['cart', 'stock', 'web']);
});

test('metrics and logs are taken; what is no OTLP by protobuf is not', async (t) => {
  t.is((await send('/v1/metrics')).status, 200);
  t.is((await send('/v1/logs')).status, 200);
  t.is((await send('/v1/traces')).status, 200);
  t.is((await send('/v1/traces', 'application/json', '{}')).status, 415);
  t.is((await send('/v2/traces')).status, 404);
  await t.throwsAsync(send('/v1/traces', 'application/x-protobuf', new Uint8Array([0x0a, 0x7f])));
});

const send = (
  path: string,
  type = 'application/x-protobuf',
  body: string | Uint8Array<ArrayBuffer> = '',
) =>
  fetch(`${receiver.endpoint}${path}`, { method: 'POST', body, headers: { 'content-type': type } });

async function serve(name: string, env: Readonly<Record<string, string>>): Promise<string> {
  const port = await freePort();
  const child = spawn(
    process.execPath,
    ['--require', '@opentelemetry/auto-instrumentations-node/register', `${shop}/${name}.cjs`],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...env,
        PORT: String(port),
        OTEL_SERVICE_NAME: name,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_LOGS_EXPORTER: 'none',
        OTEL_NODE_RESOURCE_DETECTORS: 'env',
        OTEL_BSP_SCHEDULE_DELAY: '100',
      },
    },
  );
  children.push(child);
  const url = `http://127.0.0.1:${port}`;
  await answered(async () => (await text(`${url}/ready`)) !== undefined);
  return url;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const text = (url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const asked = get(url, { agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => (body += part));
      response.on('end', () => resolve(body));
    });
    asked.on('error', reject);
  });

async function answered<T>(
  question: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  for (const deadline = performance.now() + 50_000; performance.now() < deadline; await pause(20)) {
    const answer = await Promise.resolve(question()).catch(() => undefined);
    if (answer !== undefined && answer !== false) return answer;
  }
  throw new Error('It did not come to be.');
}
