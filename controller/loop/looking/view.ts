import { annotations as keys } from '../../../crds/names.ts';
import { textAt } from '../../../domain/json.ts';
import { gather } from '../../../domain/restart/gather.ts';
import { judge } from '../../../domain/restart/judge.ts';
import type { Rules } from '../../../domain/restart/judge/policy.ts';
import type { Limits } from '../../../domain/restart/judge/reading.ts';
import {
  workloadKinds,
  type Seconds,
  type WorkloadKind,
} from '../../../domain/restart/records/metadata.ts';
import type { Workload } from '../../../domain/restart/records/workload.ts';
import { isSameJudgement, type Judgement } from '../../../domain/restart/verdict.ts';
import type { Caches } from '../caches.ts';
import type { Memories } from './memory.ts';
import type { Pause } from './slices.ts';
import { createWants, type Wants } from './wants.ts';

export interface ViewOptions {
  readonly caches: Caches;
  readonly memories: Memories;
  readonly rules: () => Rules;
  readonly limits: Limits;
}

/** One workload whose judgement may be another than before; without `now` it is gone. */
export interface Change {
  readonly before: Judgement | undefined;
  readonly now: Judgement | undefined;
}

/** Nothing goes unseen for longer, whatever the watches have missed. */
const quietSeconds = 60;
/** What is on the move depends on the time alone, too. */
const busySeconds = 5;

/** The judgement on every workload, each renewed when something has happened or time has passed. */
export class View {
  readonly #options: ViewOptions;
  readonly #judgements = new Map<string, Judgement>();
  readonly #due = new Map<string, Seconds>();
  readonly #wants: Wants;
  #word: string | undefined;

  constructor(options: ViewOptions) {
    this.#options = options;
    this.#wants = createWants(options.caches);
  }

  get judgements(): ReadonlyMap<string, Judgement> {
    return this.#judgements;
  }

  everything(): readonly string[] {
    const { workloads } = this.#options.caches.kept;
    return workloadKinds.flatMap((kind) =>
      [...workloads[kind].keys()].map((key) => `${kind}/${key}`),
    );
  }

  /** When the next look is due though nothing happens. */
  dueAt(): Seconds {
    let next = Number.POSITIVE_INFINITY;
    for (const at of this.#due.values()) if (at < next) next = at;
    return next;
  }

  /** Looks at those that are marked and those whose time has come. */
  async look(marked: ReadonlySet<string>, now: Seconds, pause: Pause): Promise<readonly Change[]> {
    const by = this.#options.rules();
    const all = new Set(marked);
    if (this.#isRuledAnew(by)) for (const key of this.everything()) all.add(key);
    for (const [key, at] of this.#due) if (at <= now) all.add(key);
    const changes: Change[] = [];
    for (const key of all) {
      await pause();
      changes.push(this.#renew(key, by, now));
    }
    return changes;
  }

  /** The word of our own namespace is to every workload, and marks none of them. */
  #isRuledAnew({ home }: Rules): boolean {
    const before = this.#word;
    this.#word = textAt(home.annotations, keys.remediation);
    return this.#word !== before;
  }

  #renew(key: string, by: Rules, now: Seconds): Change {
    const { caches, memories } = this.#options;
    const before = this.#judgements.get(key);
    const workload = workloadAt(key, caches);
    if (before && before.workload.uid !== workload?.uid) {
      memories.forget(before.workload.uid);
      this.#wants.forget(before.workload.uid);
    }
    if (workload === undefined) {
      this.#judgements.delete(key);
      this.#due.delete(key);
      return { before, now: undefined };
    }
    const judged = this.#judge(workload, by, now);
    const fresh = { ...judged, since: memories.see(judged, now) };
    const judgement = before && isSameJudgement(before, fresh) ? before : fresh;
    this.#judgements.set(key, judgement);
    this.#due.set(key, dueAfter(judgement, now));
    return { before, now: judgement };
  }

  #judge(workload: Workload, by: Rules, now: Seconds): Judgement {
    const { caches, memories, limits } = this.#options;
    const { kept } = caches;
    const revisions = caches.revisionsOf(workload);
    const wanted = this.#wants.of(workload);
    const names = wanted.kind === 'nothing' ? [] : wanted.instrumentations;
    const found = {
      workload,
      revisions,
      pods: caches.podsOf(workload),
      namespace: kept.namespaces.get(workload.namespace),
      instrumentations: names.flatMap((name) => kept.instrumentations.get(name) ?? []),
      disruptionBudgets: caches.disruptionBudgetsIn(workload.namespace),
      wanted,
      memory: memories.of(workload, revisions, now),
    };
    return judge(gather(found, by, now), limits);
  }
}

function workloadAt(key: string, caches: Caches): Workload | undefined {
  const [kind = '', namespace = '', name = ''] = key.split('/');
  return caches.workload({ kind: kind as WorkloadKind, namespace, name });
}

/** All else that decides is told by the watches, or is a window so long that it ends a minute late. */
function dueAfter({ verdict, attempt }: Judgement, now: Seconds): Seconds {
  if (isRunningIn(attempt)) return now + busySeconds;
  const until = verdict.kind === 'waiting' ? (verdict.until ?? Infinity) : Infinity;
  return Math.min(until > now ? until : now + busySeconds, now + quietSeconds);
}

/** It ends when its pods have run for long enough. */
const isRunningIn = (attempt: Judgement['attempt']) =>
  attempt.kind === 'underWay' || (attempt.kind === 'succeeded' && !attempt.isProven);
