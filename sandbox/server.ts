import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Api, Json } from './api.ts';
import type { Call, User } from './objects/calls.ts';
import { freeze } from './objects/json.ts';
import { badRequest, Refusal } from './objects/refusals.ts';
import { answer, type Office, type Reply } from './requests.ts';
import type { Sink, Stream, Told } from './verbs/reads.ts';

/** One call that was answered, for tests and for the curious. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly user: string;
  readonly userAgent: string;
  readonly code: number;
}

export interface Door {
  readonly office: Office;
  readonly record: (request: Request) => void;
}

/** The same answers without a wire in between; what is handed out is what is stored, hence frozen. */
export function createApi({ office, record }: Door, user: User): Api {
  const ask = async (method: string, path: string, { body, type }: { body?: Json; type?: string }) => {
    const url = new URL(path, 'https://sandbox');
    const call = { method, url, user, userAgent: 'sandbox', accept: '', type: type ?? 'application/json', body, warnings: [] };
    const reply = await answer(office, call);
    record({ method, path, user: user.name, userAgent: call.userAgent, code: codeOf(reply) });
    return { reply, headers: warningsOf(call) };
  };
  return {
    async call<T>(method: string, path: string, body?: object, options: { type?: string } = {}) {
      const copy = body === undefined ? {} : { body: JSON.parse(JSON.stringify(body)) as Json };
      const { reply, headers } = await ask(method, path, { ...copy, ...options });
      return { code: codeOf(reply), body: freeze(await bodyOf(reply)) as T, headers };
    },
    async *watch<T>(path: string, signal: AbortSignal) {
      const { reply } = await ask('GET', `${path}${path.includes('?') ? '&' : '?'}watch=true`, {});
      if (reply.kind !== 'stream') throw new Error(`watching ${path}: ${JSON.stringify(await bodyOf(reply))}`);
      for await (const { type, object } of events(reply.open, signal)) yield { type, object: object as T };
    },
  };
}

const codeOf = (reply: Reply): number => {
  if (reply.kind === 'pipe') return reply.from.statusCode ?? 502;
  return reply.kind === 'stream' ? 200 : reply.code;
};

async function bodyOf(reply: Reply): Promise<unknown> {
  if (reply.kind === 'json') return reply.body;
  if (reply.kind === 'text') return reply.text;
  return reply.kind === 'pipe' ? (await reply.from.toArray()).join('') : '';
}

async function* events(open: Stream, signal: AbortSignal): AsyncGenerator<Told> {
  let queue: Told[] = [];
  let isOpen = true;
  let wake = () => {};
  const end = () => {
    isOpen = false;
    wake();
  };
  const take = (event: Told) => {
    queue.push(event);
    wake();
  };
  const close = open({ take, end });
  signal.addEventListener('abort', end);
  try {
    while (isOpen || (queue.length > 0 && !signal.aborted)) {
      const ready = queue;
      queue = [];
      yield* ready;
      if (queue.length === 0 && isOpen) await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal.removeEventListener('abort', end);
    close();
  }
}

export interface Locks {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
}

/** The door for everybody else: HTTPS on the loopback, for those with a token or a certificate. */
export function createHttps(door: Door, { certificate, key, authority }: Locks): Server {
  const options = { cert: certificate, key, ca: authority, requestCert: true, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'], keepAliveTimeout: 60_000 };
  return createServer(options, (incoming, outgoing) => {
    serve(door, incoming, outgoing).catch(() => outgoing.destroy());
  });
}

async function serve(door: Door, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { method = 'GET', url: path = '/', headers } = incoming;
  const user = whoIs(door.office, incoming);
  const userAgent = headers['user-agent'] ?? '';
  const warnings: string[] = [];
  let reply: Reply;
  try {
    if (user === undefined) throw new Refusal(401, 'Unauthorized', 'Unauthorized');
    const type = (headers['content-type'] ?? 'application/json').split(';')[0] ?? '';
    const body = await readBody(incoming, type);
    reply = await answer(door.office, { method, url: new URL(path, 'https://sandbox'), user, userAgent, accept: headers.accept ?? '', type, body, warnings });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    reply = { kind: 'json', code: error.code, body: error.status };
  }
  door.record({ method, path, user: user?.name ?? '', userAgent, code: codeOf(reply) });
  const head = { 'audit-id': randomUUID(), 'cache-control': 'no-cache, private', date: door.office.now().toUTCString(), ...warningsOf({ warnings }) };
  await send(reply, { outgoing, head, accepted: String(headers['accept-encoding'] ?? '') });
}

function whoIs({ tokens, now }: Office, { headers, socket }: IncomingMessage): User | undefined {
  const token = /^Bearer (?<token>.+)$/i.exec(headers.authorization ?? '')?.groups?.['token'];
  if (token !== undefined) return tokens.whose(token, now());
  const tls = socket as TLSSocket;
  if (!tls.authorized) return undefined;
  const { CN, O = [] } = tls.getPeerCertificate().subject as { CN: string; O?: string | string[] };
  return { name: CN, groups: [...[O].flat(), 'system:authenticated'] };
}

const limitBytes = 3_145_728;

async function readBody(incoming: IncomingMessage, type: string): Promise<Json | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= limitBytes) chunks.push(chunk);
  }
  if (bytes > limitBytes) throw new Refusal(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limitBytes}`);
  if (bytes === 0) return undefined;
  if (!/json$/.test(type)) throw new Refusal(415, 'UnsupportedMediaType', `the body of the request was in an unknown format - accepted media types include: application/json`);
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) as Json;
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${String(error)}`);
  }
}

const retryLater: Readonly<Record<number, Record<string, string>>> = { 429: { 'retry-after': '1' }, 504: { 'retry-after': '1' } };

/** Up to 4,096 characters pass whole; beyond that each is cut and the rest is dropped. */
function warningsOf({ warnings }: Pick<Call, 'warnings'>): Record<string, string> {
  const plain = [...new Set(warnings)].filter((text) => !text.includes('\n'));
  const isMuch = plain.join('').length > 4_096;
  let left = 4_096;
  const told = plain.map((text) => (isMuch ? text.slice(0, 256) : text)).filter((text) => (left -= text.length) >= 0);
  const quoted = told.map((text) => `299 - "${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`);
  return quoted.length === 0 ? {} : { warning: Buffer.from(quoted.join(', ')).toString('latin1') };
}

interface Answering {
  readonly outgoing: ServerResponse;
  readonly head: Record<string, string>;
  readonly accepted: string;
}

const compress = promisify(gzip);

async function send(reply: Reply, { outgoing, head, accepted }: Answering): Promise<void> {
  const json = { ...head, 'content-type': 'application/json' };
  switch (reply.kind) {
    case 'stream':
      outgoing.writeHead(200, json).flushHeaders();
      return stream(reply.open, outgoing);
    case 'pipe':
      outgoing.writeHead(codeOf(reply), { ...head, 'content-type': 'text/plain' });
      return void reply.from.pipe(outgoing);
    case 'text':
      return void outgoing.writeHead(reply.code, { ...head, 'content-type': 'text/plain; charset=utf-8' }).end(reply.text);
    case 'json': {
      const text = Buffer.from(`${JSON.stringify(reply.body)}\n`);
      const all = { ...json, ...retryLater[reply.code] };
      if (text.length <= 131_072 || !accepted.includes('gzip')) return void outgoing.writeHead(reply.code, { ...all, 'content-length': text.length }).end(text);
      outgoing.writeHead(reply.code, { ...all, 'content-encoding': 'gzip', vary: 'Accept-Encoding' }).end(await compress(text, { level: 1 }));
    }
  }
}

const backlogBytes = 64 * 1_048_576;

/** Lines of one turn leave together. Who reads too slowly is cut off, and comes back where it was. */
function stream(open: Stream, outgoing: ServerResponse): void {
  let waiting: Buffer[] = [];
  const flush = () => {
    if (waiting.length > 0) outgoing.write(Buffer.concat(waiting));
    waiting = [];
    if (outgoing.writableLength > backlogBytes) outgoing.destroy();
  };
  const sink: Sink = {
    take({ line }) {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push(line);
    },
    end: () => setImmediate(() => (flush(), outgoing.end())),
  };
  outgoing.on('close', open(sink));
}
