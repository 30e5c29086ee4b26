import { instrumentationsOf } from '../../../domain/restart/plan/round.ts';
import { isSameVerdict, type Judgement, type Verdict } from '../../../domain/restart/verdict.ts';
import type { Told } from '../../../domain/status/told.ts';

/** What is other than it was in the round before. */
export interface News {
  readonly workloads: readonly Told[];
  /** The keys of those that are gone. */
  readonly gone: readonly string[];
  /** By `namespace/name`: those that one of these asks for, or asked for. */
  readonly instrumentations: ReadonlySet<string>;
}

/** Keeps what was found of each workload, so that nobody looks twice at what is as it was. */
export interface Ledger {
  readonly note: (
    judgements: ReadonlyMap<string, Judgement>,
    verdicts: ReadonlyMap<string, Verdict>,
  ) => News;
  /** All that ask for an Instrumentation. */
  readonly askingFor: (instrumentation: string) => readonly Told[];
}

export function createLedger(): Ledger {
  const known = new Map<string, Told>();
  const groups = createGroups();

  return {
    note: (judgements, verdicts) => {
      const workloads: Told[] = [];
      const instrumentations = new Set<string>();
      for (const [key, judgement] of judgements) {
        const verdict = verdicts.get(key) ?? judgement.verdict;
        const before = known.get(key);
        if (before?.judgement === judgement && isSameVerdict(before.verdict, verdict)) continue;
        const told = { judgement, verdict };
        known.set(key, told);
        groups.replace(before, told, instrumentations);
        workloads.push(told);
      }
      const gone = known.size > judgements.size ? missingIn(judgements, known) : [];
      for (const key of gone) {
        groups.replace(known.get(key), undefined, instrumentations);
        known.delete(key);
      }
      return { workloads, gone, instrumentations };
    },
    askingFor: groups.of,
  };
}

const missingIn = (
  judgements: ReadonlyMap<string, Judgement>,
  known: ReadonlyMap<string, Told>,
): readonly string[] => [...known.keys()].filter((key) => !judgements.has(key));

function createGroups() {
  const groups = new Map<string, Map<string, Told>>();
  const leave = (name: string, key: string) => {
    const group = groups.get(name);
    group?.delete(key);
    if (group?.size === 0) groups.delete(name);
  };
  const enter = (name: string, told: Told) => {
    const group = groups.get(name) ?? new Map<string, Told>();
    groups.set(name, group.set(told.judgement.key, told));
  };
  return {
    of: (name: string): readonly Told[] => [...(groups.get(name)?.values() ?? [])],
    replace: (before: Told | undefined, now: Told | undefined, touched: Set<string>) => {
      const left = before ? instrumentationsOf(before.judgement) : [];
      for (const name of left) {
        touched.add(name);
        if (before) leave(name, before.judgement.key);
      }
      for (const name of now ? instrumentationsOf(now.judgement) : []) {
        touched.add(name);
        if (now) enter(name, now);
      }
    },
  };
}
