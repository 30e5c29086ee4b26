import type { FaultKey } from '../../../domain/faults.ts';
import { objectAt, type JsonObject } from '../../../domain/json.ts';
import type { RoundFact } from '../../../domain/restart/facts.ts';
import type { ObservedInstrumentation } from '../../../domain/restart/records/instrumentation.ts';
import { statusJson, type InstrumentationStatus } from '../../../domain/status/status.ts';
import { isEqual, writeOf } from '../../../domain/status/write.ts';
import type { Records } from '../../kube/cache.ts';
import type { Client } from '../../kube/client.ts';
import { faultOf } from '../../kube/fault.ts';
import type { Time } from '../../kube/pace.ts';
import { resources } from '../kinds.ts';

export interface StatusesOptions {
  readonly client: Pick<Client, 'mergePatch'>;
  readonly instrumentations: Pick<Records<ObservedInstrumentation>, 'keys' | 'get'>;
  readonly fence: () => boolean;
  readonly queue: (write: () => Promise<void>) => Promise<void>;
  readonly record: (fact: RoundFact) => void;
  readonly time: Time;
}

/** What was written, until the cache shows it. */
interface Written {
  readonly uid: string;
  readonly status: JsonObject;
  readonly at: number;
  /** The Instrumentation with it, as the next rounds see it for as long as the cache shows the same. */
  readonly shown?: {
    readonly over: ObservedInstrumentation;
    readonly one: ObservedInstrumentation;
  };
}

/** An Instrumentation whose status says what it is to say. */
interface Settled {
  readonly one: ObservedInstrumentation;
  readonly status: InstrumentationStatus;
}

const soonMs = 30_000;
const retryMs = 10_000;
/** Mostly the write that is under way has ended by then. */
const soonerMs = 100;
/** A cache that still shows something else after so long has seen what others wrote. */
const lagMs = 10_000;

/** Says of each Instrumentation how it stands, as often as it has to and no oftener. */
export class Statuses {
  readonly #options: StatusesOptions;
  readonly #written = new Map<string, Written>();
  readonly #dueAt = new Map<string, number>();
  readonly #retryAt = new Map<string, number>();
  readonly #underWay = new Set<string>();
  readonly #settled = new Map<string, Settled>();
  /** When to look again at one that could not be written as it was observed. */
  #againAt = Infinity;
  #isKept = true;

  constructor(options: StatusesOptions) {
    this.#options = options;
  }

  /** Whether the installed definition has room for what we say. */
  get isKept(): boolean {
    return this.#isKept;
  }

  /** When something that could wait has waited long enough, by the monotonic clock. */
  dueAt(): number {
    return Math.min(...this.#dueAt.values(), this.#againAt);
  }

  /** Every Instrumentation with the status that was written last, be it in the cache yet or not. */
  observed(): ReadonlyMap<string, ObservedInstrumentation> {
    const { instrumentations } = this.#options;
    this.#againAt = Infinity;
    for (const each of [this.#written, this.#dueAt, this.#retryAt, this.#settled])
      for (const key of each.keys()) if (!instrumentations.get(key)) each.delete(key);
    const all = new Map<string, ObservedInstrumentation>();
    for (const key of instrumentations.keys()) {
      const one = this.#observe(key);
      if (one) all.set(key, one);
    }
    return all;
  }

  /**
   * Says of one, as it was observed, how it stands. The promise ends when it is written, and is only
   * for those who cannot go on before.
   */
  write(one: ObservedInstrumentation, status: InstrumentationStatus): Promise<void> | undefined {
    const key = nameOf(one);
    const settled = this.#settled.get(key);
    if (settled?.one === one && settled.status === status) return undefined;
    const now = this.#options.time.now();
    if (one.deletedAt !== undefined) this.#dueAt.delete(key);
    else if (this.#underWay.has(key)) this.#againAt = Math.min(this.#againAt, now + soonerMs);
    else if (this.#observe(key) !== one) this.#againAt = now;
    else return this.#say(one, status, now);
    return undefined;
  }

  #say(
    one: ObservedInstrumentation,
    status: InstrumentationStatus,
    now: number,
  ): Promise<void> | undefined {
    const key = nameOf(one);
    const said = writeOf(one.status, status);
    if (said.kind === 'none') this.#settle(key, { one, status });
    else if (!this.#isKept) this.#remember(one, statusJson(status));
    else if (said.kind === 'now' || (this.#dueAt.get(key) ?? 0) <= now) {
      if ((this.#retryAt.get(key) ?? 0) > now) return undefined;
      this.#underWay.add(key);
      this.#dueAt.delete(key);
      return this.#options.queue(() => this.#write(one, statusJson(status), said.patch));
    }
    return undefined;
  }

  #settle(key: string, settled: Settled): void {
    this.#dueAt.delete(key);
    this.#settled.set(key, settled);
  }

  #observe(key: string): ObservedInstrumentation | undefined {
    const seen = this.#options.instrumentations.get(key);
    const own = this.#written.get(key);
    if (seen === undefined || own?.uid !== seen.uid) return seen;
    const isOld = this.#isKept && this.#options.time.now() - own.at > lagMs;
    if (!isOld && own.shown?.over === seen) return own.shown.one;
    const hasCaughtUp = isEqual(seen.status, own.status);
    if (!hasCaughtUp && !isOld) {
      const one = { ...seen, status: own.status };
      this.#written.set(key, { ...own, shown: { over: seen, one } });
      return one;
    }
    this.#written.delete(key);
    return seen;
  }

  async #write(one: ObservedInstrumentation, status: JsonObject, patch: JsonObject): Promise<void> {
    try {
      const answer = await send(this.#options, one, patch);
      if (Object.keys(status).every((member) => member in answer)) this.#remember(one, answer);
      else this.#giveUp(one, status);
    } catch (error) {
      const fault = faultOf(error).key;
      if (fault === 'KindAbsent') this.#giveUp(one, status);
      else this.#putOff(one, fault);
    } finally {
      this.#underWay.delete(nameOf(one));
    }
  }

  #remember(one: ObservedInstrumentation, status: JsonObject): void {
    const at = this.#options.time.now();
    this.#written.set(nameOf(one), { uid: one.uid, status, at });
    this.#dueAt.set(nameOf(one), at + soonMs);
  }

  /** Written again it would be pruned again, for ever; what the plan rests on is kept here instead. */
  #giveUp(one: ObservedInstrumentation, status: JsonObject): void {
    this.#remember(one, status);
    if (this.#isKept) this.#options.record({ type: 'StatusNotKept', instrumentation: nameOf(one) });
    this.#isKept = false;
  }

  #putOff(one: ObservedInstrumentation, fault: FaultKey): void {
    const at = this.#options.time.now() + retryMs;
    this.#retryAt.set(nameOf(one), at);
    this.#dueAt.set(nameOf(one), at);
    if (!expected.has(fault))
      this.#options.record({ type: 'StatusWriteFailed', instrumentation: nameOf(one), fault });
  }
}

/** Somebody was faster, or we are no longer the one to speak. */
const expected: ReadonlySet<FaultKey> = new Set([
  'NotFound',
  'Conflict',
  'NamespaceEnding',
  'LeaseLost',
  'Cancelled',
]);

const nameOf = ({ namespace, name }: ObservedInstrumentation) => `${namespace}/${name}`;

async function send(
  { client, fence }: StatusesOptions,
  { namespace, name, uid }: ObservedInstrumentation,
  patch: JsonObject,
): Promise<JsonObject> {
  const place = { resource: resources.instrumentations, namespace, name, subresource: 'status' };
  const body = { metadata: { uid }, ...patch };
  // A definition without room for it is seen by the answer, which strictness would turn into a refusal.
  const answer = await client.mergePatch(place, body, { fence, fieldValidation: 'Ignore' });
  return objectAt(answer, 'status') ?? {};
}
