import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Who is asked when somebody looks in. Health and readiness answer with what is missing, in words. */
export interface Questions {
  readonly health: () => readonly string[];
  readonly readiness: () => readonly string[];
  readonly metrics: (wanted: Wanted) => Promise<Page>;
  /** Told of a question that threw instead of answering. */
  readonly onFailure?: (path: string, error: unknown) => void;
}

export interface Wanted {
  readonly accept: string | undefined;
  readonly acceptEncoding: string | undefined;
}

export interface Page {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export interface Place {
  /** Without one, every address of the machine. */
  readonly address?: string | undefined;
  /** 0 takes any free port; two equal ones share a server. */
  readonly probePort: number;
  readonly metricsPort: number;
}

export interface Probes {
  readonly probePort: number;
  readonly metricsPort: number;
  close(): Promise<void>;
}

type Answer = Page & { readonly code: number };
type Paths = Readonly<Record<string, (wanted: Wanted) => Answer | Promise<Answer>>>;

/** Opens `/healthz`, `/readyz` and `/metrics` by plain HTTP. */
export async function openProbes(place: Place, questions: Questions): Promise<Probes> {
  const { health, readiness } = questions;
  const probes: Paths = {
    '/healthz': (wanted) => judged('healthy', health(), wanted),
    '/readyz': (wanted) => judged('ready', readiness(), wanted),
  };
  const metrics: Paths = {
    '/metrics': async (wanted) => ({ code: 200, ...(await questions.metrics(wanted)) }),
  };
  const isShared = place.probePort === place.metricsPort && place.probePort !== 0;
  const opened = await openAll(
    isShared
      ? [[place.probePort, { ...probes, ...metrics }]]
      : [
          [place.probePort, probes],
          [place.metricsPort, metrics],
        ],
    place.address,
    questions.onFailure,
  );
  const [probePort = 0, metricsPort = probePort] = opened.map(portOf);
  return {
    probePort,
    metricsPort,
    close: async () => {
      await Promise.all(opened.map(close));
    },
  };
}

type Tell = Questions['onFailure'];

/** Opens all servers or none. */
async function openAll(
  wanted: readonly (readonly [port: number, paths: Paths])[],
  address: string | undefined,
  tell: Tell,
): Promise<readonly Server[]> {
  const opened: Server[] = [];
  try {
    for (const [port, paths] of wanted) opened.push(await open(port, address, paths, tell));
  } catch (error) {
    await Promise.all(opened.map(close));
    throw error;
  }
  return opened;
}

const patienceMs = 5_000;
const mostConnections = 64;

async function open(
  port: number,
  address: string | undefined,
  paths: Paths,
  tell: Tell,
): Promise<Server> {
  const limits = { headersTimeout: patienceMs, requestTimeout: patienceMs, keepAliveTimeout: 0 };
  const server = createServer({ ...limits, maxHeaderSize: 8192 }, (request, response) => {
    void reply(request, response, paths, tell);
  });
  server.maxConnections = mostConnections;
  server.listen({ port, ...(address === undefined ? {} : { host: address }) });
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new Error(`port ${port} for the probes and metrics cannot be opened`, { cause });
  }
  return server;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

async function reply(
  request: IncomingMessage,
  response: ServerResponse,
  paths: Paths,
  tell: Tell,
): Promise<void> {
  const { code, headers, body } = await answer(request, paths, tell);
  response.writeHead(code, {
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function answer(request: IncomingMessage, paths: Paths, tell: Tell): Promise<Answer> {
  const [path = ''] = (request.url ?? '').split('?');
  const ask = Object.hasOwn(paths, path) ? paths[path] : undefined;
  if (ask === undefined) return text(404, `There is ${Object.keys(paths).join(' and ')} here.\n`);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return text(405, 'This can be read and nothing else.\n', { allow: 'GET, HEAD' });
  }
  const { accept, 'accept-encoding': acceptEncoding } = request.headers;
  try {
    return await ask({ accept, acceptEncoding });
  } catch (error) {
    tell?.(path, error);
    return text(500, 'The question itself failed; the log says why.\n');
  }
}

function judged(word: string, reasons: readonly string[], { accept }: Wanted): Answer {
  const isFine = reasons.length === 0;
  const status = isFine ? word : `not ${word}`;
  const code = isFine ? 200 : 503;
  if (accept?.includes('application/json')) {
    const body = JSON.stringify({ status, reasons });
    return { code, headers: { 'content-type': 'application/json' }, body };
  }
  return text(code, `${[status, ...reasons].join('\n')}\n`);
}

const text = (code: number, body: string, more: Readonly<Record<string, string>> = {}): Answer => ({
  code,
  headers: { 'content-type': 'text/plain; charset=utf-8', ...more },
  body,
});
