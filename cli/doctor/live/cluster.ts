import type { Client } from '../../../controller/kube/client.ts';
import type { Transport } from '../../../controller/kube/transport.ts';
import type { Names } from '../../../domain/diagnose/cluster.ts';
import { webhooksOf } from '../../../domain/diagnose/installation/webhook.ts';
import { objectAt, textAt, type JsonObject } from '../../../domain/json.ts';
import { wantsIn, type Assumptions } from '../../look/assess.ts';
import type { Timed } from '../../look/live/reach.ts';
import { readElsewhere } from '../../look/live/elsewhere.ts';
import { tellingSince } from '../../look/live/sparing.ts';
import { kinds } from '../../look/objects.ts';
import { Records } from '../../look/records.ts';
import { byKindFrom, type ByKind, type Gathered } from '../evidence.ts';
import { listed, single } from '../kinds.ts';
import { instrumentationsNamedIn, referencesIn, type Reference } from '../references.ts';
import { rightsOf } from '../rights.ts';
import { getIfAllowed, listingOf, notSeen, type Listing, type Places } from './listing.ts';
import { readWhole, readWhereInDoubt } from './pods.ts';
import { refusalsOf } from './refusals.ts';
import { rowsOf } from './rows.ts';

/** How a cluster is asked. */
export interface Way {
  readonly client: Client;
  readonly transport: Transport;
}

export interface Question {
  readonly names: Names;
  readonly assumptions: Assumptions;
  /** The only one that is asked about, where it is. */
  readonly namespace: string | undefined;
}

/**
 * Reads a cluster once, as far as whoever asks may see it. Who asks about one namespace may have the
 * right to see only that.
 */
export async function fromCluster(way: Way, question: Question): Promise<Gathered> {
  const { client, transport } = way;
  const { names, assumptions, namespace } = question;
  const places = { namespace, home: names.home };
  const records = new Records();
  const [lists, rows] = await Promise.all([
    listsOf(client, places, records),
    rowsOf(transport, (pods) => records.take('pods', pods)),
  ]);
  const seen = await withElsewhere(client, lists, { namespace, records });
  const wants = wantsIn(records, assumptions.defaults);
  const known = {
    records,
    wants,
    tellingSince: tellingSince(assumptions),
    defaults: assumptions.defaults,
  };
  const besides = [names.home, namespace, ...called(seen)].filter((one) => one !== undefined);
  const [{ pods, replicaSets }, refusals, rights] = await Promise.all([
    rows === undefined
      ? readWhole(client, places, records)
      : readWhereInDoubt(client, rows, { ...known, places }, besides),
    refusalsOf(client, records),
    rightsOf(client, names.home, seen),
  ]);
  const byKind = { ...seen, Pod: pods.items, Event: refusals.items };
  const { parts, unread } = await singlesOf(client, names, byKind);
  const all = [
    ...lists,
    { kind: 'Pod', ...pods },
    { kind: 'ReplicaSet', ...replicaSets },
    { kind: 'Event', ...refusals },
  ];
  return {
    byKind: { ...byKind, ...parts },
    records,
    wants,
    sees: sightOf(all, unread, namespace),
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

const workloadKinds = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;

const otherKinds = [
  'Namespace',
  'Instrumentation',
  'LimitRange',
  'PodDisruptionBudget',
  'Service',
  'EndpointSlice',
  'MutatingWebhookConfiguration',
] as const;

/** All but pods and ReplicaSets. Revisions are compared with their workloads. */
async function listsOf(
  client: Client,
  places: Places,
  records: Records,
): Promise<readonly Listed[]> {
  const list = async (kind: keyof typeof listed, { after, ...wish }: Timed = {}) => {
    const looked = kinds[kind];
    const take = async (objects: readonly JsonObject[]) => {
      await after;
      if (looked !== undefined) records.take(looked, objects);
    };
    return { kind, ...(await listingOf(client, listed[kind], places, { ...wish, take })) };
  };
  const workloads = Promise.all(workloadKinds.map((kind) => list(kind)));
  const lists = await Promise.all([
    workloads,
    Promise.all(otherKinds.map((kind) => list(kind))),
    list('ControllerRevision', { after: workloads }),
  ]);
  return lists.flat();
}

/** With the Instrumentations that are named and were not listed. Of what nobody could list any may be there. */
async function withElsewhere(
  client: Client,
  lists: readonly Listed[],
  { namespace, records }: Pick<Question, 'namespace'> & { readonly records: Records },
): Promise<ByKind> {
  const listing = new Map(lists.map((list) => [list.kind, list]));
  const byKind = byKindFrom((kind) => listing.get(kind)?.items ?? []);
  const reach = listing.get('Instrumentation')?.reach;
  if (reach !== 'partly' && reach !== 'denied') return byKind;
  const unlisted = instrumentationsNamedIn(byKind).filter(
    (one) => reach === 'denied' || !one.startsWith(`${namespace}/`),
  );
  const { found, hidden } = await readElsewhere(client, unlisted);
  records.take('instrumentations', found);
  for (const one of [...hidden, ...unlisted.filter((name) => name.endsWith('/*'))])
    records.hidden.add(one);
  return { ...byKind, Instrumentation: [...byKind.Instrumentation, ...found] };
}

/** The namespaces of the webhooks that are called. */
const called = ({ MutatingWebhookConfiguration: configurations }: ByKind) =>
  configurations
    .flatMap(webhooksOf)
    .map((webhook) =>
      textAt(objectAt(objectAt(webhook, 'clientConfig') ?? {}, 'service') ?? {}, 'namespace'),
    );

const certificates = 'otel-retrofit-certificates';

/** What something refers to, each by itself. */
async function singlesOf(client: Client, names: Names, byKind: ByKind) {
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
  const found = (wanted: Reference['kind']) =>
    answers.flatMap(({ kind, json }) => (kind === wanted ? (json ?? []) : []));
  return {
    parts: { ConfigMap: found('ConfigMap'), Secret: found('Secret'), Lease: found('Lease') },
    unread: answers.filter(({ isDenied }) => isDenied),
  };
}

function sightOf(
  lists: readonly Pick<Listed, 'kind' | 'reach'>[],
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
