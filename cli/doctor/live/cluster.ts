import type { Settings } from '../../../config/settings.ts';
import type { Client } from '../../../controller/kube/client.ts';
import type { Transport } from '../../../controller/kube/transport.ts';
import type { Names } from '../../../domain/diagnose/cluster.ts';
import { webhooksOf } from '../../../domain/diagnose/installation/webhook.ts';
import { objectAt, textAt } from '../../../domain/json.ts';
import type { Named } from '../../look/files.ts';
import { readElsewhere } from '../../look/live/elsewhere.ts';
import { recordsOf } from '../../look/records.ts';
import { sortedByKind, type Gathered } from '../evidence.ts';
import { listed, single } from '../kinds.ts';
import { instrumentationsNamedIn, referencesIn, type Reference } from '../references.ts';
import { rightsOf } from '../rights.ts';
import { getIfAllowed, listingOf, notSeen, type Listing, type Places } from './listing.ts';
import { knownOf, readPods, type Known } from './pods.ts';
import { rowsOf, type Row } from './rows.ts';

/** How a cluster is asked. */
export interface Way {
  readonly client: Client;
  readonly transport: Transport;
}

export interface Question {
  readonly names: Names;
  readonly settings: Settings;
  /** The only one that is asked about, where it is. */
  readonly namespace: string | undefined;
}

/**
 * Reads a cluster once, as far as whoever asks may see it. Who asks about one namespace may have the
 * right to see only that.
 */
export async function fromCluster(way: Way, question: Question): Promise<Gathered> {
  const { names, namespace } = question;
  const places = { namespace, home: names.home };
  const [lists, rows] = await Promise.all([listsOf(way.client, places), rowsOf(way.transport)]);
  const found = await withElsewhere(way.client, lists, namespace);
  const { byKind } = sortedByKind(found.items);
  const [pods, rights] = await Promise.all([
    podsOf(way.client, { ...question, ...found, rows }),
    rightsOf(way.client, names.home, byKind),
  ]);
  const { parts, unread } = await singlesOf(way.client, names, { ...byKind, Pod: pods.items });
  const items = [...found.items, ...named('Pod', pods.items), ...parts];
  const all = [...lists, { kind: 'Pod', ...pods }];
  return {
    ...sortedByKind(items),
    known: pods.known,
    sees: sightOf(all, unread, namespace),
    hidden: found.hidden,
    denied: [
      ...all.flatMap(({ kind, reach }) => notSeen(kind, reach, namespace)),
      ...new Set(unread.map(({ kind }) => kind)),
      ...(rights.isDenied ? ['SubjectAccessReview'] : []),
    ],
    lacking: rights.lacking,
    isLive: true,
  };
}

interface Listed extends Listing {
  readonly kind: string;
}

const named = (kind: string, items: Listing['items']) =>
  items.map((json): Named => ({ kind, json }));

/** Pods apart. */
const listsOf = (client: Client, places: Places): Promise<readonly Listed[]> =>
  Promise.all(
    Object.entries(listed)
      .filter(([kind]) => kind !== 'Pod')
      .map(async ([kind, resource]) => ({ kind, ...(await listingOf(client, resource, places)) })),
  );

interface Found {
  readonly items: readonly Named[];
  readonly hidden: readonly string[];
}

/** With the Instrumentations that are named and were not listed. Of what nobody could list any may be there. */
async function withElsewhere(
  client: Client,
  lists: readonly Listed[],
  namespace: string | undefined,
): Promise<Found> {
  const items = lists.flatMap((list) => named(list.kind, list.items));
  const reach = lists.find(({ kind }) => kind === 'Instrumentation')?.reach;
  if (reach !== 'partly' && reach !== 'denied') return { items, hidden: [] };
  const unlisted = instrumentationsNamedIn(sortedByKind(items).byKind).filter(
    (one) => reach === 'denied' || !one.startsWith(`${namespace}/`),
  );
  const { found, hidden } = await readElsewhere(client, unlisted);
  return {
    items: [...items, ...named('Instrumentation', found)],
    hidden: [...hidden, ...unlisted.filter((one) => one.endsWith('/*'))],
  };
}

interface Sought extends Question, Found {
  readonly rows: readonly Row[] | undefined;
}

/** Of the installation, of the namespace that is asked about and of webhooks, pods are read whole. */
async function podsOf(
  client: Client,
  { rows, items, hidden, settings, names, namespace }: Sought,
): Promise<Listing & { readonly known?: Known }> {
  if (rows === undefined) {
    return listingOf(client, listed.Pod, { namespace, home: names.home });
  }
  const { objects, byKind } = sortedByKind(items);
  const records = recordsOf(objects);
  for (const reference of hidden) records.hidden.add(reference);
  const known = knownOf(records, settings);
  const called = byKind.MutatingWebhookConfiguration.flatMap(webhooksOf).map((webhook) =>
    textAt(objectAt(objectAt(webhook, 'clientConfig') ?? {}, 'service') ?? {}, 'namespace'),
  );
  const besides = [names.home, namespace, ...called].filter((one) => one !== undefined);
  return { reach: 'listed', items: await readPods(client, rows, known, besides), known };
}

const certificates = 'otel-retrofit-certificates';

/** What something refers to, each by itself. */
async function singlesOf(client: Client, names: Names, byKind: Gathered['byKind']) {
  const { home, lease } = names;
  const references: readonly Reference[] = [
    ...referencesIn(byKind),
    { kind: 'Lease', namespace: home, name: lease },
    { kind: 'Secret', namespace: home, name: certificates },
  ];
  const answers = await Promise.all(
    references.map(async (one) => {
      const place = { resource: single[one.kind], namespace: one.namespace, name: one.name };
      return { ...one, ...(await getIfAllowed(client, place)) };
    }),
  );
  return {
    parts: answers.flatMap(({ kind, json }) => (json === undefined ? [] : [{ kind, json }])),
    unread: answers.filter(({ isDenied }) => isDenied),
  };
}

function sightOf(
  lists: readonly Listed[],
  unread: readonly Reference[],
  namespace: string | undefined,
): Gathered['sees'] {
  const reaches = new Map<string, Listing['reach']>(lists.map((one) => [one.kind, one.reach]));
  return (kind, place) => {
    const reach = reaches.get(kind) ?? 'listed';
    const isHidden = unread.some(
      (one) => one.kind === kind && (place === undefined || place === one.namespace),
    );
    return !isHidden && (reach === 'listed' || (reach === 'partly' && place === namespace));
  };
}
