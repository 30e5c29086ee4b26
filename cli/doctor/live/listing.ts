import type { Client } from '../../../controller/kube/client.ts';
import { faultOf } from '../../../controller/kube/fault.ts';
import type { Place, Resource } from '../../../controller/kube/resource.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { deadlineMs, eachPage, type Wish } from '../../look/live/reach.ts';
import { listed } from '../kinds.ts';

export interface Listing {
  /** `unknown`: the cluster does not know the kind; `partly`: only what is in the namespace asked about. */
  readonly reach: 'listed' | 'partly' | 'denied' | 'unknown';
  readonly items: readonly JsonObject[];
}

export interface Listed extends Listing {
  readonly kind: string;
}

export interface Places {
  readonly namespace: string | undefined;
  readonly home: string;
}

export interface Manner extends Wish {
  /** Told of each page as it comes. */
  readonly take: (objects: readonly JsonObject[]) => void | Promise<void>;
}

export async function listingOf(
  client: Client,
  resource: Resource,
  { namespace, home }: Places,
  manner: Manner,
): Promise<Listing> {
  const whole = await listingIn(client, { resource }, manner);
  if (whole.reach !== 'denied' || namespace === undefined) return whole;
  if (resource === listed.Namespace) {
    const named = await namespacesOf(client, [...new Set([namespace, home])]);
    await manner.take(named.items);
    return named;
  }
  if (!resource.namespaced) return whole;
  const part = await listingIn(client, { resource, namespace }, manner);
  return part.reach === 'listed' ? { ...part, reach: 'partly' } : part;
}

export async function listingIn(client: Client, place: Place, manner: Manner): Promise<Listing> {
  const items: JsonObject[] = [];
  const take = (objects: readonly JsonObject[]) => {
    items.push(...objects);
    return manner.take(objects);
  };
  try {
    await eachPage(client, place, take, manner);
  } catch (error) {
    const { key } = faultOf(error);
    if (key !== 'Forbidden' && key !== 'NotFound' && key !== 'KindAbsent') throw error;
    return { reach: key === 'Forbidden' ? 'denied' : 'unknown', items: [] };
  }
  return { reach: 'listed', items };
}

/** Who may see a namespace may get it, and not list it among all. The first is the one asked about. */
async function namespacesOf(client: Client, places: readonly string[]): Promise<Listing> {
  const found = await Promise.all(
    places.map((name) => getIfAllowed(client, { resource: listed.Namespace, name })),
  );
  const items = found.flatMap(({ json }) => json ?? []);
  return { reach: found[0]?.isDenied === true ? 'denied' : 'partly', items };
}

export function notSeen(kind: string, reach: Listing['reach'], namespace = ''): readonly string[] {
  if (reach === 'partly') return [`${kind} outside ${namespace}`];
  return reach === 'denied' ? [kind] : [];
}

export async function getIfAllowed(client: Client, place: Place) {
  try {
    return { json: await client.get(place, { deadlineMs }), isDenied: false };
  } catch (error) {
    const { key } = faultOf(error);
    if (key !== 'Forbidden' && key !== 'NotFound') throw error;
    return { json: undefined, isDenied: key === 'Forbidden' };
  }
}
