import type { JsonObject } from '../../../domain/json.ts';
import type { Timed } from '../../look/live/reach.ts';
import type { Told } from '../../look/live/sparing.ts';
import { kinds } from '../../look/objects.ts';
import type { Records } from '../../look/records.ts';
import type { listed } from '../kinds.ts';
import type { Listed, Listing, Manner } from './listing.ts';

/** How far a cluster is read. */
export interface Survey {
  /** All that is judged, but for the pods. */
  readonly lists: (records: Records) => Promise<readonly Listed[]>;
  /** Those, and what of the rest is needed besides. */
  readonly rest: (known: Told, besides: readonly string[]) => Promise<readonly Listed[]>;
}

export type ListedKind = keyof typeof listed;

export type List = (kind: ListedKind, manner: Manner) => Promise<Listing>;

const workloadKinds = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;

/** Workloads, their revisions, which are compared with them, and other kinds. */
export async function listsOf(
  others: readonly ListedKind[],
  records: Records,
  list: List,
): Promise<readonly Listed[]> {
  const read = async (kind: ListedKind, { after, ...wish }: Timed = {}) => {
    const looked = kinds[kind];
    const take = async (objects: readonly JsonObject[]) => {
      await after;
      if (looked !== undefined) records.take(looked, objects);
    };
    return { kind, ...(await list(kind, { ...wish, take })) };
  };
  const workloads = Promise.all(workloadKinds.map((kind) => read(kind)));
  const lists = await Promise.all([
    workloads,
    Promise.all(others.map((kind) => read(kind))),
    read('ControllerRevision', { after: workloads }),
  ]);
  return lists.flat();
}
