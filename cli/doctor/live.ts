import type { Client } from '../../controller/kube/client.ts';
import { faultOf } from '../../controller/kube/fault.ts';
import type { Place, Resource } from '../../controller/kube/resource.ts';
import type { Kind, Names } from '../../domain/diagnose/cluster.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Named } from '../look/files.ts';
import { deadlineMs, eachPage } from '../look/live/reach.ts';
import { sortedByKind, type Gathered } from './evidence.ts';
import { listed, single } from './kinds.ts';
import { referencesIn, type Reference } from './references.ts';
import { rightsOf } from './rights.ts';

/**
 * Reads a cluster once, as far as whoever asks may see it. Who asks about one namespace may have the
 * right to see only that.
 */
export async function fromCluster(
  client: Client,
  names: Names,
  namespace: string | undefined,
): Promise<Gathered> {
  const kinds = Object.entries(listed);
  const lists = await Promise.all(
    kinds.map(async ([kind, resource]) => ({
      kind,
      ...(await listingOf(client, resource, { namespace, home: names.home })),
    })),
  );
  const whole = lists.flatMap(({ kind, items }) => items.map((json): Named => ({ kind, json })));
  const first = sortedByKind(whole);
  const { home, lease } = names;
  const references: readonly Reference[] = [
    ...referencesIn(first.byKind),
    { kind: 'Lease', namespace: home, name: lease },
    { kind: 'Secret', namespace: home, name: certificates },
  ];
  const [singles, rights] = await Promise.all([
    Promise.all(references.map((one) => read(client, one))),
    rightsOf(client, home, first.byKind),
  ]);
  const parts = singles.flatMap(({ named }) => named ?? []);
  const unread = references.filter((_one, index) => singles[index]?.isDenied);
  const reach = new Map<string, Listing['reach']>(lists.map((one) => [one.kind, one.reach]));
  const isSeen = (kind: Kind, place: string | undefined) => {
    const far = reach.get(kind) ?? 'listed';
    const isHidden = unread.some(
      (one) => one.kind === kind && (place === undefined || place === one.namespace),
    );
    return !isHidden && (far === 'listed' || (far === 'partly' && place === namespace));
  };
  return {
    ...(parts.length === 0 ? first : sortedByKind([...whole, ...parts])),
    sees: isSeen,
    denied: [
      ...lists.flatMap(({ kind, reach: far }) => notSeen(kind, far, namespace)),
      ...new Set(unread.map(({ kind }) => kind)),
      ...(rights.isDenied ? ['SubjectAccessReview'] : []),
    ],
    lacking: rights.lacking,
    isLive: true,
  };
}

const certificates = 'otel-retrofit-certificates';

interface Listing {
  /** `unknown`: the cluster does not know the kind; `partly`: only what is in the namespace asked about. */
  readonly reach: 'listed' | 'partly' | 'denied' | 'unknown';
  readonly items: readonly JsonObject[];
}

interface Places {
  readonly namespace: string | undefined;
  readonly home: string;
}

async function listingOf(
  client: Client,
  resource: Resource,
  { namespace, home }: Places,
): Promise<Listing> {
  const whole = await listingIn(client, { resource });
  if (whole.reach !== 'denied' || namespace === undefined) return whole;
  if (resource === listed.Namespace) return namespacesOf(client, [...new Set([namespace, home])]);
  if (!resource.namespaced) return whole;
  const part = await listingIn(client, { resource, namespace });
  return part.reach === 'listed' ? { ...part, reach: 'partly' } : part;
}

async function listingIn(client: Client, place: Place): Promise<Listing> {
  const items: JsonObject[] = [];
  try {
    await eachPage(client, place, (objects) => items.push(...objects));
  } catch (error) {
    const { key } = faultOf(error);
    if (key !== 'Forbidden' && key !== 'NotFound' && key !== 'KindAbsent') throw error;
    return { reach: key === 'Forbidden' ? 'denied' : 'unknown', items: [] };
  }
  return { reach: 'listed', items };
}

/** Who may see a namespace may get it, and not list it among all. */
async function namespacesOf(client: Client, places: readonly string[]): Promise<Listing> {
  const found = await Promise.all(
    places.map((name) => getIfAllowed(client, { resource: listed.Namespace, name })),
  );
  const items = found.flatMap(({ json }) => json ?? []);
  return { reach: items.length === 0 ? 'denied' : 'partly', items };
}

function notSeen(kind: string, reach: Listing['reach'], namespace = ''): readonly string[] {
  if (reach === 'partly') return [`${kind} outside ${namespace}`];
  return reach === 'denied' ? [kind] : [];
}

interface ReadOne {
  readonly kind: Reference['kind'];
  readonly named: Named | undefined;
  readonly isDenied: boolean;
}

async function read(client: Client, { kind, namespace, name }: Reference): Promise<ReadOne> {
  const place = { resource: single[kind], namespace, name };
  const { json, isDenied } = await getIfAllowed(client, place);
  return { kind, named: json && { kind, json }, isDenied };
}

async function getIfAllowed(client: Client, place: Place) {
  try {
    return { json: await client.get(place, { deadlineMs }), isDenied: false };
  } catch (error) {
    const { key } = faultOf(error);
    if (key !== 'Forbidden' && key !== 'NotFound') throw error;
    return { json: undefined, isDenied: key === 'Forbidden' };
  }
}
