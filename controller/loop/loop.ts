import PQueue from 'p-queue';
import type { Defaults } from '../../domain/injection/match.ts';
import type { LoopFact } from '../../domain/restart/facts.ts';
import type { Rules } from '../../domain/restart/judge/policy.ts';
import type { Limits } from '../../domain/restart/judge/reading.ts';
import type { Budget } from '../../domain/restart/plan.ts';
import type { ClusterState } from '../../metrics/gauges.ts';
import type { Client } from '../kube/client.ts';
import type { Time } from '../kube/pace.ts';
import type { Sight } from '../page/sight.ts';
import { act } from './acting/act.ts';
import type { Prober } from './acting/probe.ts';
import type { Caches } from './caches.ts';
import type { ServerClock } from './clock.ts';
import { createMemories } from './looking/memory.ts';
import { View } from './looking/view.ts';
import { Rounds } from './round.ts';
import type { Events } from './telling/events.ts';
import { figuresOf } from './telling/figures.ts';
import { Statuses } from './telling/statuses.ts';

export interface LoopOptions {
  readonly client: Client;
  readonly caches: Caches;
  readonly prober: Prober;
  readonly events: Events;
  readonly record: (fact: LoopFact) => void;
  readonly fence: () => boolean;
  readonly rules: () => Rules;
  readonly budget: Budget & Limits;
  readonly defaults: Defaults;
  readonly warmUpSeconds: number;
  /** Whether `/metrics` tells each workload by its name. */
  readonly inDetail: boolean;
  readonly clock: ServerClock;
  readonly time: Time;
}

const actsAtOnce = 8;
const statusesAtOnce = 4;
/** What happens together is looked at together. */
const debounceMs = 10;
const longestPauseMs = 200;
const longestRestMs = 60_000;
const failureMs = 1_000;

/** The rounds of one leadership: whoever leads next begins with an empty head. */
export class Loop {
  readonly #options: LoopOptions;
  readonly #acts = new PQueue({ concurrency: actsAtOnce });
  readonly #writes = new PQueue({ concurrency: statusesAtOnce });
  readonly #memories = createMemories();
  readonly #view: View;
  readonly #statuses: Statuses;
  readonly #rounds: Rounds;
  readonly #marked = new Set<string>();
  #nudge = new AbortController();
  #lastRoundAt: number | undefined;

  constructor(options: LoopOptions) {
    this.#options = options;
    const { client, caches, clock, fence, record, time } = options;
    const memories = this.#memories;
    const { rules, budget: limits } = options;
    this.#view = new View({ caches, memories, rules, limits });
    this.#statuses = new Statuses({
      client,
      instrumentations: caches.kept.instrumentations,
      fence,
      queue: (write) => this.#writes.add(write),
      record,
      onRoom: () => this.wake(),
      time,
    });
    const hand = { client, fence, workload: caches.workload };
    this.#rounds = new Rounds({
      ...options,
      view: this.#view,
      memories,
      statuses: this.#statuses,
      act: (restart) => this.#acts.add(() => act(restart, hand)),
      mark: (workload) => this.mark(workload),
      warmAt: clock.now() + options.warmUpSeconds,
    });
  }

  /** By the monotonic clock. */
  get lastRoundAt(): number | undefined {
    return this.#lastRoundAt;
  }

  mark(workload: string): void {
    this.#marked.add(workload);
    this.wake();
  }

  /** Something that concerns no workload by itself has changed. */
  wake(): void {
    // Each abort makes an error, be it heard or not, and thousands may be marked at once.
    if (!this.#nudge.signal.aborted) this.#nudge.abort();
  }

  /** What we decide by has changed, so the webhook has to prove itself again. */
  review(): void {
    this.#options.prober.wake();
    this.wake();
  }

  /** The installed definition of Instrumentations may be another one. */
  suspectDefinition(): void {
    this.#statuses.suspect();
    this.wake();
  }

  /** Ends when the signal is given, and then when all that is under way has ended. */
  async run(signal: AbortSignal): Promise<void> {
    const { prober, time } = this.#options;
    const probing = prober.run(signal);
    this.#markAll();
    while (!signal.aborted) {
      this.#nudge = new AbortController();
      const startedAt = time.now();
      await this.#turn(signal);
      this.#lastRoundAt = time.now();
      await this.#rest(time.now() - startedAt, signal);
    }
    await Promise.all([probing, this.#acts.onIdle(), this.#writes.onIdle()]);
  }

  /** Nothing before the first round. */
  figures(): ClusterState | undefined {
    const { plan } = this.#rounds;
    if (plan === undefined) return undefined;
    const { prober, budget, inDetail } = this.#options;
    const { judgements } = this.#view;
    return figuresOf(
      { judgements, verdicts: plan.verdicts, breakers: plan.breakers },
      {
        inDetail,
        unseen: this.#memories.unseen(),
        limitPerHour: budget.perHour,
        isProbeProven: prober.isProven(),
        lastProofAt: prober.lastProofAt(),
        isStatusKept: this.#statuses.isKept,
      },
    );
  }

  /** As the last round left it; nothing before the first one. */
  sight(): Sight {
    const { plan } = this.#rounds;
    if (plan === undefined) return { kind: 'starting' };
    const { judgements } = this.#view;
    const isWebhookProven = this.#options.prober.isProven();
    return { kind: 'leading', judgements, plan, isWebhookProven };
  }

  #markAll(): void {
    for (const key of this.#view.everything()) this.#marked.add(key);
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const taken = new Set(this.#marked);
    this.#marked.clear();
    try {
      await this.#rounds.run(taken);
    } catch (cause) {
      this.#markAll();
      this.#options.record({ type: 'RoundFailed', cause });
      await this.#options.time.wait(failureMs, signal);
    }
  }

  /** At least as long as the round took, so that other work has its turn as well. */
  async #rest(elapsedMs: number, signal: AbortSignal): Promise<void> {
    const { time } = this.#options;
    await time.wait(Math.min(longestPauseMs, Math.max(debounceMs, elapsedMs)), signal);
    if (this.#marked.size > 0) return;
    await time.wait(this.#untilDueMs(), AbortSignal.any([this.#nudge.signal, signal]));
    if (this.#nudge.signal.aborted) await time.wait(debounceMs, signal);
  }

  #untilDueMs(): number {
    const { clock, time } = this.#options;
    const dueAt = Math.min(this.#rounds.wakeAt, this.#view.dueAt());
    const bySeconds = (dueAt - clock.now()) * 1_000;
    const byStatus = this.#statuses.dueAt() - time.now();
    return Math.max(0, Math.min(longestRestMs, bySeconds, byStatus));
  }
}
