import type { Client } from '../../../controller/kube/client.ts';
import type { Transport } from '../../../controller/kube/transport.ts';
import { listed } from '../kinds.ts';
import { listingOf, type Places } from './listing.ts';
import { listsOf, type ListedKind, type Survey } from './lists.ts';
import { readWhereInDoubt, readWhole } from './pods.ts';
import { rowsOf, type Row } from './rows.ts';

const others: readonly ListedKind[] = [
  'Namespace',
  'Instrumentation',
  'LimitRange',
  'PodDisruptionBudget',
  'Service',
  'EndpointSlice',
  'NetworkPolicy',
  'MutatingWebhookConfiguration',
];

/** Everything; pods by what is printed of them, where that is enough. */
export function everything(client: Client, transport: Transport, places: Places): Survey {
  const { namespace } = places;
  let rows: readonly Row[] | undefined;
  return {
    lists: async (records) => {
      const [lists, printed] = await Promise.all([
        listsOf(others, records, (kind, manner) => listingOf(client, listed[kind], places, manner)),
        rowsOf(transport, (pods) => records.take('pods', pods)),
      ]);
      rows = printed;
      return lists;
    },
    rest: (known, besides) => {
      if (rows === undefined) return readWhole(client, places, known.records);
      const telling = namespace === undefined ? besides : [namespace, ...besides];
      return readWhereInDoubt(client, rows, { ...known, places }, telling);
    },
  };
}
