import type { Client } from '../../../controller/kube/client.ts';
import { lacksPods, refusedCreate } from '../../../domain/restart/judge/sickness.ts';
import type { Records } from '../../look/records.ts';
import { events } from '../kinds.ts';
import { listingIn, type Listing } from './listing.ts';

/** In more namespaces than these they are read all at once: a person waits. */
const most = 20;

/**
 * The Events that tell of pods which the API server refused, of the namespaces where StatefulSets
 * and DaemonSets lack some: to look for them everywhere would cost a large cluster more.
 */
export async function refusalsOf(client: Client, { workloads }: Records): Promise<Listing> {
  const lacking = [...workloads.values()].filter(
    (workload) => workload.kind !== 'Deployment' && lacksPods(workload),
  );
  const places = [...new Set(lacking.map(({ namespace }) => namespace))];
  const manner = { query: { fieldSelector: `reason=${refusedCreate}` }, take: () => undefined };
  const lists = await Promise.all(
    (places.length > most ? [undefined] : places).map((namespace) =>
      listingIn(client, { resource: events, namespace }, manner),
    ),
  );
  const isDenied = lists.some(({ reach }) => reach === 'denied');
  return { reach: isDenied ? 'denied' : 'listed', items: lists.flatMap(({ items }) => items) };
}
