import type { Client } from '../../../controller/kube/client.ts';
import { admissionOf } from '../../../domain/diagnose/cluster.ts';
import { listenersOf } from '../../../domain/diagnose/delivery/endpoints.ts';
import type { Defaults } from '../../../domain/injection/match.ts';
import { textAt, objectAt, type JsonObject } from '../../../domain/json.ts';
import { ownerOf } from '../../../domain/restart/records/metadata.ts';
import { worldsOf, wantsIn, type Wants } from '../../look/assess.ts';
import { eachPage } from '../../look/live/reach.ts';
import { fewOf, inLanes, isDoubtful } from '../../look/live/sparing.ts';
import type { Records } from '../../look/records.ts';
import { listed } from '../kinds.ts';
import type { Row } from './rows.ts';

/** What has been read beside pods. */
export interface Known {
  readonly records: Records;
  readonly wants: Wants;
  readonly defaults: Defaults;
}

/** Without the pods, which come in two parts. */
export const knownOf = (records: Records, defaults: Defaults): Known => ({
  records,
  wants: wantsIn(records, defaults),
  defaults,
});

/**
 * Pods by their metadata, and whole where more than that counts: where one is not well, where it is
 * in doubt what they have, where something may listen in them, and in these namespaces besides.
 */
export async function readPods(
  client: Client,
  rows: readonly Row[],
  known: Known,
  besides: readonly string[],
): Promise<readonly JsonObject[]> {
  const { records } = known;
  const parts = rows.map(({ pod }) => pod);
  records.take('pods', parts);
  const few = fewOf(new Set([...besides, ...placesInDoubt(rows, known)]));
  records.forgetPods(few);
  const whole: JsonObject[] = [];
  await inLanes([...(few ?? [undefined])], (namespace) =>
    eachPage(client, { resource: listed.Pod, namespace }, (pods) => {
      whole.push(...pods);
    }),
  );
  records.take('pods', whole);
  return [...whole, ...parts.filter((pod) => few?.has(namespaceOf(pod)) === false)];
}

function placesInDoubt(rows: readonly Row[], known: Known): readonly string[] {
  const { records, wants } = known;
  const workloads = [...records.workloads.values()];
  return [
    ...rows.filter(isTelling).map(({ pod }) => namespaceOf(pod)),
    ...workloads
      .filter((workload) => isDoubtful(workload, records, wants))
      .map(({ namespace }) => namespace),
    ...listeningPlaces(known),
  ];
}

/** Where workloads send to, each decision asked once. */
function listeningPlaces({ records, wants, defaults }: Known): readonly string[] {
  const worldOf = worldsOf(records, defaults);
  const one = new Map([...records.workloads.values()].map((each) => [wants(each), each] as const));
  return [...one].flatMap(([wanted, workload]) => {
    if (wanted.kind !== 'given') return [];
    const world = worldOf(workload.namespace);
    const admission = admissionOf({ judgement: { workload, wanted } }, world);
    return listenersOf(admission, workload.namespace, records.namespaces);
  });
}

/** A workload's pod that is not well, or a Job's that something may run beside. */
function isTelling({ pod, isWell, containers }: Row): boolean {
  const owner = ownerOf(objectAt(pod, 'metadata') ?? {})?.kind;
  if (owner === 'Job') return containers !== 1;
  return !isWell && owner !== undefined;
}

const namespaceOf = (pod: JsonObject) => textAt(objectAt(pod, 'metadata') ?? {}, 'namespace') ?? '';
