import { createSecureContext } from 'node:tls';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { KubeConfig } from '@kubernetes/client-node';
import { Agent, ProxyAgent, type Dispatcher } from 'undici';
import { createCredentials, type AskCredentials, type Identity } from './credentials.ts';
import type { Environment } from './exec.ts';
import { Fault, faultOf } from './fault.ts';
import { limitOf, machineTime, type Limit, type Time } from './pace.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'patch' | 'delete';

export interface Call {
  readonly verb: Verb;
  /** For metrics: `pods`, `deployments.apps`. */
  readonly resource: string;
  readonly path: string;
  /** Where an answer may come in another form than the usual. */
  readonly accept?: string | undefined;
  readonly contentType?: string | undefined;
  readonly body?: string | undefined;
  /** Up to the last byte of an answer, or to the head of a stream. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Asked when the first byte is about to leave: false keeps the request from leaving at all. */
  readonly fence?: (() => boolean) | undefined;
}

export interface Answer {
  readonly kind: 'answer';
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface Stream {
  readonly kind: 'stream';
  readonly body: AsyncIterable<Buffer>;
}

/** Carries a call to the API server and its answer back, whatever the answer says. */
export interface Transport {
  readonly server: string;
  send(call: Call): Promise<Answer>;
  open(call: Call): Promise<Stream | Answer>;
  close(): Promise<void>;
}

/** Told of each request with its code, or with the key of the fault when there was no answer. */
export type Observe = (verb: Verb, resource: string, code: string, seconds: number) => void;

/** Told what an answer says the time is, and when, by our clock, it was asked for. */
export type ObserveDate = (date: string, sentAt: number) => void;

export interface TransportOptions {
  /** Of the product, for the User-Agent by which audit logs know us. */
  readonly version: string;
  readonly observe?: Observe | undefined;
  readonly observeDate?: ObserveDate | undefined;
  /** Handed to credential plugins. */
  readonly environment?: Environment | undefined;
  readonly time?: Time | undefined;
  /** Lists come compressed: less to wait for, at some cost to whoever answers. */
  readonly zipsLists?: boolean | undefined;
  /** How many there are at most. To come by one takes as long as a short answer. */
  readonly connections?: number | undefined;
}

const methods = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  patch: 'PATCH',
  delete: 'DELETE',
} as const satisfies Record<Verb, Dispatcher.HttpMethod>;

const connectLimitMs = 10_000;
/** No page of 500 objects comes near; beyond it something is feeding us without end. */
const longestAnswer = 256 * 1024 * 1024;

export function createTransport(kubeConfig: KubeConfig, options: TransportOptions): Transport {
  const cluster = kubeConfig.getCurrentCluster();
  if (!cluster) throw new Fault('CredentialsUnavailable', { text: 'the context names no cluster' });
  const { server, proxyUrl } = cluster;
  const time = options.time ?? machineTime;
  const ask = createCredentials(kubeConfig, options.environment ?? {}, time);
  const pool = createPool((identity) => createAgent(identity, proxyUrl, options.connections));
  const { origin, pathname } = new URL(server);

  const attempt = (call: Call, signal: AbortSignal) =>
    requestTwice(call, ask, async ({ headers, identity }) => {
      const sentAt = time.now();
      const response = await pool.of(identity, call.fence).request({
        origin,
        path: pathname.replace(/\/+$/, '') + call.path,
        method: methods[call.verb],
        headers: { ...headersOf(call, options), ...headers },
        body: call.body ?? null,
        signal,
        // Our own deadline counts: one limit for credentials, head and body alike.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      const { date } = response.headers;
      if (typeof date === 'string') options.observeDate?.(date, sentAt);
      return response;
    });

  return {
    server,
    send: (call) =>
      observed(call, options, async (limit) => wholeOf(await attempt(call, limit.signal))),
    open: (call) =>
      observed(call, options, async (limit) => {
        const response = await attempt(call, limit.signal);
        if (response.statusCode !== 200) return wholeOf(response);
        return { kind: 'stream', body: response.body as AsyncIterable<Buffer> };
      }),
    close: () => pool.close(),
  };
}

const headersOf = ({ verb, contentType, accept }: Call, options: TransportOptions) => ({
  accept: accept ?? 'application/json',
  ...(options.zipsLists && verb === 'list' ? { 'accept-encoding': 'gzip' } : {}),
  'user-agent': `otel-retrofit/${options.version}`,
  ...(contentType ? { 'content-type': contentType } : {}),
});

/** Credentials that were refused are read anew once: nothing was carried out, so even a write may be repeated. */
async function requestTwice(
  { signal }: Call,
  ask: AskCredentials,
  request: (credentials: Awaited<ReturnType<AskCredentials>>) => Promise<Dispatcher.ResponseData>,
): Promise<Dispatcher.ResponseData> {
  const first = await request(await ask(false));
  if (first.statusCode !== 401 || signal?.aborted) return first;
  await first.body.dump();
  return request(await ask(true));
}

/** Runs one request within its deadline, tells what came of it, and throws nothing but Faults. */
async function observed<T extends Answer | Stream>(
  call: Call,
  { observe, time = machineTime }: TransportOptions,
  run: (limit: Limit) => Promise<T>,
): Promise<T> {
  const startedAt = time.now();
  const limit = limitOf(call.deadlineMs, call.signal);
  const tell = (code: string) =>
    observe?.(call.verb, call.resource, code, (time.now() - startedAt) / 1_000);
  try {
    const result = await Promise.race([run(limit), limit.passed]);
    tell(result.kind === 'answer' ? String(result.code) : '200');
    if (result.kind === 'answer') limit.lift();
    else limit.liftDeadline();
    return result;
  } catch (error) {
    limit.lift();
    const fault = faultOf(error);
    tell(fault.key);
    throw fault;
  }
}

async function wholeOf({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<Answer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > longestAnswer) throw new Fault('Garbled', { text: 'the answer does not end' });
    chunks.push(chunk);
  }
  const whole = Buffer.concat(chunks);
  const bytes = headers['content-encoding'] === 'gzip' ? await unzipped(whole) : whole;
  return { kind: 'answer', code: statusCode, headers, text: bytes.toString() };
}

const unzip = promisify(gunzip);

const unzipped = (bytes: Buffer): Promise<Buffer> =>
  unzip(bytes, { maxOutputLength: longestAnswer }).catch(() => {
    throw new Fault('Garbled', { text: 'an answer that cannot be unpacked' });
  });

interface Pool {
  of(identity: Identity, fence?: () => boolean): Dispatcher;
  close(): Promise<void>;
}

/** One Agent for as long as we are the same; requests under way on a former one end there in peace. */
function createPool(agentFor: (identity: Identity) => Dispatcher): Pool {
  let current: { readonly name: string; readonly agent: Dispatcher } | undefined;
  const agents = new Set<Dispatcher>();

  function agentOf(identity: Identity): Dispatcher {
    const name = JSON.stringify(identity);
    if (current?.name === name) return current.agent;
    const former = current?.agent;
    void former?.close().then(() => agents.delete(former));
    current = { name, agent: agentFor(identity) };
    agents.add(current.agent);
    return current.agent;
  }

  return {
    of: (identity, fence) =>
      fence ? agentOf(identity).compose(fencing(fence)) : agentOf(identity),
    close: async () => {
      await Promise.all(Array.from(agents, (agent) => agent.destroy()));
    },
  };
}

/**
 * HTTP/1.1 on purpose: over one HTTP/2 connection a stuck stream blocks all others, and undici's
 * ping never ends a dead session. TCP keepalive finds a dead peer after 15 s and ten probes.
 */
function createAgent(identity: Identity, proxyUrl?: string, connections = 64): Dispatcher {
  const reach = { timeout: connectLimitMs, keepAlive: true, keepAliveInitialDelay: 15_000 };
  // To read certificates takes longer than to make a connection, so all share what was read.
  const connect = { ...identity, ...reach, secureContext: createSecureContext(identity) };
  return proxyUrl
    ? new ProxyAgent({ uri: proxyUrl, requestTls: connect, allowH2: false })
    : new Agent({ connect, allowH2: false, connections, pipelining: 1 });
}

/**
 * A request can wait for a connection, and the whole process can stall meanwhile: so the question
 * whether it may leave is asked where undici is about to write its first byte.
 */
const fencing =
  (fence: () => boolean): Dispatcher.DispatcherComposeInterceptor =>
  (dispatch) =>
  (options, handler) =>
    dispatch(options, {
      onRequestStart: (controller, context: unknown) => {
        if (fence()) handler.onRequestStart?.(controller, context);
        else controller.abort(new Fault('LeaseLost'));
      },
      onRequestUpgrade: (...given) => handler.onRequestUpgrade?.(...given),
      onResponseStart: (...given) => handler.onResponseStart?.(...given),
      onResponseData: (...given) => handler.onResponseData?.(...given),
      onResponseEnd: (...given) => handler.onResponseEnd?.(...given),
      onResponseError: (...given) => handler.onResponseError?.(...given),
    });
