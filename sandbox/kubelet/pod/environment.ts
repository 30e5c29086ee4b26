import type { V1EnvVar } from '@kubernetes/client-node';
import type { Container, Facts, Pod, Values } from './shapes.ts';

/** All that the variables of a container can refer to. */
export interface Sources {
  /** The ConfigMaps and Secrets that exist, by `titleOf`. */
  readonly objects: ReadonlyMap<string, Values>;
  readonly pod: Pod;
  readonly facts: Facts;
}

export interface Reference {
  readonly kind: 'configmap' | 'secret';
  readonly name: string;
  readonly key?: string;
  readonly optional?: boolean;
}

export type Environment =
  | { readonly kind: 'complete'; readonly variables: Values }
  | { readonly kind: 'waiting'; readonly reason: string; readonly message: string };

/**
 * The variables of a container, as a kubelet computes them: `envFrom` first, then each entry of `env`
 * in order, which sees all that came before it, an earlier value of its own name included.
 */
export function environmentOf(container: Container, sources: Sources): Environment {
  const known: Record<string, string> = {};
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const reference = referenceOf(configMapRef, secretRef);
    if (reference === undefined) continue;
    const title = titleOf(reference);
    const found = sources.objects.get(title);
    if (found === undefined && reference.optional !== true) return waiting(`${title} not found`);
    for (const [key, value] of Object.entries(found ?? {})) known[prefix + key] = value;
  }
  for (const variable of container.env ?? []) {
    const value = valueOf(variable, sources, known);
    if (typeof value === 'object') return value;
    if (value !== undefined) known[variable.name] = value;
  }
  return { kind: 'complete', variables: known };
}

/** Every ConfigMap and Secret that a container's variables refer to. */
export function referencesOf({ envFrom = [], env = [] }: Container): readonly Reference[] {
  return [
    ...envFrom.map(({ configMapRef, secretRef }) => referenceOf(configMapRef, secretRef)),
    ...env.map(({ valueFrom }) => keyReferenceOf(valueFrom)),
  ].filter((reference) => reference !== undefined);
}

export const titleOf = ({ kind, name }: Pick<Reference, 'kind' | 'name'>) => `${kind} "${name}"`;

/** `$(NAME)` becomes its value where there is one, `$$` a dollar; all else stays as it is. */
export function expand(text: string, known: Values): string {
  return text.replaceAll(/\$(?:\$|\(([^)]*)\))/g, (whole, name?: string) => {
    if (name === undefined) return '$';
    return Object.hasOwn(known, name) ? (known[name] ?? whole) : whole;
  });
}

type Named = { readonly name?: string; readonly key?: string; readonly optional?: boolean };

function referenceOf(configMap?: Named, secret?: Named): Reference | undefined {
  const found = configMap ?? secret;
  return found && { name: '', ...found, kind: configMap === undefined ? 'secret' : 'configmap' };
}

const keyReferenceOf = (from: V1EnvVar['valueFrom']) =>
  referenceOf(from?.configMapKeyRef, from?.secretKeyRef);

/** Nothing, where an optional reference leads nowhere. */
function valueOf({ value, valueFrom }: V1EnvVar, sources: Sources, known: Values) {
  if (value) return expand(value, known);
  if (valueFrom?.fieldRef) return fieldOf(valueFrom.fieldRef.fieldPath, sources);
  const reference = keyReferenceOf(valueFrom);
  return reference === undefined ? '' : keyOf(reference, sources);
}

function keyOf(reference: Reference, { objects }: Sources) {
  const title = titleOf(reference);
  const found = objects.get(title);
  const text = found?.[reference.key ?? ''];
  if (text !== undefined || reference.optional === true) return text;
  return waiting(found ? `${title} has no key ${reference.key}` : `${title} not found`);
}

const waiting = (message: string) =>
  ({ kind: 'waiting', reason: 'CreateContainerConfigError', message }) as const;

/** A field of the pod, as the downward API tells it; an absent label is empty. */
export function fieldOf(path: string, { pod, facts }: Pick<Sources, 'pod' | 'facts'>): string {
  const { metadata, spec } = pod;
  const [, map, key] = /^metadata\.(labels|annotations)(?:\['(.+)'\])?$/.exec(path) ?? [];
  if (map === 'labels' || map === 'annotations') {
    const entries = metadata[map] ?? {};
    return key === undefined ? listed(entries) : (entries[key] ?? '');
  }
  const fields: Values = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'spec.nodeName': facts.node,
    'spec.serviceAccountName': spec.serviceAccountName ?? 'default',
    'status.hostIP': facts.hostIp,
    'status.podIP': facts.podIp,
    'status.podIPs': facts.podIp,
  };
  return fields[path] ?? '';
}

const listed = (entries: Values) =>
  Object.entries(entries)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');
