import type { JsonObject } from '../../domain/json.ts';

/** A kind of object as the API server files it. The core group is the empty string. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

export type Metadata = JsonObject & {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
};

/** An object as it comes from the server. List items carry neither kind nor apiVersion. */
export type KubeObject = JsonObject & { readonly metadata: Metadata };

/** What a call is about: a collection when the name is absent, in all namespaces when that is absent too. */
export interface Place {
  readonly resource: Resource;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export function pathOf(
  { resource, namespace, name, subresource }: Place,
  query: Query = {},
): string {
  const { group, version, plural } = resource;
  const parts = group === '' ? ['api', version] : ['apis', group, version];
  if (namespace !== undefined) parts.push('namespaces', namespace);
  parts.push(plural);
  if (name !== undefined) parts.push(name);
  if (subresource !== undefined) parts.push(subresource);
  const asked = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) asked.set(key, String(value));
  }
  const path = `/${parts.map(encodeURIComponent).join('/')}`;
  return asked.size === 0 ? path : `${path}?${asked.toString()}`;
}

/** The name people and metrics know a resource by: `deployments.apps`, `instrumentations.opentelemetry.io/status`. */
export function labelOf({ resource: { group, plural }, subresource }: Place): string {
  const kind = group === '' ? plural : `${plural}.${group}`;
  return subresource === undefined ? kind : `${kind}/${subresource}`;
}

/** The name of an object within its kind. */
export const keyOf = ({ name, namespace }: Pick<Metadata, 'name' | 'namespace'>): string =>
  namespace === undefined ? name : `${namespace}/${name}`;

/**
 * Whether one resourceVersion is surely older than another. Kubernetes promises this comparison
 * since 1.35 (decimal, larger is newer, within one resource), and etcd's revisions have always
 * behaved so. Where a version is no decimal number nothing is claimed, and nothing is held back.
 */
export function isOlder(version: string, than: string): boolean {
  if (!decimal.test(version) || !decimal.test(than)) return false;
  return version.length === than.length ? version < than : version.length < than.length;
}

const decimal = /^(?:0|[1-9]\d*)$/;
