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
import { Room } from './room.ts';

export interface StatusesOptions {
  readonly client: Pick<Client, 'mergePatch'>;
  readonly instrumentations: Pick<Records<ObservedInstrumentation>, 'keys' | 'get'>;
  readonly fence: () => boolean;
  readonly queue: (write: () => Promise<void>) => Promise<void>;
  readonly record: (fact: RoundFact) => void;
  /** Told when what was held back can be written after all. */
  readonly onRoom: () => void;
  readonly time: Time;
}

/** What was written, until the cache shows it. */
interface Written {
  readonly uid: string;
  readonly status: JsonObject;
  readonly at: number;
  /** It is known here alone, since the installed definition has no room for it. */
  readonly isHeld: boolean;
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
  readonly #room = new Room();
  /** Whether one of this round may try if there is room again. */
  #isTrying = false;

  constructor(options: StatusesOptions) {
    this.#options = options;
  }

  /** Whether the installed definition has room for what we say. */
  get isKept(): boolean {
    return this.#room.isThere;
  }

  /** The installed definition may be another one than that which had no room. */
  suspect(): void {
    this.#room.suspect(this.#options.time.now());
  }

  /** When something that could wait has waited long enough, by the monotonic clock. */
  dueAt(): number {
    return Math.min(...this.#dueAt.values(), this.#againAt, this.#room.nextTryAt);
  }

  /** Every Instrumentation with the status that was written last, be it in the cache yet or not. */
  observed(): ReadonlyMap<string, ObservedInstrumentation> {
    const { instrumentations, time } = this.#options;
    this.#againAt = Infinity;
    this.#isTrying = this.#room.takeTry(time.now());
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
    const isSettled = settled?.one === one && settled.status === status;
    if (isSettled && !this.#isTrying) return undefined;
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
    const isHeld = this.#written.get(key)?.isHeld === true;
    const isUnsaid = this.#isTrying || (this.isKept && isHeld);
    const said = writeOf(isUnsaid ? {} : one.status, status);
    if (said.kind === 'none') this.#settle(key, { one, status });
    else if (!this.isKept && !this.#isTrying) this.#hold(one, statusJson(status));
    else if (said.kind === 'now' || (this.#dueAt.get(key) ?? 0) <= now) {
      if ((this.#retryAt.get(key) ?? 0) > now) return undefined;
      this.#isTrying = false;
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
    const mayBeOld = this.isKept && !own.isHeld;
    const isOld = mayBeOld && this.#options.time.now() - own.at > lagMs;
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
      if (Object.keys(status).every((member) => member in answer)) this.#keep(one, answer);
      else this.#giveUp(one, status);
    } catch (error) {
      const fault = faultOf(error).key;
      if (fault === 'KindAbsent') this.#giveUp(one, status);
      else this.#putOff(one, fault);
    } finally {
      this.#underWay.delete(nameOf(one));
    }
  }

  /** What was held back follows in the next round. */
  #keep(one: ObservedInstrumentation, status: JsonObject): void {
    this.#remember(one, status, false);
    if (!this.#room.find()) return;
    this.#settled.clear();
    this.#options.onRoom();
  }

  /** Written again it would be pruned again, and again; what the plan rests on is kept here instead. */
  #giveUp(one: ObservedInstrumentation, status: JsonObject): void {
    this.#hold(one, status);
    if (this.#room.miss(this.#options.time.now()))
      this.#options.record({ type: 'StatusNotKept', instrumentation: nameOf(one) });
  }

  #hold(one: ObservedInstrumentation, status: JsonObject): void {
    this.#remember(one, status, true);
  }

  #remember(one: ObservedInstrumentation, status: JsonObject, isHeld: boolean): void {
    const at = this.#options.time.now();
    this.#written.set(nameOf(one), { uid: one.uid, status, at, isHeld });
    this.#dueAt.set(nameOf(one), at + soonMs);
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
