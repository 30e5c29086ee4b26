import type { Settings } from '../../config/settings.ts';
import { budgetOf, rulesOf } from '../../controller/loop/allowance.ts';
import { limitRangesByNamespace } from '../../domain/injection/pod/limit-range.ts';
import { indexInstrumentations } from '../../domain/injection/selector.ts';
import type { Defaults, World } from '../../domain/injection/match.ts';
import { gather, type Decision } from '../../domain/restart/gather.ts';
import { judge } from '../../domain/restart/judge.ts';
import type { Rules } from '../../domain/restart/judge/policy.ts';
import type { Limits } from '../../domain/restart/judge/reading.ts';
import { createDecisionOf } from '../../domain/restart/judge/likeness.ts';
import { plan, type Budget, type Plan } from '../../domain/restart/plan.ts';
import type { Seconds } from '../../domain/restart/records/metadata.ts';
import type { Workload } from '../../domain/restart/records/workload.ts';
import type { Wanted } from '../../domain/restart/snapshot.ts';
import type { Judgement } from '../../domain/restart/verdict.ts';
import type { Records } from './records.ts';

/** What is so in a cluster, and what would be done about it. */
export interface Assessment {
  /** In the order of their keys. */
  readonly judgements: readonly Judgement[];
  readonly plan: Plan;
  readonly instrumentations: readonly string[];
}

export interface Assumptions {
  readonly defaults: Defaults;
  /** Without what the cluster says of our own namespace. */
  readonly rules: Rules;
  readonly budget: Budget & Limits;
  readonly now: Seconds;
}

/** What the controller goes by. */
export const assumptionsOf = (settings: Settings, nowMs: number): Assumptions => ({
  defaults: settings,
  rules: rulesOf(settings, {}),
  budget: budgetOf(settings),
  now: Math.floor(nowMs / 1_000),
});

/**
 * Judges every workload as the controller would. Two things it cannot know from here: what it calls
 * behind has long been so, and the webhook works.
 */
export function assess(
  records: Records,
  { defaults, rules, budget, now }: Assumptions,
  decide: Decide = decidingIn(records, defaults),
): Assessment {
  const { namespaces, instrumentations } = records;
  const { name: homeName } = rules.home;
  const home = { name: homeName, annotations: namespaces.get(homeName)?.annotations ?? {} };
  const judgements = [...records.workloads.values()].map((workload) => {
    const { wanted } = decide(workload);
    const pods = records.podsOf(workload);
    const governors = governing(wanted).flatMap((name) => instrumentations.get(name) ?? []);
    const behindSince = longAgo([pods, governors], now - budget.settleMissingSeconds);
    const found = {
      workload,
      revisions: records.revisionsOf(workload),
      pods,
      namespace: namespaces.get(workload.namespace),
      instrumentations: governors,
      disruptionBudgets: records.disruptionBudgetsIn(workload.namespace),
      wanted,
      memory: { behindSince, rejected: undefined, sent: undefined, restarts: [] },
    };
    return judge(gather(found, { ...rules, home }, now), budget);
  });
  const round = {
    judgements,
    instrumentations,
    provenAt: Number.POSITIVE_INFINITY,
    warmAt: 0,
    untoldAt: [],
    now,
  };
  return {
    judgements: judgements.toSorted((one, other) => (one.key < other.key ? -1 : 1)),
    plan: plan(round, budget),
    instrumentations: [...instrumentations.keys()].toSorted(),
  };
}

/** What the pods of a workload would get if they were made now. */
export type Decide = (workload: Workload) => Decision;

/** Each is decided once. What it rests on must have been read: namespaces, Instrumentations, LimitRanges. */
export function decidingIn(records: Records, defaults: Defaults): Decide {
  const worldOf = worldsOf(records, defaults);
  const decisionOf = createDecisionOf();
  const known = new Map<Workload, Decision>();
  return (workload) => {
    const found = known.get(workload);
    if (found !== undefined) return found;
    const decision = asKnown(decisionOf(workload, worldOf(workload.namespace)));
    known.set(workload, decision);
    return decision;
  };
}

/** Where a part of what is asked could not be read, nothing can be said of the whole. */
function asKnown(decision: Decision): Decision {
  const { wanted, admission } = decision;
  if (wanted.kind === 'nothing') return decision;
  const { stamp, refusals } = wanted;
  const reason = 'InstrumentationUnreadable';
  const unread = refusals.filter((one) => one.reason === reason);
  if (unread.length === 0) return decision;
  const instrumentations = unread.map(({ detail = '' }) => detail);
  return { admission, wanted: { kind: 'refused', reason, stamp, refusals, instrumentations } };
}

/** One for all workloads of a namespace. */
function worldsOf(records: Records, defaults: Defaults) {
  const { namespaces, instrumentations, limitRanges, isHidden } = records;
  const index = indexInstrumentations(
    [...instrumentations.values()].map(({ settings }) => settings),
    isHidden,
  );
  const limits = limitRangesByNamespace(limitRanges);
  const worlds = new Map<string, World>();
  return (name: string): World => {
    const { annotations = {}, labels = {} } = namespaces.get(name) ?? {};
    const world = worlds.get(name) ?? {
      namespace: { name, annotations, labels, limits: limits.get(name) },
      instrumentations: index,
      defaults,
    };
    worlds.set(name, world);
    return world;
  };
}

const governing = (wanted: Wanted) => (wanted.kind === 'nothing' ? [] : wanted.instrumentations);

/** Since when both have been there. The controller has seen it all the while: it has settled. */
const longAgo = (
  both: readonly (readonly { readonly createdAt: Seconds }[])[],
  settled: Seconds,
): Seconds => {
  const [pods = [], governors = []] = both.map((list) => list.map(({ createdAt }) => createdAt));
  return Math.min(settled, Math.max(Math.min(...pods), ...governors));
};
