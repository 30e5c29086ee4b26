import { Fault } from '../../../controller/kube/fault.ts';
import { pathOf } from '../../../controller/kube/resource.ts';
import type { Answer, Transport } from '../../../controller/kube/transport.ts';
import {
  isObject,
  listAt,
  objectAt,
  objectIn,
  textAt,
  type Json,
  type JsonObject,
} from '../../../domain/json.ts';
import { deadlineMs, pageSize } from '../../look/live/reach.ts';
import { listed } from '../kinds.ts';

/** What a table tells of a pod. */
export interface Row {
  /** Its metadata alone. */
  readonly pod: JsonObject;
  /** All its containers run, are ready, and have never been started again. */
  readonly isWell: boolean;
  /** How many it has; undefined where that is not told. */
  readonly containers: number | undefined;
}

/** As `kubectl get` asks. */
const asTable = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;q=0.9';

/**
 * All pods as a server prints them for people: a small part of what they are, and enough to see which
 * are to be looked at. Nothing where it prints no table that says so, or none for whoever asks.
 */
export async function rowsOf(
  transport: Transport,
  take: (pods: readonly JsonObject[]) => void,
): Promise<readonly Row[] | undefined> {
  const rows: Row[] = [];
  let coming: ReturnType<typeof tableFrom> | undefined = tableFrom(transport, undefined);
  while (coming !== undefined) {
    const table: Awaited<typeof coming> = await coming;
    if (table === undefined) return undefined;
    coming = table.next === undefined ? undefined : tableFrom(transport, table.next);
    rows.push(...table.rows);
    take(table.rows.map(({ pod }) => pod));
  }
  return rows;
}

async function tableFrom(transport: Transport, from: string | undefined) {
  const path = pathOf({ resource: listed.Pod }, { limit: pageSize, continue: from });
  try {
    const call = { verb: 'list', resource: 'pods', path, accept: asTable, deadlineMs } as const;
    return tableIn(await transport.send(call));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return undefined;
  }
}

function tableIn({ code, text }: Answer) {
  const table = code === 200 ? objectIn(text) : undefined;
  if (table === undefined || textAt(table, 'kind') !== 'Table') return undefined;
  const titles = (listAt(table, 'columnDefinitions') ?? []).map((column) =>
    isObject(column) ? textAt(column, 'name') : undefined,
  );
  const [status, ready, restarts] = ['Status', 'Ready', 'Restarts'].map((name) =>
    titles.indexOf(name),
  );
  const rows = (listAt(table, 'rows') ?? []).filter(isObject).map((row) =>
    rowOf(objectAt(row, 'object') ?? {}, {
      status: cellsOf(row)[status ?? -1],
      ready: cellsOf(row)[ready ?? -1],
      restarts: cellsOf(row)[restarts ?? -1],
    }),
  );
  return { rows, next: textAt(objectAt(table, 'metadata') ?? {}, 'continue') };
}

const cellsOf = (row: JsonObject) => listAt(row, 'cells') ?? [];

type Cells = Readonly<Record<'status' | 'ready' | 'restarts', Json | undefined>>;

/** Whatever is printed in other words than these is looked at. */
function rowOf(pod: JsonObject, { status, ready, restarts }: Cells): Row {
  const told = typeof ready === 'string' ? ready : '';
  const { some, all } = /^(?<some>\d+)\/(?<all>\d+)$/.exec(told)?.groups ?? {};
  const isFirst = restarts === 0 || restarts === '0';
  return {
    pod,
    isWell: status === 'Running' && some !== undefined && some === all && isFirst,
    containers: all === undefined ? undefined : Number(all),
  };
}
