import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Certificates } from './certificate.ts';
import type { FakeApi, Reply, Request } from './api.ts';

export interface Asked extends Request {
  readonly headers: IncomingMessage['headers'];
  /** Subject of the client's certificate, when it showed one that the authority signed. */
  readonly clientName: string | undefined;
}

export interface Served {
  readonly url: string;
  /** Answers instead of the API as long as it is set and has an answer. */
  reply: ((asked: Asked) => Reply | undefined) | undefined;
  /** The one that answers: another can take its place, as behind a load balancer. */
  api: FakeApi;
  /** Connections made since the start. */
  readonly connections: number;
  readonly open: number;
  /** Cuts every connection. */
  cut(): void;
  stop(): Promise<void>;
}

/** Puts a fake API behind a port of the loopback: over TLS when there are certificates. */
export async function serve(api: FakeApi, certificates?: Certificates): Promise<Served> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    void respond(served, request, response);
  };
  const server: Server = certificates
    ? createSecureServer(
        {
          ...certificates.server,
          ca: certificates.ca,
          requestCert: true,
          rejectUnauthorized: false,
        },
        answer,
      )
    : createServer(answer);
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const cut = () => sockets.forEach((socket) => socket.destroy());
  const served: Served = {
    url: `${certificates ? 'https' : 'http'}://127.0.0.1:${port}`,
    reply: undefined,
    api,
    get connections() {
      return connections;
    },
    get open() {
      return sockets.size;
    },
    cut,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        cut();
      }),
  };
  return served;
}

async function respond(served: Served, request: IncomingMessage, response: ServerResponse) {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const certificate = (request.socket as TLSSocket).getPeerCertificate?.();
  const asked: Asked = {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    body: chunks.length === 0 ? undefined : Buffer.concat(chunks).toString(),
    clientName: certificate?.subject?.CN?.toString(),
  };
  const reply = served.reply?.(asked) ?? served.api.answer(asked);
  if (reply.kind === 'answer') {
    response.writeHead(reply.code, reply.headers).end(reply.text);
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  const detach = reply.attach({ write: (text) => response.write(text), end: () => response.end() });
  const seconds = Number(new URL(asked.path, 'http://any').searchParams.get('timeoutSeconds') ?? 0);
  const timer = seconds > 0 ? setTimeout(() => response.end(), seconds * 1_000) : undefined;
  response.on('close', () => {
    clearTimeout(timer);
    detach();
  });
}
