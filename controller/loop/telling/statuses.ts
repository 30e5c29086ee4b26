import type { FaultKey } from '../../../domain/faults.ts';
import { objectAt, type JsonObject } from '../../../domain/json.ts';
import type { RoundFact } from '../../../domain/restart/facts.ts';
import type { ObservedInstrumentation } from '../../../domain/restart/records/instrumentation.ts';
import { statusJson, type InstrumentationStatus } from '../../../domain/status/status.ts';
import { writeOf } from '../../../domain/status/write.ts';
import { canonical } from '../../../domain/injection/stamp.ts';
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
}

const soonMs = 30_000;
const retryMs = 10_000;
/** A cache that still shows something else after so long has seen what others wrote. */
const lagMs = 10_000;

/** Says of each Instrumentation how it stands, as often as it has to and no oftener. */
export class Statuses {
  readonly #options: StatusesOptions;
  readonly #written = new Map<string, Written>();
  readonly #dueAt = new Map<string, number>();
  readonly #retryAt = new Map<string, number>();
  readonly #underWay = new Set<string>();
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
    return Math.min(...this.#dueAt.values(), Number.POSITIVE_INFINITY);
  }

  /** Every Instrumentation with the status that was written last, be it in the cache yet or not. */
  observed(): ReadonlyMap<string, ObservedInstrumentation> {
    const { instrumentations } = this.#options;
    for (const each of [this.#written, this.#dueAt, this.#retryAt])
      for (const key of each.keys()) if (!instrumentations.get(key)) each.delete(key);
    const all = new Map<string, ObservedInstrumentation>();
    for (const key of instrumentations.keys()) {
      const one = this.#observe(key);
      if (one) all.set(key, one);
    }
    return all;
  }

  /** Ends when those have been written that the next plan rests on. */
  async write(
    wanted: ReadonlyMap<string, InstrumentationStatus>,
    isBinding: (name: string) => boolean,
  ): Promise<void> {
    const binding: Promise<void>[] = [];
    for (const [key, status] of wanted) {
      const writing = this.#writeIfDue(key, status);
      if (writing && isBinding(key)) binding.push(writing);
    }
    await Promise.all(binding);
  }

  #writeIfDue(key: string, status: InstrumentationStatus): Promise<void> | undefined {
    const now = this.#options.time.now();
    const one = this.#observe(key);
    if (one === undefined || one.deletedAt !== undefined || this.#underWay.has(key))
      return undefined;
    const said = writeOf(one.status, status);
    if (said.kind === 'none') this.#dueAt.delete(key);
    else if (!this.#isKept) this.#remember(one, statusJson(status));
    else if (said.kind === 'now' || (this.#dueAt.get(key) ?? 0) <= now) {
      if ((this.#retryAt.get(key) ?? 0) > now) return undefined;
      this.#underWay.add(key);
      return this.#options.queue(() => this.#write(one, statusJson(status), said.patch));
    }
    return undefined;
  }

  #observe(key: string): ObservedInstrumentation | undefined {
    const seen = this.#options.instrumentations.get(key);
    const own = this.#written.get(key);
    if (seen === undefined || own?.uid !== seen.uid) return seen;
    const hasCaughtUp = canonical(seen.status) === canonical(own.status);
    const isOld = this.#isKept && this.#options.time.now() - own.at > lagMs;
    if (!hasCaughtUp && !isOld) return { ...seen, status: own.status };
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
    this.#retryAt.set(nameOf(one), this.#options.time.now() + retryMs);
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
  const answer = await client.mergePatch(place, body, { fence });
  return objectAt(answer, 'status') ?? {};
}
