import { Cache, type Indexes, type OnChange, type Records } from './cache.ts';
import type { Client } from './client.ts';
import { contained, Fault, faultOf } from './fault.ts';
import {
  backOff,
  machineTime,
  usualLimits,
  type Dice,
  type ReflectorLimits,
  type Time,
} from './pace.ts';
import { keyOf, type KubeObject, type Place, type Query } from './resource.ts';
import { guardStream, type Guard, type WatchEvent } from './stream.ts';

/** `absent`: the server does not know the kind, most often since its CRD is not installed yet. */
export type ReflectorState = 'starting' | 'live' | 'failing' | 'absent';

export interface ReflectorOptions<R> extends Place {
  readonly client: Client;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** What is kept of an object, which itself is let go at once. Undefined: it is of no interest. */
  readonly project: (object: KubeObject) => R | undefined;
  readonly indexes?: Indexes<R> | undefined;
  readonly onChange: OnChange<R>;
  readonly onState?: ((state: ReflectorState) => void) | undefined;
  /** Told of each fault and of the pause that follows; also of mistakes in `project` and `onChange`. */
  readonly onFault?: ((fault: Fault, pauseMs: number) => void) | undefined;
  readonly time?: Time | undefined;
  readonly dice?: Dice | undefined;
  readonly limits?: Partial<ReflectorLimits> | undefined;
}

/** Keeps records of all objects of a kind, as fresh as the server and the network allow. */
export interface Reflector<R> {
  /** Runs until the signal is given, and never fails before. */
  run(signal: AbortSignal): Promise<void>;
  readonly records: Records<R>;
  /** Whether everything was read once. It stays so while the connection is lost: see `state`. */
  readonly synced: boolean;
  readonly state: ReflectorState;
  /** On the wall clock: when the server last said anything on the stream. */
  readonly lastEventAt: number | undefined;
}

export function createReflector<R>(options: ReflectorOptions<R>): Reflector<R> {
  return new ListWatch(options);
}

const initialEvents: Query = { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' };

class ListWatch<R> implements Reflector<R> {
  readonly #options: ReflectorOptions<R>;
  readonly #limits: ReflectorLimits;
  readonly #time: Time;
  readonly #dice: Dice;
  readonly #cache: Cache<R>;
  readonly #place: Place;
  readonly #selectors: Query;
  /** Whether the cache is a state from which a watch can go on. */
  #followable = false;
  #streamsInitial = true;
  #failures = 0;
  #absences = 0;
  #behindSince: number | undefined;
  synced = false;
  state: ReflectorState = 'starting';
  lastEventAt: number | undefined;

  constructor(options: ReflectorOptions<R>) {
    const { resource, namespace, labelSelector, fieldSelector } = options;
    this.#options = options;
    this.#place = { resource, namespace };
    this.#selectors = { labelSelector, fieldSelector };
    this.#limits = { ...usualLimits, ...options.limits };
    this.#time = options.time ?? machineTime;
    this.#dice = options.dice ?? Math.random;
    this.#cache = new Cache<R>(options.indexes ?? {}, (key, now, before) =>
      contained(() => options.onChange(key, now, before), this.#tell),
    );
  }

  get records(): Records<R> {
    return this.#cache;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#followable || this.#streamsInitial) await this.#watch(signal);
        else await this.#list(signal);
      } catch (error) {
        if (!signal.aborted) await this.#recover(faultOf(error), signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    this.#cache.begin();
    let next: string | undefined;
    do {
      const query = { ...this.#selectors, limit: this.#limits.pageSize, continue: next };
      const call = { deadlineMs: this.#limits.pageMs, signal };
      const page = await this.#options.client.list(this.#place, query, call);
      // All pages are of the first page's version, so this shows before anything is taken over.
      if (this.#cache.isPast(page.version)) throw new Fault('ServerBehind');
      for (const object of page.items) this.#take({ kind: 'stored', object });
      next = page.next;
      if (next === undefined) this.#finish(page.version);
    } while (next !== undefined);
  }

  /** One stream: from where we are, or, before that is known, from all there is and on. */
  async #watch(outer: AbortSignal): Promise<void> {
    const { watchSeconds, overtimeMs, silenceMs, initialSilenceMs } = this.#limits;
    const seconds = watchSeconds.least + this.#dice() * (watchSeconds.most - watchSeconds.least);
    const guard = guardStream(outer, this.#time, {
      lifeMs: seconds * 1_000 + overtimeMs,
      silenceMs: () => (this.#followable ? silenceMs : initialSilenceMs),
    });
    try {
      await this.#follow(guard, Math.ceil(seconds));
    } catch (error) {
      if (guard.fellSilent) this.#distrustSilence();
      throw guard.signal.aborted ? guard.signal.reason : error;
    } finally {
      guard.end();
    }
  }

  async #follow(guard: Guard, timeoutSeconds: number): Promise<void> {
    const from = this.#followable ? { resourceVersion: this.#cache.newest } : initialEvents;
    if (!this.#followable) this.#cache.begin();
    const query = { ...this.#selectors, ...from, timeoutSeconds };
    const call = { deadlineMs: this.#limits.headMs, signal: guard.signal };
    const events = await this.#options.client.watch(this.#place, query, call);
    guard.hear();
    const openedAt = this.#time.now();
    const isShort = () => this.#time.now() - openedAt < this.#limits.shortMs;
    if (this.#followable) this.#enter('live');
    try {
      for await (const event of events) {
        guard.hear();
        this.#hear(event);
      }
    } finally {
      if (!isShort()) this.#failures = 0;
    }
    if (!this.#followable) throw new Fault('ConnectionBroken', { text: 'before all was sent' });
    if (isShort()) throw new Fault('ConnectionBroken', { text: 'as soon as it was made' });
  }

  #hear(event: WatchEvent): void {
    this.lastEventAt = this.#time.wall();
    if (event.kind === 'bookmark') return this.#mark(event.version, event.initialEnd);
    this.#take(event);
    if (this.#followable) this.#failures = 0;
  }

  /** A bookmark from the past comes from a server that does not know yet what we know. */
  #mark(version: string, initialEnd: boolean): void {
    if (this.#cache.isPast(version)) throw new Fault('ServerBehind');
    if (this.#followable) this.#cache.advance(version);
    else if (initialEnd) this.#finish(version);
  }

  #take({ kind, object }: Extract<WatchEvent, { readonly object: KubeObject }>): void {
    const { uid, resourceVersion: version } = object.metadata;
    const at = { key: keyOf(object.metadata), uid, version };
    // A watch tells everything once and in order, so what is not new was said twice on the way.
    if (this.#followable && !this.#cache.isNews(version)) return;
    if (kind === 'deleted') return this.#cache.remove(at);
    const projected = contained(() => this.#options.project(object), this.#tell);
    if (!projected) this.#cache.keep(at);
    else if (this.#followable) this.#cache.store(at, projected.value);
    else this.#cache.find(at, projected.value);
  }

  #finish(version: string): void {
    if (!this.#cache.finish(version)) throw new Fault('ServerBehind');
    this.#followable = true;
    this.#behindSince = undefined;
    this.#absences = 0;
    this.synced = true;
    this.lastEventAt = this.#time.wall();
    this.#enter('live');
  }

  async #recover(fault: Fault, signal: AbortSignal): Promise<void> {
    const refused = fault.key === 'Invalid' || fault.key === 'BadRequest';
    if (refused && !this.#followable && this.#streamsInitial) {
      // The server is older than the stream of initial events, or has it switched off.
      this.#streamsInitial = false;
      return;
    }
    if (refused || fault.key === 'Expired') this.#followable = false;
    if (fault.key === 'ServerBehind') this.#distrustServer();
    this.#countAbsence(fault.key === 'KindAbsent');
    this.#enter(fault.key === 'KindAbsent' ? 'absent' : 'failing');
    const pauseMs = Math.max(
      backOff(this.#failures, this.#limits.pauses, this.#dice),
      fault.retryAfterMs ?? 0,
    );
    this.#failures += 1;
    contained(() => this.#tell(fault, pauseMs));
    await this.#time.wait(pauseMs, signal);
  }

  /**
   * A watch from a version the server has not reached is silent without end, bookmarks included: so
   * it is after etcd was restored, and only a list shows it. Initial events that do not come are
   * those of a server that does not know what we asked for.
   */
  #distrustSilence(): void {
    if (this.#followable) this.#followable = false;
    else this.#streamsInitial = false;
  }

  /**
   * A member that lags catches up in seconds. If the past stays, etcd was restored from a backup:
   * then what was shown is no longer true, and to wait for its version to return is to be blind.
   */
  #distrustServer(): void {
    const now = this.#time.now();
    this.#followable = false;
    this.#behindSince ??= now;
    if (now - this.#behindSince < this.#limits.restoredAfterMs) return;
    this.#behindSince = undefined;
    this.#cache.forgetVersions();
  }

  /** One such answer may come from a server that is just starting; several say the objects are gone with their kind. */
  #countAbsence(isAbsent: boolean): void {
    this.#absences = isAbsent ? this.#absences + 1 : 0;
    if (this.#absences < this.#limits.absences) return;
    this.#followable = false;
    this.#cache.clear();
  }

  #enter(state: ReflectorState): void {
    if (state === this.state) return;
    this.state = state;
    contained(() => this.#options.onState?.(state), this.#tell);
  }

  readonly #tell = (fault: Fault, pauseMs = 0) => this.#options.onFault?.(fault, pauseMs);
}
