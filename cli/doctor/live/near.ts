import type { Client } from '../../../controller/kube/client.ts';
import { labels } from '../../../crds/names.ts';
import { listed } from '../kinds.ts';
import { listingIn, listingOf, type Listing, type Manner } from './listing.ts';
import { listsOf, type ListedKind, type Survey } from './lists.ts';
import { into, listeningPlaces } from './pods.ts';

const others: readonly ListedKind[] = [
  'Namespace',
  'Instrumentation',
  'LimitRange',
  'PodDisruptionBudget',
  'MutatingWebhookConfiguration',
];

/** What is about all is listed for all. */
const isNear = (kind: ListedKind) => listed[kind].namespaced && kind !== 'Instrumentation';

const idly: Manner = { take: () => undefined };

/** We may be installed elsewhere than whoever asks believes. */
const oursAnywhere = (client: Client): Promise<Listing> =>
  listingIn(
    client,
    { resource: listed.Deployment },
    { ...idly, query: { labelSelector: `${labels.name}=otel-retrofit` } },
  );

interface Surroundings {
  readonly namespace: string;
  readonly home: string;
}

/**
 * What the workloads of one namespace have to do with: what is beside them, what is in ours, and who
 * listens to them.
 */
export function neighbourhood(client: Client, { namespace, home }: Surroundings): Survey {
  async function list(
    kind: ListedKind,
    manner: Manner,
    places: readonly string[] = [home],
  ): Promise<Listing> {
    const resource = listed[kind];
    if (!isNear(kind)) return listingOf(client, resource, { namespace, home }, manner);
    const lists = await Promise.all(
      [...new Set([namespace, ...places])].map((place) =>
        listingIn(client, { resource, namespace: place }, manner),
      ),
    );
    const [{ reach } = { reach: 'listed' as const }] = lists;
    const isPart = reach === 'listed' && lists.some((one) => one.reach === 'denied');
    return { reach: isPart ? 'partly' : reach, items: lists.flatMap(({ items }) => items) };
  }
  return {
    lists: async (records) => {
      const [lists, ours] = await Promise.all([
        listsOf(others, records, list),
        oursAnywhere(client),
      ]);
      return lists.map((one) =>
        one.kind === 'Deployment' ? { ...one, items: [...one.items, ...ours.items] } : one,
      );
    },
    rest: async (known, besides) => {
      const places = [...besides, ...listeningPlaces(known)];
      const taken = (looked: 'pods' | 'replicaSets') => into(known.records, looked);
      const [pods, replicaSets, services, slices, policies] = await Promise.all([
        list('Pod', taken('pods'), places),
        list('ReplicaSet', taken('replicaSets')),
        list('Service', idly, places),
        list('EndpointSlice', idly, places),
        list('NetworkPolicy', idly, places),
      ]);
      return [
        { kind: 'Pod', ...pods },
        { kind: 'ReplicaSet', ...replicaSets },
        { kind: 'Service', ...services },
        { kind: 'EndpointSlice', ...slices },
        { kind: 'NetworkPolicy', ...policies },
      ];
    },
  };
}
