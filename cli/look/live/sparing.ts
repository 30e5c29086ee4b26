import { countsSeconds } from '../../../domain/restart/plan.ts';
import type { Seconds } from '../../../domain/restart/records/metadata.ts';
import type { Revision } from '../../../domain/restart/records/revision.ts';
import type { Workload } from '../../../domain/restart/records/workload.ts';
import type { Assumptions, Decide } from '../assess.ts';
import type { Looked } from '../objects.ts';
import type { Records } from '../records.ts';
import { metadataTells } from './families.ts';
import type { Timed, Wish } from './reach.ts';

export type List = (kind: Looked, namespace?: string, wish?: Timed) => Promise<void>;

/** What has been read, or is being read. */
interface Known {
  readonly records: Records;
  readonly decide: Decide;
  /** Revisions are compared with them. */
  readonly workloads: Promise<unknown>;
  /** Restarts before it count for no other workload. */
  readonly tellingSince: Seconds;
}

export const tellingSince = ({ budget, now }: Pick<Assumptions, 'budget' | 'now'>): Seconds =>
  now - countsSeconds(budget) - clocksDifferSeconds;

/** A revision is as old as the API server says, and a restart as the controller says. */
const clocksDifferSeconds = 15 * 60;

/**
 * Reads pods by their metadata, and ReplicaSets, of which there are far more than workloads, where
 * pods do not tell of them: a small part of both, and enough where all pods of a workload have just
 * what they asked for. Where there is a doubt both are read whole.
 */
export async function readSparingly(list: List, known: Known): Promise<void> {
  const { records, workloads } = known;
  await Promise.all([
    workloads,
    list('controllerRevisions', all, { after: workloads }),
    list('pods', all, living),
  ]);
  const untold = fewOf(records.inferReplicaSets(known.tellingSince));
  records.forgetReplicaSets(untold);
  await inLanes([...(untold ?? [all])], (place) =>
    list('replicaSets', place, { metadataOnly: true }),
  );
  const few = fewOf(placesInDoubt(known));
  records.forgetParts(few);
  const isTold = metadataTells(records.workloads.values());
  await inLanes([...(few ?? [all])], async (place) => {
    const metadataOnly = isTold(place);
    await Promise.all([list('replicaSets', place, { metadataOnly }), list('pods', place)]);
  });
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

/** What there is to judge by. */
export type Told = Pick<Known, 'records' | 'decide' | 'tellingSince'>;

/** The namespaces of workloads of which parts do not tell enough. */
export function placesInDoubt(known: Told): ReadonlySet<string> {
  const places = new Set<string>();
  for (const workload of known.records.workloads.values())
    if (!places.has(workload.namespace) && isDoubtful(workload, known))
      places.add(workload.namespace);
  return places;
}

/**
 * A restart of ours is judged by how its pods run, and a lack by what else is in them. Where nobody
 * has been restarted of late and each pod has what is asked of it now, nothing else counts.
 */
function isDoubtful(workload: Workload, { records, decide, tellingSince: since }: Told): boolean {
  const revisions = records.revisionsOf(workload);
  if ([workload, ...revisions].some(({ marker }) => marker !== undefined)) return true;
  const untold = revisions.filter((one) => records.untold.has(one));
  if (untold.some(({ createdAt }) => createdAt > since)) return true;
  const pods = records.podsOf(workload);
  const { wanted } = decide(workload);
  if (wanted.kind === 'nothing') return pods.some(({ injected }) => injected !== undefined);
  const { asked } = wanted.stamp;
  const hasAll = pods.every(({ injected }) => injected?.asked === asked);
  return wanted.kind === 'refused' || !hasAll || untold.some((one) => isNewestOf(revisions, one));
}

/** While its template is not known, a restart may be under way, or be undone. */
const isNewestOf = (revisions: readonly Revision[], one: Revision) =>
  revisions.every(({ number }) => number <= one.number);
