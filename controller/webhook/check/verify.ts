import {
  listAt,
  isObject,
  member,
  objectAt,
  textAt,
  type Json,
  type JsonObject,
} from '../../../domain/json.ts';
import { isVariableName } from '../../../domain/injection/instrumentation/names.ts';
import type { Operation } from '../../../domain/injection/patch.ts';
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
    annotationFlaw(after) ??
    podFlaw(objectAt(before, 'spec') ?? {}, objectAt(after, 'spec') ?? {}) ??
    claimFlaw(after)
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

/** A claim made for a pod is called after both the pod and the volume. */
function claimFlaw(pod: JsonObject): string | undefined {
  const name = textAt(objectAt(pod, 'metadata') ?? {}, 'name') ?? '';
  const volumes = (listAt(objectAt(pod, 'spec') ?? {}, 'volumes') ?? nothing).filter(isObject);
  const isTooLong = volumes.some(
    (one) => objectAt(one, 'ephemeral') !== undefined && `${name}-${nameOf(one)}`.length > 253,
  );
  return isTooLong ? 'a claim would have too long a name' : undefined;
}

function podFlaw(before: JsonObject, after: JsonObject): string | undefined {
  if (before === after) return undefined;
  if (member(after, 'shareProcessNamespace') === true && member(after, 'hostPID') === true)
    return 'the process namespace would be both shared and the node’s';
  const volumes = namesIn(after, ['volumes']);
  if (volumes === undefined) return 'two volumes would have one name';
  if (namesIn(after, [...containerLists, 'ephemeralContainers']) === undefined)
    return 'two containers would have one name';
  return containersFlaw(before, after, volumes) ?? volumeFlaw(before, after);
}

const containerLists = ['containers', 'initContainers'];

/** Nothing if two of them share one. */
function namesIn(owner: JsonObject, keys: readonly string[]): ReadonlySet<string> | undefined {
  const names = new Set<string>();
  let count = 0;
  for (const key of keys) {
    for (const item of listAt(owner, key) ?? nothing) {
      if (!isObject(item)) continue;
      names.add(nameOf(item));
      count += 1;
    }
  }
  return names.size === count ? names : undefined;
}

/** Looks at those that we added or changed. */
function containersFlaw(
  before: JsonObject,
  after: JsonObject,
  volumes: ReadonlySet<string>,
): string | undefined {
  for (const key of containerLists) {
    const list = listAt(after, key) ?? nothing;
    if (list === listAt(before, key)) continue;
    for (const container of list) {
      if (!isObject(container) || isAmong(before, container)) continue;
      const flaw = containerFlaw(container, originalOf(before, container), volumes);
      if (flaw !== undefined) return flaw;
    }
  }
  return undefined;
}

const isAmong = (spec: JsonObject, container: JsonObject) =>
  containerLists.some((key) => listAt(spec, key)?.includes(container) === true);

function originalOf(spec: JsonObject, container: JsonObject): JsonObject | undefined {
  const name = nameOf(container);
  for (const key of containerLists) {
    const found = listAt(spec, key)?.find((one) => isObject(one) && nameOf(one) === name);
    if (isObject(found)) return found;
  }
  return undefined;
}

function volumeFlaw(before: JsonObject, after: JsonObject): string | undefined {
  const old = listAt(before, 'volumes') ?? nothing;
  const volumes = listAt(after, 'volumes') ?? nothing;
  if (old === volumes) return undefined;
  const known = namesIn(before, ['volumes']) ?? new Set();
  const isOdd = volumes.some(
    (one) => isObject(one) && !known.has(nameOf(one)) && !isLabel(nameOf(one)),
  );
  return isOdd ? 'a volume would have an impossible name' : undefined;
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
  const known = (original && listAt(original, 'env')) ?? nothing;
  let next = 0;
  for (const entry of listAt(container, 'env') ?? nothing) {
    // Most entries stand where they stood, one after the other.
    if (entry === known[next]) next += 1;
    else if (!known.includes(entry)) {
      const flaw = entryFlaw(entry);
      if (flaw !== undefined) return flaw;
    }
  }
  return mountFlaw(container, volumes);
}

function mountFlaw(container: JsonObject, volumes: ReadonlySet<string>): string | undefined {
  const devices = (listAt(container, 'volumeDevices') ?? nothing).filter(isObject);
  const paths = new Set(devices.map((device) => textAt(device, 'devicePath') ?? ''));
  const context = objectAt(container, 'securityContext') ?? {};
  for (const mount of listAt(container, 'volumeMounts') ?? nothing) {
    if (!isObject(mount)) continue;
    if (!volumes.has(nameOf(mount))) return 'a mount would name no volume';
    const path = textAt(mount, 'mountPath') ?? '';
    if (path === '') return 'a mount would have an impossible path';
    if (paths.has(path)) return 'two mounts would share a path';
    if (
      member(mount, 'mountPropagation') === 'Bidirectional' &&
      member(context, 'privileged') !== true
    )
      return 'a mount would need privileges that its container has not';
    paths.add(path);
  }
  return undefined;
}

/** An entry that we added or changed. */
function entryFlaw(entry: Json): string | undefined {
  if (!isObject(entry)) return 'a variable would be no object';
  if (!isVariableName(nameOf(entry))) return 'a variable would have an impossible name';
  const value = member(entry, 'value') ?? '';
  const from = member(entry, 'valueFrom') ?? undefined;
  if (typeof value !== 'string') return 'a variable would be no text';
  if (from === undefined) return undefined;
  if (value !== '') return 'a variable would have two values';
  const sources = isObject(from) ? Object.values(from).filter(isObject) : [];
  return sources.length === 1 ? undefined : 'a variable would not have one source';
}

const nothing: readonly Json[] = [];

const nameOf = (object: JsonObject) => textAt(object, 'name') ?? '';

/** A DNS label, which Kubernetes asks of containers and volumes. */
const isLabel = (name: string) => /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(name);
