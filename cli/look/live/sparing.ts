import type { Workload } from '../../../domain/restart/records/workload.ts';
import type { Wants } from '../assess.ts';
import type { Looked } from '../objects.ts';
import type { Records } from '../records.ts';
import type { Wish } from './reach.ts';

export type List = (kind: Looked, namespace?: string, wish?: Timed) => Promise<void>;

interface Timed extends Wish {
  /** What comes is taken no sooner. */
  readonly after?: Promise<unknown>;
}

/** What has been read, or is being read. */
interface Known {
  readonly records: Records;
  readonly wants: Wants;
  /** Revisions are compared with them. */
  readonly workloads: Promise<unknown>;
}

/**
 * Reads revisions, and pods by their metadata: a small part of them, and enough where all pods of a
 * workload have just what they asked for. Where there is a doubt the pods are read whole.
 */
export async function readSparingly(list: List, known: Known): Promise<void> {
  const { records, wants, workloads } = known;
  await Promise.all([
    workloads,
    list('replicaSets', all, { after: workloads }),
    list('controllerRevisions', all, { after: workloads }),
    list('pods', all, living),
  ]);
  const doubtful = [...records.workloads.values()].filter((workload) =>
    isDoubtful(workload, records, wants),
  );
  const few = fewOf(new Set(doubtful.map(({ namespace }) => namespace)));
  records.forgetPods(few);
  await inLanes([...(few ?? [all])], (place) => list('pods', place));
}

const all = undefined;

/** What has run its course its metadata does not tell, so whoever answers leaves it out. */
const living: Wish = {
  query: { fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' },
  metadataOnly: true,
};

/** More lists than this take longer than the whole, which undefined stands for. */
export const fewOf = (places: ReadonlySet<string>): ReadonlySet<string> | undefined =>
  places.size <= mostPlaces ? places : undefined;

const mostPlaces = 40;

/** Each lane is a connection of its own, and a few keep an API server busy enough. */
const lanes = 4;

export async function inLanes<T>(
  tasks: readonly T[],
  run: (task: T) => Promise<void>,
): Promise<void> {
  const left = tasks.values();
  const runOn = async () => {
    for (const task of left) await run(task);
  };
  await Promise.all(Array.from({ length: lanes }, runOn));
}

/**
 * A restart of ours is judged by how its pods run, and a lack by what else is in them. Where nobody
 * has been restarted and each pod has what is asked of it now, nothing else counts.
 */
export function isDoubtful(workload: Workload, records: Records, wants: Wants): boolean {
  const templates = [workload, ...records.revisionsOf(workload)];
  if (templates.some(({ marker }) => marker !== undefined)) return true;
  const pods = records.podsOf(workload);
  const wanted = wants(workload);
  if (wanted.kind === 'nothing') return pods.some(({ injected }) => injected !== undefined);
  const { asked } = wanted.stamp;
  return wanted.kind === 'refused' || !pods.every(({ injected }) => injected?.asked === asked);
}
