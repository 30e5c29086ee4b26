import type { Defaults } from '../../domain/injection/match.ts';
import {
  plan,
  type Budget,
  type Plan,
  type Restart,
  type Round,
} from '../../domain/restart/plan.ts';
import type { FaultKey } from '../../domain/faults.ts';
import type { LoopFact } from '../../domain/restart/facts.ts';
import type { Seconds } from '../../domain/restart/records/metadata.ts';
import { readBreaker } from '../../domain/restart/plan/breaker.ts';
import type { ObservedInstrumentation } from '../../domain/restart/records/instrumentation.ts';
import type { Time } from '../kube/pace.ts';
import type { Acted } from './acting/act.ts';
import type { Prober } from './acting/probe.ts';
import type { ServerClock } from './clock.ts';
import type { Memories } from './looking/memory.ts';
import { createPause, type Pause } from './looking/slices.ts';
import type { View } from './looking/view.ts';
import type { Events } from './telling/events.ts';
import { createLedger, type News } from './telling/ledger.ts';
import type { Statuses } from './telling/statuses.ts';
import { aboutOf, createStories } from './telling/stories.ts';
import { createTallies } from './telling/tallies.ts';

export interface RoundsOptions {
  readonly view: Pick<View, 'look' | 'judgements'>;
  readonly memories: Memories;
  readonly prober: Pick<Prober, 'provenAt' | 'verdict' | 'renew'>;
  readonly statuses: Statuses;
  readonly events: Events;
  readonly record: (fact: LoopFact) => void;
  readonly act: (restart: Restart) => Promise<Acted>;
  /** To be looked at again, though nothing in the cluster says so. */
  readonly mark: (workload: string) => void;
  readonly budget: Budget;
  readonly defaults: Defaults;
  readonly warmAt: Seconds;
  readonly clock: ServerClock;
  readonly time: Time;
}

/** Looks, judges, plans, acts and tells: once, and then again. */
export class Rounds {
  readonly #options: RoundsOptions;
  readonly #stories = createStories();
  readonly #ledger = createLedger();
  readonly #tallies = createTallies(this.#ledger);
  #last: Plan | undefined;
  #wakeAt: Seconds = Infinity;

  constructor(options: RoundsOptions) {
    this.#options = options;
  }

  /** Nothing before the first round. */
  get plan(): Plan | undefined {
    return this.#last;
  }

  /** When the next round is due though nothing happens. */
  get wakeAt(): Seconds {
    return this.#wakeAt;
  }

  async run(marked: ReadonlySet<string>): Promise<void> {
    const { view, statuses, clock, time, record } = this.#options;
    const startedAt = time.now();
    const now = clock.now();
    const pause = createPause(time);
    const changes = await view.look(marked, now, pause);
    await pause();
    // From here on nothing is read but this: the caches may move while other work has its turn.
    const judgements = [...view.judgements.values()];
    const seen: Seen = { judgements, instrumentations: statuses.observed(), now };
    await pause();
    const planned = this.#plan(seen);
    await pause();
    const news = this.#ledger.note(view.judgements, planned.verdicts);
    this.#stories.outcomes(changes, now).forEach(record);
    this.#stories.breakers(planned.breakers, now).forEach(record);
    await this.#tell(news, pause);
    this.#last = planned;
    await Promise.all([
      ...planned.restarts.map((restart) => this.#carryOut(restart, now)),
      this.#write(planned, seen, { news, pause }),
    ]);
    const restarts = planned.restarts.length;
    const elapsedMs = time.now() - startedAt;
    record({ type: 'RoundDone', elapsedMs, judged: changes.length, restarts });
  }

  #plan(seen: Seen): Plan {
    const { prober, memories, warmAt, budget } = this.#options;
    const provenAt = prober.provenAt();
    const untoldAt = memories.untoldAt(seen.now);
    const planned = plan({ ...seen, provenAt, warmAt, untoldAt }, budget);
    const open = openEnds(planned);
    if (provenAt !== undefined && open.has('WebhookUnproven')) prober.renew();
    const soon = open.size > 0 ? seen.now + openEndSeconds : Infinity;
    this.#wakeAt = Math.min(planned.wakeAt ?? Infinity, soon);
    return planned;
  }

  async #tell({ workloads, gone }: News, pause: Pause): Promise<void> {
    const { record, events } = this.#options;
    // How a leader finds the cluster is no news; an Event that is there already is known by its name.
    const tell = this.#last === undefined ? events.tell : record;
    gone.forEach(this.#stories.forget);
    for (const told of workloads) {
      await pause();
      this.#stories.verdict(told).forEach(tell);
    }
  }

  /** Ends when those have been written that the next plan rests on. */
  async #write(
    planned: Plan,
    { instrumentations, now }: Seen,
    { news, pause }: { readonly news: News; readonly pause: Pause },
  ): Promise<void> {
    const { prober, defaults, statuses } = this.#options;
    const telling = { plan: planned, webhook: prober.verdict(), defaults, now };
    const binding: Promise<void>[] = [];
    this.#tallies.forget(news.instrumentations, instrumentations);
    for (const [name, one] of instrumentations) {
      await pause();
      const writing = statuses.write(one, this.#tallies.of(one, telling));
      if (writing && isBinding(name, one, planned)) binding.push(writing);
    }
    await Promise.all(binding);
  }

  async #carryOut(restart: Restart, now: Seconds): Promise<void> {
    const { act, memories, mark, record, clock, time } = this.#options;
    const { judgement, number } = restart;
    memories.begin(judgement, number, now);
    const acted = await act(restart);
    memories.end(judgement, acted, clock.now());
    record(factOf(restart, acted));
    if (acted.kind === 'dropped') await time.wait(pauseAfter[acted.fault] ?? troubleMs);
    mark(judgement.key);
  }
}

/** Of what is put off, what waits for something that has no known end. */
const openEnds = ({ verdicts }: Plan): ReadonlySet<string> => {
  const open = new Set<string>();
  for (const verdict of verdicts.values())
    if (verdict.kind === 'waiting' && verdict.until === undefined) open.add(verdict.reason);
  return open;
};

/** What ends it is mostly told by a watch; and where time alone does, nobody waits much longer. */
const openEndSeconds = 5;

/** What the next plan reads in the status has to be there before it. */
function isBinding(name: string, one: ObservedInstrumentation, planned: Plan): boolean {
  const isTold = readBreaker(one) !== undefined;
  return planned.breakers.has(name) !== isTold || planned.follows.has(name);
}

type Seen = Pick<Round, 'judgements' | 'instrumentations' | 'now'>;

/** Mostly a status was written in between, and news of it are on their way. */
const pauseAfter: Readonly<Partial<Record<FaultKey, number>>> = { Conflict: 50, NotFound: 50 };
const troubleMs = 1_000;

function factOf({ judgement, number }: Restart, acted: Acted): LoopFact {
  const about = { ...aboutOf(judgement), number };
  const { verdict } = judgement;
  if (acted.kind === 'sent') {
    const cause = verdict.kind === 'behind' ? verdict.reason : 'WebhookMissed';
    return { type: 'WorkloadRestarted', ...about, cause };
  }
  if (acted.kind === 'rejected') {
    const { fault, deniedBy } = acted;
    return { type: 'RestartRejected', ...about, fault, deniedBy };
  }
  const { fault } = acted;
  return acted.kind === 'dropped'
    ? { type: 'RestartDropped', ...about, fault }
    : { type: 'RestartUncertain', ...about, fault };
}
