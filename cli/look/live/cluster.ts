import type { Client } from '../../../controller/kube/client.ts';
import { faultOf } from '../../../controller/kube/fault.ts';
import type { KubeObject } from '../../../controller/kube/resource.ts';
import { resources } from '../../../controller/loop/kinds.ts';
import { objectAt } from '../../../domain/json.ts';
import { referencesOf } from '../../../domain/restart/records/instrumentation.ts';
import type { Workload } from '../../../domain/restart/records/workload.ts';
import { decidingIn, type Assumptions, type Decide } from '../assess.ts';
import { Records } from '../records.ts';
import { readElsewhere } from './elsewhere.ts';
import { deadlineMs, eachPage, isForbidden } from './reach.ts';
import { readSparingly, tellingSince, type List } from './sparing.ts';

const first = ['deployments', 'statefulSets', 'daemonSets', 'disruptionBudgets'] as const;
const second = ['replicaSets', 'controllerRevisions', 'pods'] as const;

/** What was read, and what was found out on the way. */
export interface Read {
  readonly records: Records;
  readonly decide: Decide;
}

/**
 * Reads a cluster once. Where only those are shown who ask for something, the pods of the others are
 * left alone, since pods are by far the most of what there is. Often the first page of workloads tells
 * already that somebody asks nearly everywhere: then the rest need not be waited for.
 */
export async function recordsIn(
  client: Client,
  assumptions: Assumptions,
  isEveryoneShown: boolean,
): Promise<Read> {
  const records = new Records();
  const begun = Promise.withResolvers<void>();
  const list = listing(client, records, begun.resolve);
  const workloads = Promise.all(first.map((kind) => list(kind)));
  await Promise.all([
    list('namespaces'),
    list('instrumentations'),
    listLimits(list, records),
    Promise.race([begun.promise, workloads]),
  ]);
  const decide = decidingIn(records, assumptions.defaults);
  if (!isEveryoneShown && fewPlacesIn(records) !== undefined) {
    await workloads;
    const places = fewPlacesIn(records);
    if (places !== undefined) {
      await Promise.all(second.flatMap((kind) => places.map((place) => list(kind, place))));
      return { records, decide };
    }
  }
  const since = tellingSince(assumptions);
  await readSparingly(list, { records, decide, workloads, tellingSince: since });
  return { records, decide };
}

/** Reads what concerns one namespace; whoever may read no other gets an answer all the same. */
export async function recordsOfNamespace(
  client: Client,
  namespace: string,
  home: string,
): Promise<Records> {
  const records = new Records();
  const list = listing(client, records);
  const [isLimited] = await Promise.all([
    listWherePossible(list, namespace),
    listLimits(list, records, namespace),
    ...[namespace, home].map((name) => readNamespace(client, records, name)),
    ...first.map((kind) => list(kind, namespace)),
  ]);
  await Promise.all([
    ...(isLimited ? [takeElsewhere(client, records, namespace)] : []),
    ...second.map((kind) => list(kind, namespace)),
  ]);
  return records;
}

/** Instrumentations can be used from anywhere. Says whether only those of one place may be read. */
async function listWherePossible(list: List, namespace: string): Promise<boolean> {
  try {
    await list('instrumentations');
    return false;
  } catch (error) {
    if (!isForbidden(error)) throw error;
    await list('instrumentations', namespace);
    return true;
  }
}

/** What they forbid is seldom met, and not everybody may read them. */
async function listLimits(list: List, { unread }: Records, namespace?: string): Promise<void> {
  try {
    await list('limitRanges', namespace);
  } catch (error) {
    if (!isForbidden(error)) throw error;
    unread.add(namespace === undefined ? 'LimitRanges' : `LimitRanges/${namespace}`);
  }
}

/** A kind that the cluster does not know has no objects. */
const listing =
  (client: Client, records: Records, begun?: () => void): List =>
  async (kind, namespace, { after, ...wish } = {}) => {
    const place = { resource: resources[kind], namespace };
    const take = async (objects: readonly KubeObject[]) => {
      await after;
      records.take(kind, objects);
      if (kind === 'deployments') begun?.();
    };
    try {
      await eachPage(client, place, take, wish);
    } catch (error) {
      if (faultOf(error).key !== 'KindAbsent' && faultOf(error).key !== 'NotFound') throw error;
    }
  };

/** Nothing is known of one that may not be read. */
async function readNamespace(client: Client, records: Records, name: string): Promise<void> {
  try {
    const place = { resource: resources.namespaces, name };
    records.take('namespaces', [await client.get(place, { deadlineMs })]);
  } catch (error) {
    if (isForbidden(error)) records.unread.add(`Namespace/${name}`);
    else if (faultOf(error).key !== 'NotFound') throw error;
  }
}

/** The Instrumentations of other namespaces that somebody names, as far as they may be read. */
async function takeElsewhere(client: Client, records: Records, namespace: string): Promise<void> {
  const references = [...records.workloads.values()]
    .flatMap((workload) => referencesIn(workload, records))
    .filter((reference) => !reference.startsWith(`${namespace}/`));
  const { found, hidden } = await readElsewhere(client, references);
  records.take('instrumentations', found);
  for (const reference of hidden) records.hidden.add(reference);
}

function referencesIn({ template, namespace }: Workload, { namespaces }: Records) {
  const annotations = objectAt(objectAt(template, 'metadata') ?? {}, 'annotations') ?? {};
  const around = namespaces.get(namespace) ?? { annotations: {} };
  return referencesOf(annotations, { name: namespace, annotations: around.annotations });
}

/** More lists than this take longer than the whole. */
const mostPlaces = 10;

/** Where somebody asks, or has been restarted, if that is in few places as far as is known. */
function fewPlacesIn(records: Records): readonly string[] | undefined {
  const concerned = [...records.workloads.values()].filter(
    (workload) => workload.marker !== undefined || referencesIn(workload, records).length > 0,
  );
  const places = [...new Set(concerned.map(({ namespace }) => namespace))];
  return places.length <= mostPlaces ? places : undefined;
}
