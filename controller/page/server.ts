import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { guards } from './document.ts';
import { isMeantForUs } from './hosts.ts';

export interface Answer {
  readonly code: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export interface Question {
  readonly query: URLSearchParams;
  readonly acceptsGzip: boolean;
  /** What a listener that comes back has heard last. */
  readonly lastHeard: string | undefined;
}

/** An answer, or whoever goes on talking: it is given a response whose head has been sent. */
export type Reply = Answer | { readonly listen: (response: ServerResponse) => void };
export type Route = (question: Question) => Reply | Promise<Reply>;

export interface ServerOptions {
  /** Without one, every address of the machine. */
  readonly address: string | undefined;
  readonly port: number;
  readonly routes: Readonly<Record<string, Route>>;
  /** Told of a question that threw instead of being answered. */
  readonly onFailure: (path: string, error: unknown) => void;
}

export interface Opened {
  readonly port: number;
  close(): Promise<void>;
}

const patienceMs = 5_000;
/** Browsers hold six each; the others wait at the door. */
const mostConnections = 256;

/** Serves what can be read, to whoever asks for it by a name of ours. */
export async function openServer(options: ServerOptions): Promise<Opened> {
  const { port, address } = options;
  const limits = {
    headersTimeout: patienceMs,
    requestTimeout: patienceMs,
    keepAliveTimeout: patienceMs,
  };
  const server = createServer({ ...limits, maxHeaderSize: 16_384 }, (request, response) => {
    void answer(request, response, options);
  });
  server.maxConnections = mostConnections;
  server.listen({ port, ...(address === undefined ? {} : { host: address }) });
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new Error(`port ${port} for the page cannot be opened`, { cause });
  }
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: ServerOptions,
): Promise<void> {
  const reply = refusalOf(request) ?? (await ask(request, options));
  const isHead = request.method === 'HEAD';
  if ('listen' in reply) {
    response.writeHead(200, { ...guards, 'content-type': 'text/event-stream; charset=utf-8' });
    if (isHead) response.end();
    else reply.listen(response);
    return;
  }
  const { code, headers, body } = reply;
  const length = { 'content-length': Buffer.byteLength(body) };
  response.writeHead(code, { ...guards, ...length, ...headers });
  response.end(isHead ? undefined : body);
}

function refusalOf({ headers, method, url }: IncomingMessage): Answer | undefined {
  if (!isMeantForUs(headers.host)) {
    return text(
      421,
      'This page is not known by that name. Use an address, localhost, or the name of its Service.\n',
    );
  }
  if (method !== 'GET' && method !== 'HEAD')
    return text(405, 'This can be read and nothing else.\n', { allow: 'GET, HEAD' });
  const { 'sec-fetch-site': site, 'sec-fetch-mode': mode } = headers;
  const isForeign = site === 'cross-site' || site === 'same-site';
  // A link to the page is welcome from everywhere; its answers are for the page alone.
  if (isForeign && !(mode === 'navigate' && /^\/(?:\?|$)/.test(url ?? '')))
    return text(403, 'Another site may link to this page and nothing else.\n');
  return undefined;
}

async function ask(request: IncomingMessage, options: ServerOptions): Promise<Reply> {
  const { routes, onFailure } = options;
  const [path = '', search = ''] = (request.url ?? '').split('?', 2);
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (route === undefined) return text(404, `There is ${Object.keys(routes).join(', ')} here.\n`);
  const { 'accept-encoding': coding = '', 'last-event-id': last } = request.headers;
  try {
    return await route({
      query: new URLSearchParams(search),
      acceptsGzip: /\bgzip\b/.test(coding),
      lastHeard: typeof last === 'string' ? last : undefined,
    });
  } catch (error) {
    onFailure(path, error);
    return text(500, 'The question itself failed; the log says why.\n');
  }
}

export const text = (
  code: number,
  body: string,
  more: Readonly<Record<string, string>> = {},
): Answer => ({ code, headers: { 'content-type': 'text/plain; charset=utf-8', ...more }, body });
