import type { Client } from '../../../controller/kube/client.ts';
import type { Names } from '../../../domain/diagnose/cluster.ts';
import { isOurs, webhooksOf } from '../../../domain/diagnose/installation/webhook.ts';
import { objectAt, textAt } from '../../../domain/json.ts';
import { decidingIn, type Assumptions } from '../../look/assess.ts';
import { readElsewhere } from '../../look/live/elsewhere.ts';
import { tellingSince } from '../../look/live/sparing.ts';
import { Records } from '../../look/records.ts';
import { byKindFrom, type ByKind, type Gathered } from '../evidence.ts';
import { single } from '../kinds.ts';
import { instrumentationsNamedIn, referencesIn, type Reference } from '../references.ts';
import { rightsOf } from '../rights.ts';
import { getIfAllowed, notSeen, type Listed, type Listing } from './listing.ts';
import type { Survey } from './lists.ts';
import { refusalsOf } from './refusals.ts';

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
export async function fromCluster(
  client: Client,
  { names, assumptions, namespace }: Question,
  survey: Survey,
): Promise<Gathered> {
  const records = new Records();
  const lists = await survey.lists(records);
  const seen = await withElsewhere(client, lists, { namespace, records });
  const decide = decidingIn(records, assumptions.defaults);
  const known = { records, decide, tellingSince: tellingSince(assumptions) };
  const [late, refusals, rights] = await Promise.all([
    survey.rest(known, [names.home, ...called(seen)]),
    refusalsOf(client, records),
    rightsOf(client, names.home, seen),
  ]);
  const all = [...lists, ...late, { kind: 'Event', ...refusals }];
  const byKind = { ...byKindIn(all), Instrumentation: seen.Instrumentation };
  const { parts, unread } = await singlesOf(client, names, byKind);
  return {
    byKind: { ...byKind, ...parts },
    records,
    decide,
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

function byKindIn(lists: readonly Listed[]): ByKind {
  const listing = new Map(lists.map(({ kind, items }) => [kind, items]));
  return byKindFrom((kind) => listing.get(kind) ?? []);
}

/** With the Instrumentations that are named and were not listed. Of what nobody could list any may be there. */
async function withElsewhere(
  client: Client,
  lists: readonly Listed[],
  { namespace, records }: Pick<Question, 'namespace'> & { readonly records: Records },
): Promise<ByKind> {
  const byKind = byKindIn(lists);
  const { reach } = lists.find(({ kind }) => kind === 'Instrumentation') ?? {};
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

/** The namespace of our webhook, as the API server knows it. */
const called = ({ MutatingWebhookConfiguration: configurations }: ByKind) =>
  configurations
    .flatMap(webhooksOf)
    .filter(isOurs)
    .flatMap(
      (webhook) =>
        textAt(objectAt(objectAt(webhook, 'clientConfig') ?? {}, 'service') ?? {}, 'namespace') ??
        [],
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
