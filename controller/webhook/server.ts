import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { Fact } from '../../domain/facts.ts';
import type { Time } from '../kube/pace.ts';
import { Desk, type DeskOptions, type Reply } from './desk.ts';
import type { Pair } from './certificates/pair.ts';
import { createPresence, type Presence } from './gate.ts';

export interface ServerOptions extends DeskOptions {
  readonly host: string;
  readonly port: number;
  /** What is still missing before decisions can be right, in words. */
  readonly missing: () => readonly string[];
}

export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

export interface Patience {
  /** For load balancers to notice that this server is not ready any more, while it still serves. */
  readonly lingerMs: number;
  /** For everything, the lingering included. */
  readonly graceMs: number;
}

export interface WebhookServer {
  /** Shows this pair from now on; connections that stand are not disturbed. */
  show(pair: Pair): void;
  /**
   * Opens the port. Fails without a pair, or with one that has expired: nobody could believe it. It
   * fails too when it was told to stop before.
   */
  listen(): Promise<AddressInfo>;
  readiness(): Readiness;
  /** Ends in peace, and says how many requests it had to cut off. */
  stop(patience: Patience): Promise<number>;
}

const timeouts = {
  handshakeTimeout: 5_000,
  headersTimeout: 5_000,
  /** The longest an API server can be told to wait. */
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  /** Beyond the API server's own 90 s, so that it never meets a connection that we are closing. */
  keepAliveTimeout: 120_000,
};

const protocol = { minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] } as const;

export function createWebhookServer(options: ServerOptions): WebhookServer {
  const { limits, time, missing, record } = options;
  const desk = new Desk(options);
  const presence = createPresence();
  const server = createServer({ ...protocol, ...timeouts }, (request, response) => {
    response.once('close', presence.entered());
    // What cannot even be recorded must not end the server.
    attend(request, response, desk, record).catch(() => response.destroy());
  });
  server.maxConnections = limits.connections;
  let pair: Pair | undefined;
  let stopped: Promise<number> | undefined;

  const pairReasons = (): readonly string[] => {
    if (pair === undefined) return ['There is no certificate yet.'];
    return pair.expiresAt > time.wall() ? [] : ['The certificate has expired.'];
  };
  const reasons = () => [
    ...(stopped === undefined ? [] : ['The webhook is stopping.']),
    ...(server.listening ? [] : ['The port is not open.']),
    ...pairReasons(),
    ...missing(),
  ];
  return {
    show: (next) => {
      pair = next;
      server.setSecureContext({ ...protocol, cert: next.certificate, key: next.key });
    },
    listen: async () => {
      const [problem] = [...(stopped === undefined ? [] : ['It is stopping.']), ...pairReasons()];
      if (problem !== undefined) throw new Error(problem);
      return open(server, options);
    },
    readiness: () => ({ ready: reasons().length === 0, reasons: reasons() }),
    stop: (patience) => {
      desk.windUp();
      stopped ??= close(server, presence, patience, time);
      return stopped;
    },
  };
}

function open(server: Server, { host, port, record }: ServerOptions): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      // A connection that could not be accepted, as when there are no file descriptors left.
      server.on('error', (cause) =>
        record({ type: 'AdmissionFailed', reason: 'Unexpected', cause }),
      );
      resolve(server.address() as AddressInfo);
    });
  });
}

/** For the last bytes of the last answer to leave, after which nothing is worth waiting for. */
const flushMs = 500;

async function close(
  server: Server,
  presence: Presence,
  { lingerMs, graceMs }: Patience,
  time: Time,
): Promise<number> {
  const endsAt = time.now() + graceMs;
  const left = () => Math.max(0, endsAt - time.now());
  await time.wait(Math.min(lingerMs, graceMs));
  await allHasBeenRead();
  const waiting = new AbortController();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const emptied = presence
    .emptied()
    .then(() => time.wait(Math.min(left(), flushMs), waiting.signal));
  await Promise.race([closed, emptied, time.wait(left(), waiting.signal)]);
  waiting.abort();
  const cut = presence.inside();
  server.closeAllConnections();
  await closed;
  return cut;
}

/**
 * A connection counts as idle until its request is read, and a request that has come may wait for
 * that. Between two turns of the event loop everything that has come is read once.
 */
async function allHasBeenRead(): Promise<void> {
  await turn();
  await turn();
}

/** The outermost edge: whatever fails behind it, this request alone is the worse for it. */
async function attend(
  request: IncomingMessage,
  response: ServerResponse,
  desk: Desk,
  record: (fact: Fact) => void,
): Promise<void> {
  response.on('error', () => response.destroy());
  try {
    const reply = await desk.serve(request);
    if (reply === undefined) response.destroy();
    else send(response, reply);
  } catch (cause) {
    response.destroy();
    record({ type: 'AdmissionFailed', reason: 'Unexpected', cause });
  }
}

function send(response: ServerResponse, { status, type, body, headers }: Reply): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}
