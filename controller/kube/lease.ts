import type { JsonObject } from '../../domain/json.ts';
import type { CallOptions, Client } from './client.ts';
import { contained, faultOf, type Fault } from './fault.ts';
import { leaseBody, leaseRecord, leases, leaseSpec, type LeaseRecord } from './objects.ts';
import { machineTime, usualDurations, type Dice, type LeaseDurations, type Time } from './pace.ts';
import type { KubeObject, Place } from './resource.ts';
import { kubeObject } from './stream.ts';

export interface LeaseOptions {
  readonly client: Client;
  readonly namespace: string;
  readonly name: string;
  /** Of this process and no other, not even of a former one in the same pod. */
  readonly identity: string;
  /** The term grows with each change of holder. */
  readonly onGained?: ((term: number) => void) | undefined;
  readonly onLost?: (() => void) | undefined;
  readonly onFault?: ((fault: Fault) => void) | undefined;
  /** Ends when no write of ours is under way any more: only then may the next holder begin. */
  readonly beforeRelease?: (() => Promise<void>) | undefined;
  readonly time?: Time | undefined;
  readonly dice?: Dice | undefined;
  readonly durations?: Partial<LeaseDurations> | undefined;
}

export interface Lease {
  /** Takes the lease whenever it can, until the signal is given; then gives it back. Never fails. */
  run(signal: AbortSignal): Promise<void>;
  /** Whether we may write at this instant of the monotonic clock. To be asked before each write. */
  holds(now?: number): boolean;
  /** Who held it when it was last read. */
  readonly holder: string | undefined;
}

export function createLease(options: LeaseOptions): Lease {
  return new Candidate(options);
}

/** A record as it was read, and since when, by our monotonic clock, it has not changed. */
interface Seen extends LeaseRecord {
  readonly since: number;
}

class Candidate implements Lease {
  readonly #options: LeaseOptions;
  readonly #durations: LeaseDurations;
  readonly #time: Time;
  readonly #dice: Dice;
  readonly #place: Place;
  #seen: Seen | undefined;
  /** Whether what was seen is surely the latest: not after a write of unknown outcome. */
  #isCertain = false;
  /** The term under which we last tried to take the lease: it tells our record from that of a namesake. */
  #term: number | undefined;
  #highestTerm = -1;
  #renewedAt = never;
  #hasTold = false;

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#durations = { ...usualDurations, ...options.durations };
    this.#time = options.time ?? machineTime;
    this.#dice = options.dice ?? Math.random;
    this.#place = { resource: leases, namespace: options.namespace, name: options.name };
  }

  get holder(): string | undefined {
    return this.#seen?.holder;
  }

  /**
   * The monotonic clock decides. It stands still while a virtual machine is paused, which the wall
   * clock shows afterwards; so a wall clock that went anywhere but on ends the hold as well, up to
   * the next renewal. Neither is ever compared with the clock of another machine.
   */
  holds(now = this.#time.now()): boolean {
    const { fenceMs } = this.#durations;
    const byWall = this.#time.wall() - this.#renewedAt.wall;
    const isContinuous = byWall < fenceMs && byWall > -setBackMs;
    return this.#hasTold && now - this.#renewedAt.now < fenceMs && isContinuous;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#turn(signal);
      } catch (error) {
        this.#isCertain = false;
        if (faultOf(error).key === 'NotFound') this.#renewedAt = never;
        if (!signal.aborted) contained(() => this.#options.onFault?.(faultOf(error)));
      }
      this.#tellIfLost();
      await this.#time.wait(this.#pauseMs(), signal);
      this.#tellIfLost();
    }
    await this.#giveBack();
  }

  async #turn(signal: AbortSignal): Promise<void> {
    if (!this.#isCertain || !this.#isOurs()) await this.#look(signal);
    const seen = this.#seen;
    if (seen === undefined) await this.#create(signal);
    else if (this.#isOurs()) await this.#write(seen, this.#renewal(), signal);
    else if (this.#isFree(seen)) await this.#take(seen, signal);
  }

  async #look(signal?: AbortSignal): Promise<void> {
    try {
      this.#note(await this.#options.client.get(this.#place, this.#callOptions(signal)));
    } catch (error) {
      if (faultOf(error).key !== 'NotFound') throw error;
      this.#renewedAt = never;
      // Whoever deleted the lease did not stop its holder: that one is still given its time.
      if (this.#seen && !this.#isOurs() && !this.#isFree(this.#seen)) return;
      this.#seen = undefined;
      this.#isCertain = true;
    }
  }

  async #create(signal: AbortSignal): Promise<void> {
    const sentAt = this.#instant();
    const { client, namespace } = this.#options;
    this.#term = this.#highestTerm + 1;
    const body = leaseBody(this.#place, this.#renewal(this.#term));
    const call = this.#callOptions(signal);
    const created = await client.create({ resource: leases, namespace }, body, call);
    this.#confirm(kubeObject(created), sentAt);
  }

  async #take(seen: Seen, signal: AbortSignal): Promise<void> {
    this.#term = seen.term + 1;
    await this.#write(seen, this.#renewal(this.#term), signal);
  }

  /** Every write names the version it was decided on: of two candidates one fails. */
  async #write({ version }: Seen, spec: JsonObject, signal: AbortSignal): Promise<void> {
    const sentAt = this.#instant();
    const patch = { metadata: { resourceVersion: version }, spec };
    const { client } = this.#options;
    this.#confirm(await client.mergePatch(this.#place, patch, this.#callOptions(signal)), sentAt);
  }

  /** The hold counts from when the write was sent: from then on others count, at the earliest. */
  #confirm(lease: KubeObject, sentAt: { readonly now: number; readonly wall: number }): void {
    this.#note(lease);
    this.#renewedAt = sentAt;
    const isFresh = this.#time.now() - sentAt.now < this.#durations.fenceMs;
    if (this.#hasTold || !isFresh) return;
    this.#hasTold = true;
    contained(() => this.#options.onGained?.(this.#term ?? 0), this.#options.onFault);
  }

  #note(lease: KubeObject): void {
    const record = leaseRecord(lease);
    const since = this.#seen?.text === record.text ? this.#seen.since : this.#time.now();
    this.#seen = { ...record, since };
    this.#isCertain = true;
    this.#highestTerm = Math.max(this.#highestTerm, record.term);
    if (!this.#isOurs()) this.#renewedAt = never;
  }

  #isOurs(): boolean {
    const { identity } = this.#options;
    return this.#seen?.holder === identity && this.#seen.term === this.#term;
  }

  #isFree({ holder, since, leaseMs }: Seen): boolean {
    return holder === '' || this.#time.now() - since > leaseMs;
  }

  #renewal(term?: number): JsonObject {
    const at = this.#time.wall();
    return leaseSpec({
      holder: this.#options.identity,
      leaseMs: this.#durations.leaseMs,
      at,
      term,
    });
  }

  #instant() {
    return { now: this.#time.now(), wall: this.#time.wall() };
  }

  #callOptions(signal?: AbortSignal): CallOptions {
    return { deadlineMs: this.#callMs(), signal, priority: 'lease' };
  }

  #untilFenceMs(): number {
    return this.#renewedAt.now + this.#durations.fenceMs - this.#time.now();
  }

  /** A holder whose call hangs needs time for a second one before it must stop. */
  #callMs(): number {
    const { callMs } = this.#durations;
    return this.#hasTold ? Math.min(callMs, Math.max(500, this.#untilFenceMs() / 2)) : callMs;
  }

  #pauseMs(): number {
    const { retryMs, renewMs } = this.#durations;
    const renewInMs = this.#renewedAt.now + renewMs - this.#time.now();
    if (this.holds() && this.#isCertain) return Math.max(0, renewInMs);
    const retryInMs = retryMs * (0.75 + this.#dice() / 2);
    return this.holds() ? Math.min(retryInMs, this.#untilFenceMs() / 2) : retryInMs;
  }

  #tellIfLost(): void {
    if (!this.#hasTold || this.holds()) return;
    this.#hasTold = false;
    contained(() => this.#options.onLost?.(), this.#options.onFault);
  }

  async #giveBack(): Promise<void> {
    this.#renewedAt = never;
    this.#tellIfLost();
    if (this.#term === undefined || !(await this.#isQuiet())) return;
    const { client, onFault } = this.#options;
    try {
      if (!this.#isCertain) await this.#look();
      if (!this.#seen || !this.#isOurs()) return;
      const metadata = { resourceVersion: this.#seen.version };
      const patch = { metadata, spec: { holderIdentity: '' } };
      await client.mergePatch(this.#place, patch, this.#callOptions());
    } catch (error) {
      contained(() => onFault?.(faultOf(error)));
    }
  }

  /** If our writes do not end in time the lease is left to run out: that is slower, and safe. */
  async #isQuiet(): Promise<boolean> {
    const waiting = new AbortController();
    const waited = this.#time.wait(this.#durations.callMs, waiting.signal).then(() => false);
    const ended = Promise.resolve(this.#options.beforeRelease?.()).then(
      () => true,
      () => false,
    );
    return Promise.race([ended, waited]).finally(() => waiting.abort());
  }
}

/** A clock that is put right by less than this was merely put right. */
const setBackMs = 1_000;
const never = { now: Number.NEGATIVE_INFINITY, wall: Number.NEGATIVE_INFINITY };
