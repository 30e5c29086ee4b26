import { connect, type TLSSocket } from 'node:tls';
import { turnMark } from './bodies.ts';

/*
 * Asks over standing connections, each of which has one request under way at a time, as an API
 * server does. It writes and reads the bytes itself: a client that costs more than the server would
 * measure itself.
 */

export interface Order {
  readonly port: number;
  readonly ca: string;
  readonly path: string;
  readonly body: string;
  readonly inFlight: number;
  /** Not counted: connections are made and code gets warm. */
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface Outcome {
  readonly requests: number;
  /** Those of the warm-up too. */
  readonly inAll: number;
  readonly elapsedMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers other than 200, and connections that broke. */
  readonly failures: number;
}

process.on('message', (order: Order) => void carryOut(order));

async function carryOut(order: Order): Promise<void> {
  const next = requestsOf(order);
  const sockets = await Promise.all(
    Array.from({ length: order.inFlight }, () => open(order.port, order.ca)),
  );
  let inAll = 0;
  let failures = 0;
  const beginsAt = performance.now() + order.warmUpMs;
  const endsAt = beginsAt + order.measureMs;
  const latencies: number[] = [];
  await Promise.all(
    sockets.map((socket) =>
      talk(socket, next, (ok, startedAt, endedAt) => {
        inAll += 1;
        if (!ok) failures += 1;
        if (startedAt >= beginsAt && endedAt <= endsAt) latencies.push(endedAt - startedAt);
        return ok && endedAt < endsAt;
      }),
    ),
  );
  const sorted = Float64Array.from(latencies).toSorted();
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  const outcome: Outcome = {
    requests: sorted.length,
    inAll,
    elapsedMs: order.measureMs,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    failures,
  };
  process.send?.(outcome);
}

let turns = 0;

function requestsOf(order: Order): () => Buffer {
  const request = requestOf(order);
  const place = request.indexOf(turnMark);
  if (place === -1) return () => request;
  return () => {
    const copy = Buffer.from(request);
    turns += 1;
    copy.write(String(turns).padStart(10, '0'), place + 'turn-'.length);
    return copy;
  };
}

function requestOf({ port, path, body }: Order): Buffer {
  const bytes = Buffer.from(body);
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: localhost:${port}`,
    'User-Agent: kube-apiserver-admission',
    `Content-Length: ${bytes.length}`,
    'Accept: application/json, */*',
    'Content-Type: application/json',
    'Accept-Encoding: gzip',
    '',
    '',
  ].join('\r\n');
  return Buffer.concat([Buffer.from(head), bytes]);
}

function open(port: number, ca: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect(
      { port, ca, host: '127.0.0.1', servername: 'localhost', ALPNProtocols: ['http/1.1'] },
      () => resolve(socket),
    );
    socket.setNoDelay(true);
    socket.once('error', reject);
  });
}

type Judge = (ok: boolean, startedAt: number, endedAt: number) => boolean;

/** Goes on as long as it is told that there is time. */
function talk(socket: TLSSocket, next: () => Buffer, goesOn: Judge): Promise<void> {
  return new Promise((resolve) => {
    let received = '';
    let startedAt = 0;
    const ask = () => {
      received = '';
      startedAt = performance.now();
      socket.write(next());
    };
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
      if (!isWhole(received)) return;
      const ok = received.startsWith('HTTP/1.1 200 ');
      if (goesOn(ok, startedAt, performance.now())) ask();
      else socket.destroy();
    });
    socket.once('close', () => resolve());
    ask();
  });
}

function isWhole(received: string): boolean {
  const end = received.indexOf('\r\n\r\n');
  if (end === -1) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(received.slice(0, end))?.[1];
  return length !== undefined && received.length >= end + 4 + Number(length);
}
