import { createClient, type Client } from '../../controller/kube/client.ts';
import { readKubeConfig } from '../../controller/kube/credentials.ts';
import { Fault, faultOf } from '../../controller/kube/fault.ts';
import type { KubeObject, Place } from '../../controller/kube/resource.ts';
import { createTransport } from '../../controller/kube/transport.ts';
import { resources } from '../../controller/loop/kinds.ts';
import { faults, type Entry } from '../../domain/faults.ts';
import { objectAt } from '../../domain/json.ts';
import { referencesOf } from '../../domain/restart/records/instrumentation.ts';
import type { Workload } from '../../domain/restart/records/workload.ts';
import type { Problem } from '../manifest/model.ts';
import type { LookOptions } from './command.ts';
import type { LookContext } from './look.ts';
import type { Looked } from './objects.ts';
import { Records } from './records.ts';

/** How a cluster is reached. */
export type Way = Pick<LookOptions, 'kubeconfig' | 'context'>;

/** Asks a cluster. What keeps it from answering is a problem that is told to a person. */
export async function inCluster<T>(
  { kubeconfig, context }: Way,
  { version, environment }: Pick<LookContext, 'version' | 'environment'>,
  ask: (client: Client) => Promise<T>,
): Promise<T | { readonly problems: readonly Problem[] }> {
  try {
    const choice = readKubeConfig({ file: kubeconfig, context });
    const zipsLists = isFarAway(choice.getCurrentCluster()?.server ?? '');
    const transport = createTransport(choice, { version, environment, zipsLists });
    try {
      return await ask(createClient(transport));
    } finally {
      await transport.close();
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { remedy }: Entry = error.key === 'Forbidden' ? limited : faults[error.key];
    const file = kubeconfig ?? 'kubeconfig';
    return { problems: [{ file, sentence: error.message, ...(remedy && { remedy }) }] };
  }
}

/** Said to a person, who may have other rights than the controller. */
const limited: Entry = {
  ...faults.Forbidden,
  remedy:
    'Name a namespace that you may read with -n, or ask for the right to list; `kubectl auth can-i --list` shows what you may do.',
};

/** On one machine nothing is gained by sending less. */
const isFarAway = (server: string) =>
  !/^https?:\/\/(?:127\.[\d.]+|localhost|\[::1\])(?=[:/]|$)/.test(server);

/** A person waits for it. */
export const deadlineMs = 10_000;

/** While one page is read, the next is written. */
const pageSize = 1_000;

export async function eachPage(
  client: Client,
  place: Place,
  take: (objects: readonly KubeObject[]) => void,
): Promise<void> {
  let next: string | undefined;
  do {
    const page = await client.list(place, { limit: pageSize, continue: next }, { deadlineMs });
    take(page.items);
    ({ next } = page);
  } while (next !== undefined);
}

const first = ['deployments', 'statefulSets', 'daemonSets', 'disruptionBudgets'] as const;
const second = ['replicaSets', 'controllerRevisions', 'pods'] as const;

/**
 * Reads a cluster once. Where only those are shown who ask for something, the pods of the others are
 * left alone, since pods are by far the most of what there is.
 */
export async function recordsIn(client: Client, isEveryoneShown: boolean): Promise<Records> {
  const records = new Records();
  const list = listing(client, records);
  await Promise.all([
    ...(['namespaces', 'instrumentations', ...first] as const).map((kind) => list(kind)),
    listLimits(list),
  ]);
  const places = isEveryoneShown ? undefined : fewPlacesIn(records);
  await Promise.all(
    second.flatMap((kind) => places?.map((place) => list(kind, place)) ?? [list(kind)]),
  );
  return records;
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
    listLimits(list, namespace),
    ...[namespace, home].map((name) => readNamespace(client, records, name)),
    ...first.map((kind) => list(kind, namespace)),
  ]);
  await Promise.all([
    ...(isLimited ? [readElsewhere(records, namespace, list)] : []),
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
async function listLimits(list: List, namespace?: string): Promise<void> {
  try {
    await list('limitRanges', namespace);
  } catch (error) {
    if (!isForbidden(error)) throw error;
  }
}

type List = (kind: Looked, namespace?: string) => Promise<void>;

/** A kind that the cluster does not know has no objects. */
const listing =
  (client: Client, records: Records): List =>
  async (kind, namespace) => {
    const place = { resource: resources[kind], namespace };
    try {
      await eachPage(client, place, (objects) => records.take(kind, objects));
    } catch (error) {
      if (faultOf(error).key !== 'KindAbsent' && faultOf(error).key !== 'NotFound') throw error;
    }
  };

export const isForbidden = (error: unknown) => faultOf(error).key === 'Forbidden';

/** Nothing is known of one that may not be read. */
async function readNamespace(client: Client, records: Records, name: string): Promise<void> {
  try {
    const place = { resource: resources.namespaces, name };
    records.take('namespaces', [await client.get(place, { deadlineMs })]);
  } catch (error) {
    if (!isForbidden(error) && faultOf(error).key !== 'NotFound') throw error;
  }
}

/** The Instrumentations of other namespaces that somebody names, as far as they may be read. */
async function readElsewhere(records: Records, namespace: string, list: List): Promise<void> {
  const places = [...records.workloads.values()]
    .flatMap((workload) => referencesIn(workload, records))
    .map((reference) => reference.split('/')[0] ?? '')
    .filter((place) => place !== namespace);
  await Promise.all(
    [...new Set(places)].map((place) =>
      list('instrumentations', place).catch((error: unknown) => {
        if (!isForbidden(error)) throw error;
      }),
    ),
  );
}

function referencesIn({ template, namespace }: Workload, { namespaces }: Records) {
  const annotations = objectAt(objectAt(template, 'metadata') ?? {}, 'annotations') ?? {};
  const around = namespaces.get(namespace) ?? { annotations: {} };
  return referencesOf(annotations, { name: namespace, annotations: around.annotations });
}

/** More lists than this take longer than the whole. */
const mostPlaces = 10;

/** Where somebody asks, or has been restarted, if that is in few places. */
function fewPlacesIn(records: Records): readonly string[] | undefined {
  const concerned = [...records.workloads.values()].filter(
    (workload) => workload.marker !== undefined || referencesIn(workload, records).length > 0,
  );
  const places = [...new Set(concerned.map(({ namespace }) => namespace))];
  return places.length <= mostPlaces ? places : undefined;
}
