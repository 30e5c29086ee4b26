import type { Defaults } from '../../domain/injection/match.ts';
import { readLimitRange } from '../../domain/injection/pod/limit-range.ts';
import { readDisruptionBudget } from '../../domain/restart/records/disruption.ts';
import { readObservedInstrumentation } from '../../domain/restart/records/instrumentation.ts';
import { readJob } from '../../domain/restart/records/job.ts';
import type { WorkloadKind } from '../../domain/restart/records/metadata.ts';
import { readNamespace } from '../../domain/restart/records/namespace.ts';
import { podReader } from '../../domain/restart/records/pod.ts';
import {
  readControllerRevision,
  readReplicaSet,
  type Revision,
} from '../../domain/restart/records/revision.ts';
import { readWorkload, type Workload } from '../../domain/restart/records/workload.ts';
import type { Records } from '../kube/cache.ts';
import type { Resource } from '../kube/resource.ts';
import { createBook, type Book } from '../surroundings/book.ts';
import type { Surroundings } from '../surroundings/surroundings.ts';
import {
  createFinder,
  namespaceIndex,
  namespaceReferences,
  ownerIndex,
  workloadIndexes,
  type Finder,
  type Kept,
} from './finder.ts';
import { resources } from './kinds.ts';
import { createMarks, type Marks } from './looking/marks.ts';
import { createWatches, type Watches, type WatchOptions } from './watches.ts';

export interface CachesOptions extends WatchOptions {
  readonly defaults: Defaults;
  /** Told the key of each workload about which something may have to be decided anew. */
  readonly onMark: (workload: string) => void;
  /** Told when a namespace or an Instrumentation says something else, be it to a workload or not. */
  readonly onWords?: (() => void) | undefined;
  /** Told when Instrumentations are read again, which they are when their definition is another one. */
  readonly onDefinition?: (() => void) | undefined;
}

/** The cluster as the loop knows it; the webhook in the same process needs no watches of its own. */
export interface Caches extends Surroundings, Finder {
  readonly kept: Kept;
}

export function createCaches(options: CachesOptions): Caches {
  const { defaults, onMark, onWords, onDefinition, ...rest } = options;
  const watches = createWatches(rest);
  const book = createBook(defaults);
  const marks = createMarks(() => ({ kept, finder }), onMark, onWords);
  const kept = keep(watches, book, marks, onDefinition);
  const finder = createFinder(kept);
  const { missing, caches, run, complete } = watches;
  const { worldOf, fingerprint } = book;
  return { ...finder, kept, worldOf, fingerprint, missing, caches, run, complete };
}

function keep({ add }: Watches, book: Book, marks: Marks, onDefinition?: () => void): Kept {
  const workloads = (resource: Resource, kind: WorkloadKind): Records<Workload> =>
    add<Workload>({
      resource,
      read: (json) => readWorkload(kind, json),
      indexes: workloadIndexes,
      onChange: marks.workload,
    });
  const revisions = (resource: Resource, read: (json: unknown) => Revision | undefined) =>
    add<Revision>({ resource, read, indexes: ownerIndex, onChange: marks.revision });
  return {
    ...keepWords({ add }, book, marks, onDefinition),
    workloads: {
      Deployment: workloads(resources.deployments, 'Deployment'),
      StatefulSet: workloads(resources.statefulSets, 'StatefulSet'),
      DaemonSet: workloads(resources.daemonSets, 'DaemonSet'),
    },
    replicaSets: revisions(resources.replicaSets, readReplicaSet),
    controllerRevisions: revisions(resources.controllerRevisions, readControllerRevision),
    jobs: add({ resource: resources.jobs, read: readJob, onChange: () => undefined }),
    disruptionBudgets: add({
      resource: resources.disruptionBudgets,
      read: readDisruptionBudget,
      indexes: namespaceIndex,
      onChange: marks.disruptionBudget,
    }),
    // Last, when whose they are is known.
    pods: add({
      resource: resources.pods,
      read: podReader(),
      indexes: ownerIndex,
      onChange: marks.pod,
    }),
  };
}

/** What people say to pods from outside. The book is told first: who is marked will ask it. */
function keepWords(
  { add }: Pick<Watches, 'add'>,
  book: Book,
  marks: Marks,
  onDefinition?: () => void,
) {
  add({
    resource: resources.limitRanges,
    read: readLimitRange,
    onChange: (key, now, before) => {
      book.putLimitRange(key, now);
      marks.limitRange(key, now, before);
    },
  });
  return {
    namespaces: add({
      resource: resources.namespaces,
      read: readNamespace,
      indexes: namespaceReferences,
      onChange: (key, now, before) => {
        book.putNamespace(key, now);
        marks.namespace(key, now, before);
      },
    }),
    instrumentations: add({
      resource: resources.instrumentations,
      read: readObservedInstrumentation,
      onChange: (key, now, before) => {
        book.putInstrumentation(key, now?.settings);
        marks.instrumentation(key, now, before);
      },
      onLive: onDefinition,
    }),
  } satisfies Pick<Kept, 'namespaces' | 'instrumentations'>;
}
