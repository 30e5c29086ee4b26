import { isObject, listAt, member, objectAt, textAt, type JsonObject } from '../../json.ts';

/** Whole seconds since 1970: no object of Kubernetes keeps a finer time. */
export type Seconds = number;

/** What can be restarted. */
export const workloadKinds = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;

export type WorkloadKind = (typeof workloadKinds)[number];

/** The controller of an object: at most one of its owners is. */
export interface Owner {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** What every record says of the object it was read from. */
export interface Identity {
  /** Empty for what lies in no namespace. */
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly createdAt: Seconds;
  /** When it is to be gone: for a pod that lies ahead by its grace period. */
  readonly deletedAt: Seconds | undefined;
}

/** The metadata of anything that has a name; what has none is no object. */
export function metadataOf(json: unknown): JsonObject | undefined {
  const metadata = isObject(json) ? objectAt(json, 'metadata') : undefined;
  return metadata && textAt(metadata, 'name') !== undefined ? metadata : undefined;
}

export const identityOf = (metadata: JsonObject): Identity => ({
  namespace: textAt(metadata, 'namespace') ?? '',
  name: textAt(metadata, 'name') ?? '',
  uid: textAt(metadata, 'uid') ?? '',
  createdAt: secondsAt(metadata, 'creationTimestamp') ?? 0,
  deletedAt: secondsAt(metadata, 'deletionTimestamp'),
});

export function ownerOf(metadata: JsonObject): Owner | undefined {
  for (const reference of listAt(metadata, 'ownerReferences') ?? []) {
    if (!isObject(reference) || member(reference, 'controller') !== true) continue;
    const [kind, name, uid] = ['kind', 'name', 'uid'].map((key) => textAt(reference, key));
    if (kind !== undefined && name !== undefined && uid !== undefined) return { kind, name, uid };
  }
  return undefined;
}

export const labelsOf = (metadata: JsonObject) => objectAt(metadata, 'labels') ?? {};

export const annotationsOf = (metadata: JsonObject) => objectAt(metadata, 'annotations') ?? {};

export function secondsAt(object: JsonObject, key: string): Seconds | undefined {
  const text = textAt(object, key);
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1_000);
}

/** A counter: Kubernetes leaves it out where it is zero. */
export function countAt(object: JsonObject, key: string, otherwise = 0): number {
  const value = member(object, key);
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}
