import type { Client } from '../../controller/kube/client.ts';
import { faultOf } from '../../controller/kube/fault.ts';
import type { Place } from '../../controller/kube/resource.ts';
import type { Kind, Names } from '../../domain/diagnose/cluster.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Named } from '../look/files.ts';
import { sortedByKind, type Gathered } from './evidence.ts';
import { listed, single } from './kinds.ts';
import { referencesIn, type Reference } from './references.ts';
import { lackingRights } from './rights.ts';

/** Reads a cluster once, as far as whoever asks may see it. */
export async function fromCluster(client: Client, names: Names): Promise<Gathered> {
  const lists = await Promise.all(
    Object.entries(listed).map(async ([kind, resource]) => ({
      kind,
      listing: await all(client, { resource }),
    })),
  );
  const whole = lists.flatMap(({ kind, listing }) =>
    listing.items.map((json): Named => ({ kind, json })),
  );
  const unlisted = lists.filter(({ listing }) => listing.kind !== 'listed');
  const hidden = new Set<string>(unlisted.map(({ kind }) => kind));
  const denied = unlisted
    .filter(({ listing }) => listing.kind === 'denied')
    .map(({ kind }) => kind);
  const first = sortedByKind(whole);
  const { home, lease } = names;
  const references: readonly Reference[] = [
    ...referencesIn(first.byKind),
    { kind: 'Lease', namespace: home, name: lease },
    { kind: 'Secret', namespace: home, name: certificates },
  ];
  const singles = await Promise.all(references.map((one) => read(client, one)));
  const parts = singles.flatMap(({ named }) => named ?? []);
  const unread = new Set<Kind>(singles.flatMap(({ isDenied, kind }) => (isDenied ? [kind] : [])));
  return {
    ...sortedByKind([...whole, ...parts]),
    sees: (kind) => !hidden.has(kind) && !unread.has(kind),
    denied: [...denied, ...unread],
    lacking: await lackingRights(client, home, first.byKind),
    isLive: true,
  };
}

const certificates = 'otel-retrofit-certificates';

/** A person waits for it. */
const deadlineMs = 10_000;
const pageSize = 2_000;

interface Listing {
  /** `unknown`: the cluster does not know the kind. */
  readonly kind: 'listed' | 'denied' | 'unknown';
  readonly items: readonly JsonObject[];
}

async function all(client: Client, place: Place): Promise<Listing> {
  const found: JsonObject[] = [];
  let next: string | undefined;
  try {
    do {
      const page = await client.list(place, { limit: pageSize, continue: next }, { deadlineMs });
      found.push(...page.items);
      ({ next } = page);
    } while (next !== undefined);
  } catch (error) {
    const { key } = faultOf(error);
    if (key !== 'Forbidden' && key !== 'NotFound' && key !== 'KindAbsent') throw error;
    return { kind: key === 'Forbidden' ? 'denied' : 'unknown', items: [] };
  }
  return { kind: 'listed', items: found };
}

interface ReadOne {
  readonly kind: Reference['kind'];
  readonly named: Named | undefined;
  readonly isDenied: boolean;
}

async function read(client: Client, { kind, namespace, name }: Reference): Promise<ReadOne> {
  try {
    const json = await client.get({ resource: single[kind], namespace, name }, { deadlineMs });
    return { kind, named: { kind, json }, isDenied: false };
  } catch (error) {
    const { key } = faultOf(error);
    if (key !== 'Forbidden' && key !== 'NotFound') throw error;
    return { kind, named: undefined, isDenied: key === 'Forbidden' };
  }
}
