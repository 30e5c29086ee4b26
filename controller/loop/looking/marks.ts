import { canonical } from '../../../domain/injection/stamp.ts';
import type { LimitRange } from '../../../domain/injection/pod/limit-range.ts';
import { objectAt } from '../../../domain/json.ts';
import { selects, type DisruptionBudget } from '../../../domain/restart/records/disruption.ts';
import type { ObservedInstrumentation } from '../../../domain/restart/records/instrumentation.ts';
import { workloadKinds, type WorkloadKind } from '../../../domain/restart/records/metadata.ts';
import type { Namespace } from '../../../domain/restart/records/namespace.ts';
import type { ObservedPod } from '../../../domain/restart/records/pod.ts';
import type { Revision } from '../../../domain/restart/records/revision.ts';
import { workloadKey, type Workload } from '../../../domain/restart/records/workload.ts';
import type { OnChange } from '../../kube/cache.ts';
import type { Finder, Kept } from '../finder.ts';

/** For each kind: tells which workloads a change of one of its objects concerns. */
export interface Marks {
  readonly workload: OnChange<Workload>;
  readonly revision: OnChange<Revision>;
  readonly pod: OnChange<ObservedPod>;
  readonly namespace: OnChange<Namespace>;
  readonly limitRange: OnChange<LimitRange>;
  readonly instrumentation: OnChange<ObservedInstrumentation>;
  readonly disruptionBudget: OnChange<DisruptionBudget>;
}

/** What there is to find in, asked for only when something has changed: by then it is there. */
export type Cluster = () => { readonly kept: Kept; readonly finder: Finder };

export function createMarks(
  cluster: Cluster,
  onMark: (workload: string) => void,
  onWords: () => void = () => undefined,
): Marks {
  const markAll = (workloads: readonly Workload[]) => workloads.map(workloadKey).forEach(onMark);
  const markOwner = ({ owner, namespace }: Pick<Revision, 'owner' | 'namespace'>) => {
    if (owner && isWorkloadKind(owner.kind))
      onMark(workloadKey({ kind: owner.kind, namespace, name: owner.name }));
  };
  return {
    workload: (_key, now, before) => markAll([now ?? before].filter((one) => one !== undefined)),
    revision: (_key, now, before) => {
      const revision = now ?? before;
      if (revision) markOwner(revision);
    },
    pod: (_key, now, before) => {
      const pod = now ?? before;
      if (pod) markOwner(makerOf(pod, cluster().kept) ?? pod);
    },
    namespace: (_key, now, before) => {
      if (!isNews(now, before, wordsOfNamespace)) return;
      markAll(cluster().finder.workloadsIn((now ?? before)?.name ?? ''));
      onWords();
    },
    limitRange: (key) => {
      markAll(cluster().finder.workloadsIn(key.slice(0, key.indexOf('/'))));
      onWords();
    },
    instrumentation: (_key, now, before) => {
      const one = now ?? before;
      // Most changes are of its status, and those are ours.
      if (!one || !isNews(now, before, wordsOfInstrumentation)) return;
      markAll(cluster().finder.workloadsNaming(one));
      onWords();
    },
    disruptionBudget: (_key, now, before) => {
      const budgets = [now, before].filter((one) => one !== undefined);
      const there = cluster().finder.workloadsIn(budgets[0]?.namespace ?? '');
      markAll(there.filter((workload) => budgets.some((budget) => covers(budget, workload))));
    },
  };
}

const isWorkloadKind = (kind: string): kind is WorkloadKind =>
  (workloadKinds as readonly string[]).includes(kind);

/** Between a Deployment and its pods stands a ReplicaSet; the pod waits for it, if it came first. */
const makerOf = ({ owner, namespace }: ObservedPod, { replicaSets }: Kept) =>
  owner?.kind === 'ReplicaSet' ? replicaSets.get(`${namespace}/${owner.name}`) : undefined;

const isNews = <R>(now: R | undefined, before: R | undefined, words: (record: R) => unknown) =>
  !now || !before || canonical(words(now)) !== canonical(words(before));

const wordsOfNamespace = ({ labels, annotations, deletedAt }: Namespace) => [
  labels,
  annotations,
  deletedAt,
];

const wordsOfInstrumentation = (one: ObservedInstrumentation) => [
  one.generation,
  one.annotations,
  one.deletedAt,
  one.settings.digests,
  one.settings.problems,
];

const covers = ({ selector }: DisruptionBudget, { template }: Workload) =>
  selects(selector, objectAt(objectAt(template, 'metadata') ?? {}, 'labels') ?? {});
