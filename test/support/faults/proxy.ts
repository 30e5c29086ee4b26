import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, request as httpsRequest } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { makeCertificates, type Certificates } from './certificate.ts';

export interface Passing {
  readonly method: string;
  readonly path: string;
  readonly isWatch: boolean;
  /** How many requests came before it. */
  readonly index: number;
}

/** What can go wrong between a client and an API server. Byte counts are of the answer's body. */
export type Trouble =
  /** The connection is cut before the request is passed on: surely not carried out. */
  | { readonly kind: 'drop' }
  /** The connection is cut after the request was passed on: carried out, and nobody told. */
  | { readonly kind: 'dropAnswer' }
  | { readonly kind: 'delay'; readonly ms: number }
  /** From here on nothing moves in either direction, and nothing is closed. */
  | { readonly kind: 'halfOpen'; readonly afterBytes: number }
  | { readonly kind: 'reset'; readonly afterBytes: number }
  /** The body ends early, but in good order. */
  | { readonly kind: 'truncate'; readonly afterBytes: number }
  | {
      readonly kind: 'answer';
      readonly code: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly text: string;
    }
  /** Each chunk comes twice. */
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'split'; readonly bytes: number }
  | { readonly kind: 'slow'; readonly bytes: number; readonly everyMs: number }
  /** The head promises so many bytes more, or fewer, than there are. */
  | { readonly kind: 'wrongLength'; readonly by: number };

export interface Upstream {
  readonly url: string;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export interface FaultProxy {
  readonly url: string;
  /** PEM of the authority that signed the proxy's certificate. */
  readonly ca: string;
  /** Decides for each request what happens to it; undefined lets it pass. */
  when: (passing: Passing) => Trouble | undefined;
  readonly passed: readonly Passing[];
  /** Where requests go from now on: a server that was restarted may have another port. */
  upstream: Upstream;
  /** Cuts every connection now. */
  cut(): void;
  stop(): Promise<void>;
}

/**
 * Ends TLS and begins it anew, so it sees and can spoil every byte. It shows the upstream its own
 * client certificate, if one is given, and passes on the client's Authorization header.
 */
export async function startFaultProxy(
  upstream: Upstream,
  certificates?: Certificates,
): Promise<FaultProxy> {
  const { ca, server: ours } = certificates ?? (await makeCertificates());
  const sockets = new Set<Socket>();
  const passed: Passing[] = [];
  const server = createServer({ ...ours }, (request, response) => {
    const passing = passingOf(request, passed.length);
    passed.push(passing);
    void pass({ proxy, request, response }, proxy.when(passing)).catch(() => response.destroy());
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const cut = () => sockets.forEach((socket) => socket.destroy());
  const proxy: FaultProxy = {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca,
    when: () => undefined,
    passed,
    upstream,
    cut,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        cut();
      }),
  };
  return proxy;
}

function passingOf({ method = '', url = '' }: IncomingMessage, index: number): Passing {
  return { method, path: url, isWatch: /[?&]watch=(?:true|1)/.test(url), index };
}

interface Exchange {
  readonly proxy: FaultProxy;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function pass({ proxy, request, response }: Exchange, trouble?: Trouble): Promise<void> {
  const body = await collect(request);
  if (trouble?.kind === 'drop') {
    response.socket?.destroy();
  } else if (trouble?.kind === 'answer') {
    response.writeHead(trouble.code, trouble.headers).end(trouble.text);
  } else {
    if (trouble?.kind === 'delay') await delayed(trouble.ms);
    await passBack(await forward(proxy.upstream, request, { body, response }), response, trouble);
  }
}

async function passBack(answer: IncomingMessage, response: ServerResponse, trouble?: Trouble) {
  if (trouble?.kind === 'dropAnswer') {
    answer.destroy();
    response.socket?.destroy();
  } else if (trouble?.kind === 'wrongLength') {
    const whole = await collect(answer);
    const promised = { 'content-length': String(Math.max(0, whole.length + trouble.by)) };
    response.writeHead(answer.statusCode ?? 502, { ...headOf(answer), ...promised });
    response.end(whole, () => response.socket?.destroy());
  } else {
    response.writeHead(answer.statusCode ?? 502, headOf(answer));
    response.flushHeaders();
    await spoil(answer, response, trouble);
  }
}

function forward(
  { url, ca, cert, key }: Upstream,
  { method, url: path, headers }: IncomingMessage,
  { body, response }: { readonly body: Buffer; readonly response: ServerResponse },
): Promise<IncomingMessage> {
  const { protocol, hostname, port, pathname, host } = new URL(url);
  const options = {
    hostname,
    port,
    path: pathname.replace(/\/$/, '') + (path ?? '/'),
    method,
    headers: { ...headers, host },
    agent: false as const,
    ...(ca ? { ca } : {}),
    ...(cert ? { cert } : {}),
    ...(key ? { key } : {}),
  };
  return new Promise((resolve, reject) => {
    const send = protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = send(options, resolve);
    outgoing.on('error', reject);
    response.on('close', () => outgoing.destroy());
    outgoing.end(body);
  });
}

/** The head as it came; only how the body is framed is ours, since we may change the body. */
function headOf({ headers }: IncomingMessage) {
  const { 'content-length': _, 'transfer-encoding': __, connection: ___, ...rest } = headers;
  return rest;
}

async function spoil(answer: IncomingMessage, response: ServerResponse, trouble?: Trouble) {
  let sent = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    if (trouble && 'afterBytes' in trouble && sent + chunk.length > trouble.afterBytes) {
      await put(response, chunk.subarray(0, trouble.afterBytes - sent));
      return stopAt(answer, response, trouble.kind);
    }
    sent += chunk.length;
    for (const piece of piecesOf(chunk, trouble)) {
      if (!(await put(response, piece))) return answer.destroy();
      if (trouble?.kind === 'slow') await delayed(trouble.everyMs);
    }
  }
  response.end();
}

function stopAt(answer: IncomingMessage, response: ServerResponse, kind: Trouble['kind']) {
  if (kind === 'halfOpen') {
    // Nothing is read any more either, as if the cable had been pulled.
    answer.pause();
    response.socket?.pause();
    return;
  }
  answer.destroy();
  if (kind === 'truncate') response.end();
  else response.socket?.resetAndDestroy();
}

function* piecesOf(chunk: Buffer, trouble?: Trouble): Generator<Buffer> {
  if (trouble?.kind === 'duplicate') yield chunk;
  const size = trouble && 'bytes' in trouble ? trouble.bytes : chunk.length;
  for (let start = 0; start < chunk.length; start += size)
    yield chunk.subarray(start, start + size);
}

/** False when the client is gone. */
async function put(response: ServerResponse, piece: Buffer): Promise<boolean> {
  if (response.destroyed) return false;
  if (piece.length === 0 || response.write(piece)) return true;
  await new Promise<void>((done) => {
    const over = () => {
      response.off('drain', over).off('close', over);
      done();
    };
    response.on('drain', over).on('close', over);
  });
  return !response.destroyed;
}

async function collect(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const delayed = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
