import {
  isObject,
  listAt,
  member,
  objectAt,
  textAt,
  type Json,
  type JsonObject,
} from '../../json.ts';

export interface Container extends JsonObject {
  readonly name: string;
}

export interface Volume extends JsonObject {
  readonly name: string;
}

/** The parts of a pod that injection reads and replaces; `json` is the pod as it arrived. */
export interface Pod {
  readonly json: JsonObject;
  readonly metadata: JsonObject;
  readonly annotations: JsonObject;
  readonly labels: JsonObject;
  readonly spec: JsonObject;
  readonly containers: readonly Container[];
  readonly initContainers: readonly Container[];
  readonly volumes: readonly Volume[];
}

/** Reads a pod, or nothing where a list holds what no API server would let pass. */
export function readPod(json: JsonObject): Pod | undefined {
  const metadata = objectAt(json, 'metadata') ?? {};
  const spec = objectAt(json, 'spec') ?? {};
  const containers = named(spec, 'containers');
  const initContainers = named(spec, 'initContainers');
  const volumes = named(spec, 'volumes');
  if (containers === undefined || initContainers === undefined || volumes === undefined)
    return undefined;
  if (containers.length === 0) return undefined;
  if (![...containers, ...initContainers].every(hasReadableLists)) return undefined;
  return {
    json,
    metadata,
    annotations: objectAt(metadata, 'annotations') ?? {},
    labels: objectAt(metadata, 'labels') ?? {},
    spec,
    containers,
    initContainers,
    volumes,
  };
}

function named(owner: JsonObject, key: string): readonly Container[] | undefined {
  const value = member(owner, key);
  if (value === undefined || value === null) return [];
  const list = listAt(owner, key);
  return list?.every(isNamed) === true ? (list as readonly Container[]) : undefined;
}

const isNamed = (item: Json) => isObject(item) && textAt(item, 'name') !== undefined;

const hasReadableLists = (container: Container) =>
  named(container, 'env') !== undefined &&
  named(container, 'volumeMounts') !== undefined &&
  isListOrNothing(container, 'envFrom');

function isListOrNothing(owner: JsonObject, key: string): boolean {
  const value = member(owner, key) ?? [];
  return Array.isArray(value);
}

/** Of a container that has been read: every entry has a name. */
export const envOf = (container: Container) => (listAt(container, 'env') ?? nothing) as Named;

export const mountsOf = (container: Container) =>
  (listAt(container, 'volumeMounts') ?? nothing) as Named;

type Named = readonly Container[];

const nothing: Named = [];

export const isNativeSidecar = (container: Container) =>
  member(container, 'restartPolicy') === 'Always';
