import { objectAt, type JsonObject } from '../../domain/json.ts';
import type { DisruptionBudget } from '../../domain/restart/records/disruption.ts';
import {
  referencesOf,
  referredToAs,
  type ObservedInstrumentation,
} from '../../domain/restart/records/instrumentation.ts';
import type { Job } from '../../domain/restart/records/job.ts';
import type { Identity, WorkloadKind } from '../../domain/restart/records/metadata.ts';
import type { Namespace } from '../../domain/restart/records/namespace.ts';
import type { ObservedPod } from '../../domain/restart/records/pod.ts';
import type { Revision } from '../../domain/restart/records/revision.ts';
import type { Workload } from '../../domain/restart/records/workload.ts';
import type { Indexes, Records } from '../kube/cache.ts';

/** The records of each kind. */
export interface Kept {
  readonly namespaces: Records<Namespace>;
  readonly instrumentations: Records<ObservedInstrumentation>;
  readonly workloads: Readonly<Record<WorkloadKind, Records<Workload>>>;
  readonly replicaSets: Records<Revision>;
  readonly controllerRevisions: Records<Revision>;
  readonly pods: Records<ObservedPod>;
  readonly jobs: Records<Job>;
  readonly disruptionBudgets: Records<DisruptionBudget>;
}

/** What belongs together, found without a search. */
export interface Finder {
  readonly workload: (name: Pick<Workload, 'kind' | 'namespace' | 'name'>) => Workload | undefined;
  readonly workloadsIn: (namespace: string) => readonly Workload[];
  /** Those whose pods name it, by themselves or by their namespace. */
  readonly workloadsNaming: (instrumentation: InstrumentationName) => readonly Workload[];
  readonly revisionsOf: (workload: Pick<Workload, 'uid'>) => readonly Revision[];
  /** Also those of its earlier revisions. */
  readonly podsOf: (workload: Pick<Workload, 'uid'>) => readonly ObservedPod[];
  readonly disruptionBudgetsIn: (namespace: string) => readonly DisruptionBudget[];
}

export type InstrumentationName = Pick<Identity, 'namespace' | 'name'>;

const owner = ({ owner: found }: { readonly owner: { readonly uid: string } | undefined }) =>
  found === undefined ? [] : [found.uid];

export const ownerIndex = { owner };

export const namespaceIndex = { namespace: ({ namespace }: Identity) => [namespace] };

const silent = (name: string) => ({ name, annotations: {} });

/** By itself; what its namespace adds is found by the namespace, so that neither waits for the other. */
export const workloadIndexes: Indexes<Workload> = {
  ...namespaceIndex,
  reference: (one) => referencesOf(annotationsIn(one), silent(one.namespace)),
};

export const namespaceReferences: Indexes<Namespace> = {
  reference: (namespace) => referencesOf({}, namespace),
};

export function createFinder(kept: Kept): Finder {
  const byKind = Object.values(kept.workloads);
  const workloadsBy = (index: string, key: string) =>
    byKind.flatMap((records) => records.byIndex(index, key));
  const workloadsIn = (namespace: string) => workloadsBy('namespace', namespace);
  const revisionsOf = ({ uid }: Pick<Workload, 'uid'>) =>
    [kept.replicaSets, kept.controllerRevisions].flatMap((all) => all.byIndex('owner', uid));

  function workloadsNaming(instrumentation: InstrumentationName): readonly Workload[] {
    const names = referredToAs(instrumentation);
    const askers = names.flatMap((name) => kept.namespaces.byIndex('reference', name));
    const candidates = new Set([
      ...names.flatMap((name) => workloadsBy('reference', name)),
      ...askers.flatMap(({ name }) => workloadsIn(name)),
    ]);
    return [...candidates].filter((one) => {
      const namespace = kept.namespaces.get(one.namespace) ?? silent(one.namespace);
      return referencesOf(annotationsIn(one), namespace).some((name) => names.includes(name));
    });
  }

  return {
    workload: ({ kind, namespace, name }) => kept.workloads[kind].get(`${namespace}/${name}`),
    workloadsIn,
    workloadsNaming,
    revisionsOf,
    podsOf: (workload) =>
      [workload, ...revisionsOf(workload)].flatMap(({ uid }) => kept.pods.byIndex('owner', uid)),
    disruptionBudgetsIn: (namespace) => kept.disruptionBudgets.byIndex('namespace', namespace),
  };
}

const annotationsIn = ({ template }: Workload): JsonObject =>
  objectAt(objectAt(template, 'metadata') ?? {}, 'annotations') ?? {};
