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
import { statusesOf } from '../../domain/status/status.ts';
import type { Time } from '../kube/pace.ts';
import type { Acted } from './acting/act.ts';
import type { Prober } from './acting/probe.ts';
import type { ServerClock } from './clock.ts';
import type { Memories } from './looking/memory.ts';
import type { Change, View } from './looking/view.ts';
import type { Events } from './telling/events.ts';
import type { Statuses } from './telling/statuses.ts';
import { aboutOf, createStories } from './telling/stories.ts';

export interface RoundsOptions {
  readonly view: View;
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
  #last: Plan | undefined;

  constructor(options: RoundsOptions) {
    this.#options = options;
  }

  /** Nothing before the first round. */
  get plan(): Plan | undefined {
    return this.#last;
  }

  async run(marked: ReadonlySet<string>): Promise<void> {
    const { view, statuses, clock, time, record } = this.#options;
    const startedAt = time.now();
    const now = clock.now();
    const changes = await view.look(marked, now);
    const judgements = [...view.judgements.values()];
    const seen: Seen = { judgements, instrumentations: statuses.observed(), now };
    const planned = this.#plan(seen);
    this.#tell(planned, changes, now);
    this.#last = planned;
    await Promise.all([
      this.#write(planned, seen),
      ...planned.restarts.map((restart) => this.#carryOut(restart, now)),
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
    if (provenAt !== undefined && awaitsProof(planned)) prober.renew();
    return planned;
  }

  #tell(planned: Plan, changes: readonly Change[], now: Seconds): void {
    const { record, events, view } = this.#options;
    this.#stories.outcomes(changes, now).forEach(record);
    this.#stories.breakers(planned.breakers, now).forEach(record);
    const verdicts = this.#stories.verdicts(planned.verdicts, view.judgements);
    // How a leader finds the cluster is no news; an Event that is there already is known by its name.
    verdicts.forEach(this.#last === undefined ? events.tell : record);
  }

  async #write(planned: Plan, { judgements, instrumentations, now }: Seen): Promise<void> {
    const { prober, defaults, statuses } = this.#options;
    const telling = { judgements, plan: planned, webhook: prober.verdict(), defaults, now };
    await statuses.write(statusesOf(instrumentations, telling), (name) => {
      const one = instrumentations.get(name);
      const isTold = one !== undefined && readBreaker(one) !== undefined;
      return planned.breakers.has(name) !== isTold || planned.follows.has(name);
    });
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

/** Some have come without the agent since the webhook was proven: only a new proof lets them go on. */
const awaitsProof = ({ verdicts }: Plan): boolean =>
  [...verdicts.values()].some(
    (verdict) =>
      verdict.kind === 'waiting' &&
      verdict.reason === 'WebhookUnproven' &&
      verdict.until === undefined,
  );

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
