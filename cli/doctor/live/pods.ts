import type { Client } from '../../../controller/kube/client.ts';
import { listenersOf } from '../../../domain/diagnose/delivery/endpoints.ts';
import { textAt, objectAt, type JsonObject } from '../../../domain/json.ts';
import { ownerOf } from '../../../domain/restart/records/metadata.ts';
import { metadataTells } from '../../look/live/families.ts';
import { fewOf, inLanes, placesInDoubt, type Told } from '../../look/live/sparing.ts';
import type { Records } from '../../look/records.ts';
import { listed } from '../kinds.ts';
import { listingIn, listingOf, type Listed, type Listing, type Places } from './listing.ts';
import type { Row } from './rows.ts';

/** Where the server prints none, all are read whole, and their revisions with them. */
export async function readWhole(
  client: Client,
  places: Places,
  records: Records,
): Promise<readonly Listed[]> {
  records.forgetParts(undefined);
  const [pods, replicaSets] = await Promise.all([
    listingOf(client, listed.Pod, places, into(records, 'pods')),
    listingOf(client, listed.ReplicaSet, places, into(records, 'replicaSets')),
  ]);
  return [
    { kind: 'Pod', ...pods },
    { kind: 'ReplicaSet', ...replicaSets },
  ];
}

/** What has been read, and who asked about where. */
interface Asked extends Told {
  readonly places: Places;
}

/**
 * Pods are read whole where more than metadata counts: where one is not well, where it is in doubt
 * what they have, where something may listen in them, and in these namespaces besides.
 */
export async function readWhereInDoubt(
  client: Client,
  rows: readonly Row[],
  known: Asked,
  besides: readonly string[],
): Promise<readonly Listed[]> {
  const { records } = known;
  const reaches = await readReplicaSets(client, known);
  const telling = rows.filter(isTelling).map(({ pod }) => namespaceOf(pod));
  const few = fewOf(
    new Set([...besides, ...telling, ...placesInDoubt(known), ...listeningPlaces(known)]),
  );
  records.forgetParts(few);
  const isTold = metadataTells(records.workloads.values());
  const whole: JsonObject[] = [];
  await inLanes([...(few ?? [undefined])], async (namespace) => {
    const [pods, { reach }] = await Promise.all([
      listingIn(client, { resource: listed.Pod, namespace }, into(records, 'pods')),
      replicaSetsIn(client, known, {
        namespace,
        metadataOnly: isTold(namespace),
      }),
    ]);
    whole.push(...pods.items);
    reaches.add(reach);
  });
  const parts = rows.map(({ pod }) => pod);
  const items = [...whole, ...parts.filter((pod) => few?.has(namespaceOf(pod)) === false)];
  return [
    { kind: 'Pod', reach: 'listed', items },
    { kind: 'ReplicaSet', reach: leastOf(reaches), items: [] },
  ];
}

/** By their metadata, and only where their pods do not tell of them. Says how far they may be read. */
async function readReplicaSets(client: Client, known: Asked): Promise<Set<Listing['reach']>> {
  const { records, tellingSince } = known;
  const few = fewOf(records.inferReplicaSets(tellingSince));
  records.forgetReplicaSets(few);
  const reaches = new Set<Listing['reach']>();
  await inLanes([...(few ?? [undefined])], async (namespace) => {
    const { reach } = await replicaSetsIn(client, known, { namespace, metadataOnly: true });
    reaches.add(reach);
  });
  return reaches;
}

interface Part {
  readonly namespace: string | undefined;
  readonly metadataOnly: boolean;
}

function replicaSetsIn(
  client: Client,
  { records, places }: Asked,
  { namespace, ...wish }: Part,
): Promise<Listing> {
  const manner = { ...into(records, 'replicaSets'), ...wish };
  const resource = listed.ReplicaSet;
  return namespace === undefined
    ? listingOf(client, resource, places, manner)
    : listingIn(client, { resource, namespace }, manner);
}

const leastOf = (reaches: ReadonlySet<Listing['reach']>): Listing['reach'] =>
  (['partly', 'denied', 'unknown'] as const).find((reach) => reaches.has(reach)) ?? 'listed';

export const into = (records: Records, kind: 'pods' | 'replicaSets') => ({
  take: (objects: readonly JsonObject[]) => records.take(kind, objects),
});

/** Where workloads send to, each decision asked once. */
export function listeningPlaces({ records, decide }: Told): readonly string[] {
  const one = new Map([...records.workloads.values()].map((each) => [decide(each), each] as const));
  return [...one].flatMap(([{ wanted, admission }, { namespace }]) =>
    wanted.kind === 'given' ? listenersOf(admission, namespace, records.namespaces) : [],
  );
}

/** A workload's pod that is not well, or a Job's that something may run beside. */
function isTelling({ pod, isWell, containers }: Row): boolean {
  const owner = ownerOf(objectAt(pod, 'metadata') ?? {})?.kind;
  if (owner === 'Job') return containers !== 1;
  return !isWell && owner !== undefined;
}

const namespaceOf = (pod: JsonObject) => textAt(objectAt(pod, 'metadata') ?? {}, 'namespace') ?? '';
