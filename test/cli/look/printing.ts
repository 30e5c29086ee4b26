import {
  isObject,
  listAt,
  member,
  objectAt,
  textAt,
  type JsonObject,
} from '../../../domain/json.ts';

/** Pods as an API server prints them for people. Where nothing is said of containers they run. */
export const tableOf = (metadata: JsonObject, pods: readonly JsonObject[]) => ({
  kind: 'Table',
  apiVersion: 'meta.k8s.io/v1',
  metadata,
  columnDefinitions: ['Name', 'Ready', 'Status', 'Restarts', 'Age'].map((name) => ({ name })),
  rows: pods.map((pod) => ({
    cells: [textAt(objectAt(pod, 'metadata') ?? {}, 'name'), ...cellsOf(pod), '3d'],
    object: {
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: objectAt(pod, 'metadata'),
    },
  })),
});

function cellsOf(pod: JsonObject) {
  const status = objectAt(pod, 'status') ?? {};
  const containers = objectsAt(objectAt(pod, 'spec') ?? {}, 'containers');
  const main = objectsAt(status, 'containerStatuses');
  const init = objectsAt(status, 'initContainerStatuses').filter((one) => !hasSucceeded(one));
  const speaking = [...init, ...main].map(reasonOf).find((reason) => reason !== undefined);
  const isGoing = textAt(objectAt(pod, 'metadata') ?? {}, 'deletionTimestamp') !== undefined;
  const restarts = [...init, ...main].reduce((sum, one) => sum + countOf(one), 0);
  return [
    `${main.length === 0 ? containers.length : main.filter(isReady).length}/${containers.length}`,
    isGoing ? 'Terminating' : (speaking ?? textAt(status, 'phase') ?? 'Unknown'),
    restarts === 0 ? '0' : `${restarts} (5m ago)`,
  ];
}

const objectsAt = (json: JsonObject, key: string) => (listAt(json, key) ?? []).filter(isObject);

const stateOf = (status: JsonObject, kind: string) =>
  objectAt(objectAt(status, 'state') ?? {}, kind);

const hasSucceeded = (status: JsonObject) =>
  member(stateOf(status, 'terminated') ?? {}, 'exitCode') === 0;

const reasonOf = (status: JsonObject) =>
  textAt(stateOf(status, 'waiting') ?? {}, 'reason') ??
  textAt(stateOf(status, 'terminated') ?? {}, 'reason');

const countOf = (status: JsonObject) => Number(member(status, 'restartCount') ?? 0);

const isReady = (status: JsonObject) =>
  member(status, 'ready') === true && stateOf(status, 'running') !== undefined;
