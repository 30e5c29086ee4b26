import {
  listAt,
  isObject,
  member,
  objectAt,
  textAt,
  type Json,
  type JsonObject,
} from '../../domain/json.ts';
import type { Operation } from '../../domain/injection/patch.ts';
import { applyPatch, isSame } from './apply.ts';

export interface Change {
  /** The pod as it arrived. */
  readonly before: JsonObject;
  /** The pod that is meant. */
  readonly after: JsonObject;
  readonly operations: readonly Operation[];
  /** Of the review and the patch together: more than the pod will take in store. */
  readonly bytes: number;
}

/**
 * What speaks against sending a patch, in words without values. An API server turns a pod away when
 * a patch does not apply or leads to an invalid pod, whatever the failure policy says, so this is
 * what "never turned away" rests on. What was there before is trusted: were it invalid, the pod
 * would not be admitted without us either.
 */
export function flawIn({ before, after, operations, bytes }: Change): string | undefined {
  if (bytes > mostBytes) return 'the pod would be too large to be stored';
  const reached = applyPatch(before, operations);
  if (reached === undefined) return 'an operation does not apply';
  if (!isSame(reached, after)) return 'the operations do not lead to the pod that is meant';
  return (
    annotationFlaw(after) ?? podFlaw(objectAt(before, 'spec') ?? {}, objectAt(after, 'spec') ?? {})
  );
}

/** What etcd takes in one request unless it was told otherwise. */
const mostBytes = 1.5 * 1024 * 1024;
const mostAnnotationBytes = 256 * 1024;

function annotationFlaw(pod: JsonObject): string | undefined {
  const annotations = Object.entries(
    objectAt(objectAt(pod, 'metadata') ?? {}, 'annotations') ?? {},
  );
  let bytes = 0;
  for (const [key, value] of annotations) {
    if (typeof value !== 'string') return 'an annotation is no text';
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  return bytes > mostAnnotationBytes ? 'the annotations would be too long' : undefined;
}

function podFlaw(before: JsonObject, after: JsonObject): string | undefined {
  if (before === after) return undefined;
  if (member(after, 'shareProcessNamespace') === true && member(after, 'hostPID') === true)
    return 'the process namespace would be both shared and the node’s';
  const containers = containersOf(after);
  const volumes = namesOf(after, 'volumes');
  const flaw = nameFlaw(
    [...containers.map(nameOf), ...namesOf(after, 'ephemeralContainers')],
    volumes,
  );
  if (flaw !== undefined) return flaw;
  const originals = containersOf(before);
  const old = new Set(originals);
  const touched = containers.filter((container) => !old.has(container));
  const byName = new Map(touched.length === 0 ? [] : originals.map((one) => [nameOf(one), one]));
  const mountable = new Set(touched.length === 0 ? [] : volumes);
  for (const container of touched) {
    const found = containerFlaw(container, byName.get(nameOf(container)), mountable);
    if (found !== undefined) return found;
  }
  if (after['volumes'] === before['volumes']) return undefined;
  const known = new Set(namesOf(before, 'volumes'));
  const isOdd = volumes.some((name) => !known.has(name) && !isLabel(name));
  return isOdd ? 'a volume would have an impossible name' : undefined;
}

function nameFlaw(containers: readonly string[], volumes: readonly string[]): string | undefined {
  if (hasDoubles(containers)) return 'two containers would have one name';
  return hasDoubles(volumes) ? 'two volumes would have one name' : undefined;
}

function containerFlaw(
  container: JsonObject,
  original: JsonObject | undefined,
  volumes: ReadonlySet<string>,
): string | undefined {
  const image = textAt(container, 'image');
  if (image === undefined || image.trim() !== image) return 'a container would have no image';
  if (original === undefined && !isLabel(nameOf(container)))
    return 'a container would have an impossible name';
  const known = new Set(original === undefined ? [] : listAt(original, 'env'));
  for (const entry of listAt(container, 'env') ?? []) {
    const flaw = known.has(entry) ? undefined : entryFlaw(entry);
    if (flaw !== undefined) return flaw;
  }
  return mountFlaw(container, volumes);
}

function mountFlaw(container: JsonObject, volumes: ReadonlySet<string>): string | undefined {
  const mounts = objectsIn(container, 'volumeMounts');
  if (mounts.some((mount) => !volumes.has(nameOf(mount)))) return 'a mount would name no volume';
  const paths = mounts.map((mount) => textAt(mount, 'mountPath') ?? '');
  if (paths.some((path) => path === '' || path.includes(':')))
    return 'a mount would have an impossible path';
  return hasDoubles(paths) ? 'two mounts would share a path' : undefined;
}

const variableName = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;

/** An entry that we added or changed. */
function entryFlaw(entry: Json): string | undefined {
  if (!isObject(entry)) return 'a variable would be no object';
  if (!variableName.test(nameOf(entry))) return 'a variable would have an impossible name';
  const value = member(entry, 'value') ?? '';
  const from = member(entry, 'valueFrom') ?? undefined;
  if (typeof value !== 'string') return 'a variable would be no text';
  if (from === undefined) return undefined;
  if (value !== '') return 'a variable would have two values';
  const sources = isObject(from) ? Object.values(from).filter(isObject) : [];
  return sources.length === 1 ? undefined : 'a variable would not have one source';
}

const containersOf = (spec: JsonObject) => [
  ...objectsIn(spec, 'containers'),
  ...objectsIn(spec, 'initContainers'),
];

const objectsIn = (owner: JsonObject, key: string) => (listAt(owner, key) ?? []).filter(isObject);

const nameOf = (object: JsonObject) => textAt(object, 'name') ?? '';

const namesOf = (owner: JsonObject, key: string) => objectsIn(owner, key).map(nameOf);

const hasDoubles = (list: readonly string[]) => new Set(list).size !== list.length;

/** A DNS label, which Kubernetes asks of containers and volumes. */
const isLabel = (name: string) => /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(name);
