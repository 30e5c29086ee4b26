import { names } from '../../crds/names.ts';
import { listAt, objectAt, textAt, type Json, type JsonObject } from '../../domain/json.ts';
import { Fault, faultOf, faultOfAnswer } from './fault.ts';
import {
  createFlow,
  machineTime,
  usualFlow,
  type Dice,
  type FlowLimits,
  type Priority,
  type Time,
} from './pace.ts';
import { labelOf, pathOf, type KubeObject, type Place, type Query } from './resource.ts';
import { kubeObject, parsed, readEvents, type WatchEvent } from './stream.ts';
import type { Call, Transport, Verb } from './transport.ts';

export interface CallOptions {
  /** For the whole call, waits and repeats included. */
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * The lease passes all others and is never repeated here, for it has a clock of its own. All others
   * pass what is spare.
   */
  readonly priority?: Priority | undefined;
}

export interface WriteOptions extends CallOptions {
  readonly dryRun?: boolean | undefined;
  readonly fieldManager?: string | undefined;
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict' | undefined;
  /** Asked when the write is about to leave: false keeps it here, with the fault LeaseLost. */
  readonly fence?: (() => boolean) | undefined;
}

export interface ListOptions extends CallOptions {
  /** Metadata alone, from whoever can leave out the rest: others send their objects whole. */
  readonly metadataOnly?: boolean | undefined;
}

export interface Preconditions {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

export interface Page {
  readonly items: readonly KubeObject[];
  readonly version: string;
  readonly next: string | undefined;
}

/** The calls we make, and no others. Each throws a Fault when it did not work. */
export interface Client {
  get(place: Place, options?: CallOptions): Promise<KubeObject>;
  list(place: Place, query?: Query, options?: ListOptions): Promise<Page>;
  /** The deadline is for the head of the answer; the stream then lasts until either side ends it. */
  watch(place: Place, query: Query, options?: CallOptions): Promise<AsyncIterable<WatchEvent>>;
  /** Not every kind that can be created is stored: a review comes back without a name. */
  create(place: Place, object: JsonObject, options?: WriteOptions): Promise<JsonObject>;
  mergePatch(place: Place, patch: JsonObject, options?: WriteOptions): Promise<KubeObject>;
  jsonPatch(place: Place, patch: readonly Json[], options?: WriteOptions): Promise<KubeObject>;
  delete(place: Place, only: Preconditions, options?: WriteOptions): Promise<void>;
}

export interface ClientOptions {
  readonly flow?: FlowLimits | undefined;
  readonly time?: Time | undefined;
  readonly dice?: Dice | undefined;
}

const readLimitMs = 60_000;
const writeLimitMs = 5_000;
const headLimitMs = 30_000;
const repeats = 3;

export function createClient(transport: Transport, options: ClientOptions = {}): Client {
  const carrier = createCarrier(transport, options);
  return { ...readsOf(carrier), ...writesOf(carrier) };
}

/** Brings calls through: each in its turn, again where that is safe, within its deadline. */
interface Carrier {
  send<T>(call: Call, read: (text: string) => T, priority?: Priority): Promise<T>;
  open(call: Call, priority?: Priority): Promise<AsyncIterable<Buffer>>;
}

type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failed'; readonly fault: Fault };

function createCarrier(transport: Transport, options: ClientOptions): Carrier {
  const { time = machineTime, dice = Math.random } = options;
  const flow = createFlow(options.flow ?? usualFlow, time);

  async function send<T>(
    call: Call,
    read: (text: string) => T,
    priority: Priority = 'normal',
  ): Promise<T> {
    const endsAt = time.now() + call.deadlineMs;
    for (let failures = 0; ; failures += 1) {
      await pass(call, priority);
      const deadlineMs = endsAt - time.now();
      if (deadlineMs <= 0) throw new Fault('TimedOut');
      const outcome = await attempt({ ...call, deadlineMs }, read);
      if (outcome.kind === 'done') return outcome.value;
      const { fault } = outcome;
      const pauseMs = Math.max(dice() * pauseAfter(failures), fault.retryAfterMs ?? 0);
      const last = priority === 'lease' || failures >= repeats || !mayRepeat(fault, call.verb);
      if (last || time.now() + pauseMs >= endsAt) throw fault;
      await time.wait(pauseMs, call.signal);
    }
  }

  async function pass({ signal, fence }: Call, priority: Priority): Promise<void> {
    await flow.pass(priority, signal);
    if (signal?.aborted) throw new Fault('Cancelled');
    if (fence && !fence()) throw new Fault('LeaseLost');
  }

  async function attempt<T>(call: Call, read: (text: string) => T): Promise<Outcome<T>> {
    try {
      const answer = await transport.send(call);
      const isDone = answer.code >= 200 && answer.code < 300;
      if (!isDone) throw faultOfAnswer(answer, call.body !== undefined);
      return { kind: 'done', value: read(answer.text) };
    } catch (error) {
      return { kind: 'failed', fault: faultOf(error) };
    }
  }

  async function open(call: Call, priority: Priority = 'normal'): Promise<AsyncIterable<Buffer>> {
    await pass(call, priority);
    const opened = await transport.open(call);
    if (opened.kind === 'answer') throw faultOfAnswer(opened, false);
    return opened.body;
  }

  return { send, open };
}

const pauseAfter = (failures: number) => Math.min(200 * 2 ** failures, 5_000);

function readsOf(carrier: Carrier): Pick<Client, 'get' | 'list' | 'watch'> {
  return {
    get: (at, given = {}) => carrier.send(reading('get', at, {}, given), stored, given.priority),
    list: (at, query = {}, given = {}) => {
      const accept = given.metadataOnly ? partly : undefined;
      const call = { ...reading('list', at, query, given), accept };
      return carrier.send(call, pageIn, given.priority);
    },
    watch: async (at, query, given = {}) => {
      const asked = { ...query, watch: true, allowWatchBookmarks: true };
      const call = reading('watch', at, asked, {
        ...given,
        deadlineMs: given.deadlineMs ?? headLimitMs,
      });
      return readEvents(await carrier.open(call, given.priority));
    },
  };
}

const partly =
  'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json;q=0.9';

function writesOf(
  carrier: Carrier,
): Pick<Client, 'create' | 'mergePatch' | 'jsonPatch' | 'delete'> {
  const patch = (type: string, at: Place, body: Json, given: WriteOptions = {}) => {
    const call = writing('patch', at, given, { contentType: `application/${type}`, body });
    return carrier.send(call, stored, given.priority);
  };
  return {
    mergePatch: (at, body, given) => patch('merge-patch+json', at, body, given),
    jsonPatch: (at, body, given) => patch('json-patch+json', at, body, given),
    create: (at, body, given = {}) => {
      const call = writing('create', at, given, { contentType: 'application/json', body });
      return carrier.send(call, (text) => parsed(text, 'an answer'), given.priority);
    },
    delete: (at, only, given = {}) => {
      const body = {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        preconditions: Object.fromEntries(Object.entries(only)),
        ...(given.dryRun ? { dryRun: ['All'] } : {}),
      };
      const call = writing('delete', at, given, { contentType: 'application/json', body });
      return carrier.send({ ...call, path: pathOf(at) }, () => undefined, given.priority);
    },
  };
}

function reading(verb: Verb, at: Place, query: Query, given: CallOptions): Call {
  const { deadlineMs = readLimitMs, signal } = given;
  return { verb, resource: labelOf(at), path: pathOf(at, query), deadlineMs, signal };
}

function writing(
  verb: Verb,
  at: Place,
  given: WriteOptions,
  { contentType, body }: { readonly contentType: string; readonly body: Json },
): Call {
  const query = {
    fieldManager: given.fieldManager ?? names.fieldManager,
    fieldValidation: given.fieldValidation ?? 'Strict',
    dryRun: given.dryRun ? 'All' : undefined,
  };
  const call = reading(verb, at, query, { ...given, deadlineMs: given.deadlineMs ?? writeLimitMs });
  return { ...call, contentType, body: JSON.stringify(body), fence: given.fence };
}

/**
 * A read may be sent again whenever that can help. A write only when it was surely not carried out:
 * after anything else the caller must look first, because a second one may undo what came between.
 */
function mayRepeat({ key }: Fault, verb: Verb): boolean {
  if (verb === 'get' || verb === 'list') return repeatableReads.has(key);
  return key === 'Unreachable' || key === 'TooManyRequests' || key === 'StorageStarting';
}

const repeatableReads: ReadonlySet<string> = new Set([
  'Unreachable',
  'ConnectionBroken',
  'TimedOut',
  'TooManyRequests',
  'StorageStarting',
  'ServerFailed',
  'Garbled',
]);

const stored = (text: string): KubeObject => kubeObject(parsed(text, 'an answer'));

function pageIn(text: string): Page {
  const list = parsed(text, 'a list');
  const metadata = objectAt(list, 'metadata');
  const version = metadata && textAt(metadata, 'resourceVersion');
  if (!metadata || !version) throw new Fault('Garbled', { text: 'a list without a version' });
  const items = (listAt(list, 'items') ?? []).map(kubeObject);
  return { items, version, next: textAt(metadata, 'continue') };
}
