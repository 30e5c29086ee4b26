import type { Settings } from '../../config/settings.ts';
import { budgetOf, rulesOf } from '../../controller/loop/allowance.ts';
import { indexInstrumentations } from '../../domain/injection/selector.ts';
import type { Defaults, World } from '../../domain/injection/match.ts';
import { gather, wantedOf } from '../../domain/restart/gather.ts';
import { judge } from '../../domain/restart/judge.ts';
import type { Rules } from '../../domain/restart/judge/policy.ts';
import type { Limits } from '../../domain/restart/judge/reading.ts';
import { plan, type Budget, type Plan } from '../../domain/restart/plan.ts';
import { readDisruptionBudget } from '../../domain/restart/records/disruption.ts';
import { readObservedInstrumentation } from '../../domain/restart/records/instrumentation.ts';
import type { Seconds } from '../../domain/restart/records/metadata.ts';
import { readNamespace, type Namespace } from '../../domain/restart/records/namespace.ts';
import { podReader } from '../../domain/restart/records/pod.ts';
import { readControllerRevision, readReplicaSet } from '../../domain/restart/records/revision.ts';
import { readWorkload, type Workload } from '../../domain/restart/records/workload.ts';
import type { Wanted } from '../../domain/restart/snapshot.ts';
import type { Judgement } from '../../domain/restart/verdict.ts';
import type { Objects } from './objects.ts';

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
  objects: Objects,
  { defaults, rules, budget, now }: Assumptions,
): Assessment {
  const records = read(objects);
  const { namespaces, instrumentations } = records;
  const index = indexInstrumentations(
    [...instrumentations.values()].map(({ settings }) => settings),
  );
  const worldOf = (name: string): World => {
    const { annotations = {}, labels = {} } = namespaces.get(name) ?? {};
    return { namespace: { name, annotations, labels }, instrumentations: index, defaults };
  };
  const { name: homeName } = rules.home;
  const home = { name: homeName, annotations: namespaces.get(homeName)?.annotations ?? {} };
  const judgements = records.workloads.map((workload) => {
    const wanted = wantedOf(workload, worldOf(workload.namespace));
    const revisions = records.revisionsOf.get(workload.uid) ?? [];
    const pods = [workload, ...revisions].flatMap(({ uid }) => records.podsOf.get(uid) ?? []);
    const governors = governing(wanted).flatMap((name) => instrumentations.get(name) ?? []);
    const behindSince = longAgo([pods, governors], now - budget.settleMissingSeconds);
    const found = {
      workload,
      revisions,
      pods,
      namespace: namespaces.get(workload.namespace),
      instrumentations: governors,
      disruptionBudgets: records.disruptionBudgetsIn.get(workload.namespace) ?? [],
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

const governing = (wanted: Wanted) => (wanted.kind === 'nothing' ? [] : wanted.instrumentations);

/** Since when both have been there. The controller has seen it all the while: it has settled. */
const longAgo = (
  both: readonly (readonly { readonly createdAt: Seconds }[])[],
  settled: Seconds,
): Seconds => {
  const [pods = [], governors = []] = both.map((list) => list.map(({ createdAt }) => createdAt));
  return Math.min(settled, Math.max(Math.min(...pods), ...governors));
};

const some = <R>(list: readonly unknown[], reader: (json: unknown) => R | undefined) =>
  list.map(reader).filter((one) => one !== undefined);

const named = <R extends { readonly namespace: string; readonly name: string }>(
  list: readonly R[],
) => new Map(list.map((one) => [`${one.namespace}/${one.name}`, one]));

const owned = <R extends { readonly owner: { readonly uid: string } | undefined }>(
  list: readonly R[],
) => Map.groupBy(list, ({ owner }) => owner?.uid ?? '');

function read(objects: Objects) {
  const readPod = podReader();
  const revisions = [
    ...some(objects.replicaSets, readReplicaSet),
    ...some(objects.controllerRevisions, readControllerRevision),
  ];
  const namespaces = some(objects.namespaces, readNamespace);
  return {
    namespaces: new Map(namespaces.map((one): [string, Namespace] => [one.name, one])),
    instrumentations: named(some(objects.instrumentations, readObservedInstrumentation)),
    workloads: workloadsIn(objects),
    revisionsOf: owned(revisions),
    podsOf: owned(some(objects.pods, readPod)),
    disruptionBudgetsIn: Map.groupBy(
      some(objects.disruptionBudgets, readDisruptionBudget),
      ({ namespace }) => namespace,
    ),
  };
}

const workloadsIn = (objects: Objects): readonly Workload[] =>
  [
    ...objects.deployments.map((json) => readWorkload('Deployment', json)),
    ...objects.statefulSets.map((json) => readWorkload('StatefulSet', json)),
    ...objects.daemonSets.map((json) => readWorkload('DaemonSet', json)),
  ].filter((one) => one !== undefined);
