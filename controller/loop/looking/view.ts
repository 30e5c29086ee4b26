import { setImmediate as breathe } from 'node:timers/promises';
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
import type { Judgement } from '../../../domain/restart/verdict.ts';
import type { Time } from '../../kube/pace.ts';
import type { Caches } from '../caches.ts';
import type { Memories } from './memory.ts';
import { createWants, type Wants } from './wants.ts';

export interface ViewOptions {
  readonly caches: Caches;
  readonly memories: Memories;
  readonly rules: () => Rules;
  readonly limits: Limits;
  readonly time: Time;
}

/** One workload whose judgement may be another than before; without `now` it is gone. */
export interface Change {
  readonly before: Judgement | undefined;
  readonly now: Judgement | undefined;
}

/** Other work waits no longer than this for ours. */
const sliceMs = 8;
/** Nothing goes unseen for longer, whatever the watches have missed. */
const quietSeconds = 60;
/** What is on the move depends on the time, too. */
const busySeconds = 5;

/** The judgement on every workload, each renewed when something has happened or time has passed. */
export class View {
  readonly #options: ViewOptions;
  readonly #judgements = new Map<string, Judgement>();
  readonly #due = new Map<string, Seconds>();
  readonly #wants: Wants;

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
  async look(marked: ReadonlySet<string>, now: Seconds): Promise<readonly Change[]> {
    const { rules, time } = this.#options;
    const keys = new Set(marked);
    for (const [key, at] of this.#due) if (at <= now) keys.add(key);
    const by = rules();
    const changes: Change[] = [];
    let began = time.now();
    for (const key of keys) {
      if (time.now() - began > sliceMs) {
        await breathe();
        began = time.now();
      }
      changes.push(this.#renew(key, by, now));
    }
    return changes;
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
    const judgement = { ...judged, since: memories.see(judged, now) };
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

function dueAfter({ verdict, attempt }: Judgement, now: Seconds): Seconds {
  const isSettled = verdict.kind === 'current' || verdict.kind === 'exempt';
  const isOnTheMove = !isSettled || attempt.kind === 'underWay' || attempt.kind === 'succeeded';
  const until = verdict.kind === 'waiting' ? (verdict.until ?? now) : now;
  const soon = until > now ? Math.min(until, now + busySeconds) : now + busySeconds;
  return isOnTheMove && !isProvenSuccess(attempt) ? soon : now + quietSeconds;
}

const isProvenSuccess = (attempt: Judgement['attempt']) =>
  attempt.kind === 'succeeded' && attempt.isProven;
