import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Fields, Json } from './api.ts';
import type { Identity } from './certificates.ts';
import type { Call, User } from './objects/calls.ts';
import { fieldsOf, isFields, isList } from './objects/json.ts';
import { Refusal } from './objects/refusals.ts';
import { answer, refusal, type Office, type Reply } from './requests.ts';
import { unknownFormat } from './verbs/bodies.ts';
import type { Stream } from './verbs/watches.ts';

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

/** HTTPS on the loopback, for those with a token or a certificate of the authority. */
export function createHttps(door: Door, own: Identity, authority: string): Server {
  const clients = { ca: authority, requestCert: true, rejectUnauthorized: false };
  const locks = { cert: own.certificate, key: own.key, ...clients };
  return createServer({ ...locks, keepAliveTimeout: 60_000 }, (incoming, outgoing) => {
    serve(door, incoming, outgoing).catch(() => outgoing.destroy());
  });
}

async function serve(
  { office, record }: Door,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
) {
  const { method = 'GET', url: path = '/', headers } = incoming;
  const { 'user-agent': userAgent = '', accept = '' } = headers;
  const user = whoIs(office, incoming);
  const warnings: string[] = [];
  const asked = { method, url: new URL(path, 'https://sandbox'), userAgent, accept, warnings };
  const reply = await readBody(incoming).then(
    (sent) => {
      if (user === undefined) return refusal(new Refusal(401, 'Unauthorized'));
      return answer(office, { ...asked, ...sent, user });
    },
    (error: unknown) => refusal(error instanceof Refusal ? error : new Refusal(400, String(error))),
  );
  record({ method, path, user: user?.name ?? '', userAgent, code: reply.code });
  outgoing.setHeaders(
    new Map(Object.entries({ date: office.now().toUTCString(), ...warningOf(warnings) })),
  );
  await send(reply, outgoing, /\bgzip\b/.test(String(headers['accept-encoding'])));
}

function whoIs({ tokens, now }: Office, { headers, socket }: IncomingMessage): User | undefined {
  const token = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
  if (token !== undefined) return tokens.whose(token, now());
  const connection = socket as TLSSocket;
  if (!connection.authorized) return undefined;
  const { CN = '', O = [] } = connection.getPeerCertificate().subject;
  return { name: [CN].flat().join(), groups: [...[O].flat(), 'system:authenticated'] };
}

const limitBytes = 3_145_728;

async function readBody(incoming: IncomingMessage): Promise<Pick<Call, 'body' | 'type'>> {
  const [type = ''] = (incoming.headers['content-type'] ?? 'application/json').split(';');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limitBytes) chunks.push(chunk);
  }
  if (size > limitBytes) throw new Refusal(413, `Request entity too large: limit is ${limitBytes}`);
  if (size === 0) return { body: undefined, type };
  if (!type.endsWith('json')) throw unknownFormat;
  return { body: JSON.parse(Buffer.concat(chunks).toString()) as Json, type };
}

/** Those of one line, each told once. */
export function warningOf(warnings: readonly string[]): Record<string, string> {
  const plain = [...new Set(warnings)].filter((text) => !text.includes('\n'));
  const quoted = plain.map((text) => `299 - "${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`);
  return quoted.length === 0 ? {} : { warning: Buffer.from(quoted.join(', ')).toString('latin1') };
}

async function send(reply: Reply, outgoing: ServerResponse, takesGzip: boolean): Promise<void> {
  const isJson = reply.kind === 'json' || reply.kind === 'stream';
  outgoing.setHeader('content-type', isJson ? 'application/json' : 'text/plain; charset=utf-8');
  outgoing.statusCode = reply.code;
  if (reply.code === 504) outgoing.setHeader('retry-after', '1');
  if (reply.kind === 'stream') stream(reply.open, outgoing);
  else if (reply.kind === 'pipe') reply.from.pipe(outgoing);
  else if (reply.kind === 'json') await sendJson(reply.body, outgoing, takesGzip);
  else outgoing.end(reply.body);
}

const zip = promisify(gzip);

/** As kube-apiserver has it: what is shorter is not worth the work, and little work does it. */
const zippedFromBytes = 128 * 1_024;

async function sendJson(body: Fields, outgoing: ServerResponse, takesGzip: boolean): Promise<void> {
  const bytes = Buffer.from(`${textOf(body)}\n`);
  if (!takesGzip || bytes.length < zippedFromBytes) {
    outgoing.end(bytes);
    return;
  }
  outgoing.setHeader('content-encoding', 'gzip');
  outgoing.end(await zip(bytes, { level: 1 }));
}

function textOf(body: Fields): string {
  const { items, rows, apiVersion } = body;
  if (isList(items)) return textWith(body, 'items', items.map(textOfItem));
  const isTable = apiVersion === 'meta.k8s.io/v1' && isList(rows);
  return isTable ? textWith(body, 'rows', rows.map(textOfRow)) : JSON.stringify(body);
}

function textWith(body: Fields, list: string, texts: readonly string[]): string {
  const { [list]: _, ...rest } = body;
  return `${JSON.stringify(rest).slice(0, -1)},"${list}":[${texts.join(',')}]}`;
}

/** Its cells tell how old the object is, so they change. */
function textOfRow(row: Json): string {
  const { cells = null, object = null } = fieldsOf(row);
  return `{"cells":${JSON.stringify(cells)},"object":${textOfItem(object)}}`;
}

/** What is stored never changes, so that its text is made once for all who list it. */
const texts = new WeakMap<Fields, string>();

function textOfItem(item: Json): string {
  const known = isFields(item) ? texts.get(item) : undefined;
  if (known !== undefined) return known;
  const text = JSON.stringify(item);
  if (isFields(item) && Object.isFrozen(item)) texts.set(item, text);
  return text;
}

const backlogBytes = 64 * 1_048_576;

/** Lines of one turn leave together. Who reads too slowly is cut off, and comes back where it was. */
function stream(open: Stream, outgoing: ServerResponse): void {
  let waiting = '';
  let isOver = false;
  const flush = () => {
    outgoing.write(waiting);
    waiting = '';
    if (outgoing.writableLength > most) outgoing.destroy();
  };
  outgoing.flushHeaders();
  const close = open({
    take(event) {
      if (isOver) return;
      if (waiting === '') setImmediate(flush);
      waiting += `${JSON.stringify(event)}\n`;
    },
    end() {
      isOver = true;
      setImmediate(() => outgoing.end());
    },
  });
  // The first state of a large cluster is long, and that is no slowness of whoever reads it.
  const most = waiting.length + backlogBytes;
  outgoing.on('close', close);
}
