import type { Settings } from '../../config/settings.ts';
import type { Fact } from '../../domain/facts.ts';
import type { FaultKey } from '../../domain/faults.ts';
import type { Limits } from '../../domain/restart/judge/reading.ts';
import type { Budget } from '../../domain/restart/plan.ts';
import type { LoopState } from '../../metrics/gauges.ts';
import type { Client } from '../kube/client.ts';
import { createLease, type Lease } from '../kube/lease.ts';
import type { Dice, Time } from '../kube/pace.ts';
import type { Sight, Sources } from '../page/sight.ts';
import { createProber, type Prober } from './acting/probe.ts';
import { budgetOf, rulesOf } from './allowance.ts';
import type { Caches } from './caches.ts';
import type { ServerClock } from './clock.ts';
import { Loop } from './loop.ts';
import { createEvents, type Events } from './telling/events.ts';
import { createWrites, type Writes } from './telling/writes.ts';

export interface ControllerOptions {
  readonly settings: Settings;
  /** No setting allows more than its ceiling; a bench hands in what it likes. */
  readonly budget?: (Budget & Limits) | undefined;
  readonly client: Client;
  readonly caches: Caches;
  readonly clock: ServerClock;
  readonly record: (fact: Fact) => void;
  /** Of this process and no other. */
  readonly identity: string;
  readonly nonce: () => string;
  readonly time: Time;
  readonly dice?: Dice | undefined;
}

/** One that leads and has had no round for so long does nothing any more. */
const deadAfterMs = 180_000;
/** A lease that was given back is taken within this time. */
const retryMs = 1_000;

interface Leading {
  readonly loop: Loop;
  readonly since: number;
  readonly end: () => void;
  readonly ended: Promise<void>;
}

/** The controller role: one of all its replicas leads, the others know all that it knows and wait. */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #writes: Writes;
  readonly #events: Events;
  readonly #lease: Lease;
  #leading: Leading | undefined;
  #turns = 0;

  constructor(options: ControllerOptions) {
    this.#options = options;
    const { client, identity, record, time } = options;
    const lose = (fault: FaultKey, events: number) =>
      record({ type: 'EventWriteFailed', fault, events });
    const onFault = (fault: FaultKey) => lose(fault, 1);
    const reporter = { controller: 'otel-retrofit.dev/controller', instance: identity };
    this.#writes = createWrites((count) => lose('QueueFull', count));
    const queue = this.#writes.add;
    this.#events = createEvents({ client, reporter, queue, onFault, time });
    this.#lease = createLease({
      client,
      namespace: options.settings.namespace,
      name: options.settings.leaseName,
      identity,
      onGained: (term) => void this.#gain(term),
      onLost: () => this.#lose(),
      onFault: (fault) => record({ type: 'LeaseCallFailed', fault: fault.key, cause: fault }),
      beforeRelease: async () => this.#leading?.ended,
      time,
      dice: options.dice,
      durations: { retryMs },
    });
  }

  /** Ends when the signal is given and the lease has been given back. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.race([this.#options.caches.complete, stopped(signal)]);
    await this.#lease.run(signal);
    await this.#leading?.ended;
    await this.#writes.ended();
  }

  mark(workload: string): void {
    this.#leading?.loop.mark(workload);
  }

  review(): void {
    this.#leading?.loop.review();
  }

  suspectDefinition(): void {
    this.#leading?.loop.suspectDefinition();
  }

  /** Of what happens, what people are to see at their objects is told there. */
  hear(fact: Fact): void {
    this.#events.tell(fact);
  }

  state(): LoopState {
    const leading = this.#leading;
    if (leading === undefined || !this.#lease.holds())
      return { isLeader: false, lastRoundAt: undefined, cluster: undefined };
    const { time } = this.#options;
    const at = leading.loop.lastRoundAt;
    return {
      isLeader: true,
      lastRoundAt: at === undefined ? undefined : time.wall() - (time.now() - at),
      cluster: leading.loop.figures(),
    };
  }

  /** What whoever looks on may see. */
  get sources(): Sources {
    const { caches, clock } = this.#options;
    return { sight: () => this.#sight(), podsOf: caches.podsOf, now: clock.now };
  }

  /** What is wrong in a way that only a new start mends. */
  health(): readonly string[] {
    const at = this.#leading?.loop.lastRoundAt ?? this.#leading?.since;
    const isLate = at !== undefined && this.#options.time.now() - at > deadAfterMs;
    return isLate && this.#lease.holds()
      ? ['The loop leads and has not looked at anything for minutes.']
      : [];
  }

  #sight(): Sight {
    if (!this.#lease.holds()) return { kind: 'standby', holder: this.#lease.holder };
    return this.#leading?.loop.sight() ?? { kind: 'starting' };
  }

  /** Of two leaderships in a row the first may still be waiting for an answer. */
  async #gain(term: number): Promise<void> {
    const turn = (this.#turns += 1);
    await this.#leading?.ended;
    if (turn !== this.#turns || !this.#lease.holds()) return;
    const { record, time } = this.#options;
    record({ type: 'LeaseGained', term });
    const ending = new AbortController();
    const loop = loopOf(this.#options, this.#lease, this.#events);
    const ended = loop.run(ending.signal);
    this.#leading = { loop, since: time.now(), end: () => ending.abort(), ended };
  }

  #lose(): void {
    this.#turns += 1;
    this.#leading?.end();
    this.#options.record({ type: 'LeaseLost' });
  }
}

const stopped = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

function loopOf(options: ControllerOptions, lease: Lease, events: Events): Loop {
  const { client, caches, clock, record, settings, time } = options;
  const home = () => caches.kept.namespaces.get(settings.namespace);
  const prober: Prober = createProber({
    client,
    namespace: settings.namespace,
    intervalMs: settings.proofIntervalSeconds * 1_000,
    fingerprint: caches.fingerprint,
    record,
    onChange: () => loop.wake(),
    now: clock.now,
    nonce: options.nonce,
    time,
  });
  const loop: Loop = new Loop({
    client,
    caches,
    prober,
    events,
    record,
    fence: () => lease.holds(),
    rules: () => rulesOf(settings, home()?.annotations ?? {}),
    budget: options.budget ?? budgetOf(settings),
    defaults: settings,
    warmUpSeconds: settings.warmUpSeconds,
    inDetail: settings.workloadMetrics,
    clock,
    time,
  });
  return loop;
}
