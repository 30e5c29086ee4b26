import { annotations as keys, labels as labelKeys } from '../../../crds/names.ts';
import { member, textAt, type JsonObject } from '../../json.ts';
import type { SharedSettings } from '../instrumentation/settings.ts';
import type { Pod } from '../pod/shape.ts';
import type { Owner } from './owners.ts';
import { imageVersion } from './version.ts';

/** The application whose telemetry is being described. */
export interface Subject {
  readonly pod: Pod;
  readonly namespace: string;
  readonly owners: readonly Owner[];
  readonly container: JsonObject & { readonly name: string };
  readonly shared: SharedSettings;
}

export const helperVariables = {
  podName: 'OTEL_RESOURCE_ATTRIBUTES_POD_NAME',
  podUid: 'OTEL_RESOURCE_ATTRIBUTES_POD_UID',
  nodeName: 'OTEL_RESOURCE_ATTRIBUTES_NODE_NAME',
} as const;

const own = (pod: Pod, key: string) => textAt(pod.annotations, keys.resourcePrefix + key);

/** What is known of the application, without the attributes that it states itself. */
export function attributesOf(
  subject: Subject,
  stated: ReadonlyMap<string, string>,
): Map<string, string> {
  const { pod, namespace, shared } = subject;
  const attributes = new Map<string, string>();
  // Without a key it is no attribute, and an SDK may drop the whole list for it.
  const add = (key: string, value: string) =>
    key === '' || stated.has(key) || attributes.set(key, value);
  for (const [key, value] of shared.resourceAttributes) add(key, value);
  for (const [key, value] of kubernetesFacts(subject))
    if (value !== undefined && value !== '') add(key, value);
  for (const key of Object.keys(pod.annotations)) {
    const value = member(pod.annotations, key);
    if (!key.startsWith(keys.resourcePrefix) || typeof value !== 'string') continue;
    const name = key.slice(keys.resourcePrefix.length);
    if (name !== 'service.name') add(name, value);
  }
  add('service.namespace', own(pod, 'service.namespace') ?? namespace);
  return attributes;
}

function kubernetesFacts({ pod, namespace, owners, container, shared }: Subject) {
  const instance = `${namespace}.$(${helperVariables.podName}).${container.name}`;
  const facts: (readonly [string, string | undefined])[] = [
    ['k8s.namespace.name', namespace],
    ['k8s.container.name', container.name],
    ['k8s.pod.name', textAt(pod.metadata, 'name')],
    ['k8s.pod.uid', textAt(pod.metadata, 'uid')],
    ['k8s.node.name', textAt(pod.spec, 'nodeName')],
    ['service.instance.id', namespace === '' ? undefined : instance],
  ];
  for (const { kind, name, uid } of owners) {
    if (kind === 'rollout') continue;
    facts.push([`k8s.${kind}.name`, name]);
    if (shared.addUids) facts.push([`k8s.${kind}.uid`, uid]);
  }
  return facts;
}

/** The name that the service goes by, in the order in which people are specific about it. */
export function serviceName(
  { pod, owners, container, shared }: Subject,
  attributes: ReadonlyMap<string, string>,
  stated: ReadonlyMap<string, string>,
): string {
  const label = (key: string) => (shared.useLabels ? textAt(pod.labels, key) : undefined);
  const fact = (kind: string) => attributes.get(`k8s.${kind}.name`) || undefined;
  return (
    own(pod, 'service.name') ??
    (stated.get('service.name') || undefined) ??
    label(labelKeys.instance) ??
    label(labelKeys.name) ??
    fact('deployment') ??
    owners.find(({ kind }) => kind === 'rollout')?.name ??
    fact('replicaset') ??
    fact('statefulset') ??
    fact('daemonset') ??
    fact('cronjob') ??
    fact('job') ??
    fact('pod') ??
    container.name
  );
}

export function serviceVersion({ pod, container, shared }: Subject): string | undefined {
  return (
    own(pod, 'service.version') ??
    (shared.useLabels ? textAt(pod.labels, labelKeys.version) : undefined) ??
    imageVersion(textAt(container, 'image') ?? '')
  );
}

/** No process starts with a longer variable. */
const longestVariable = 2 ** 17;

/** Attributes that somebody wrote into OTEL_RESOURCE_ATTRIBUTES, decoded. */
export function readAttributes(text: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const piece of text.slice(0, longestVariable).split(',')) {
    const equals = piece.indexOf('=');
    if (equals === -1) continue;
    attributes.set(decode(piece.slice(0, equals)), decode(piece.slice(equals + 1)));
  }
  return attributes;
}

function decode(text: string): string {
  if (!text.includes('%')) return text.trim();
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return text.trim();
  }
}

export function writeAttributes(attributes: ReadonlyMap<string, string>): string {
  return [...attributes.keys()]
    .toSorted()
    .map((key) => `${encode(key)}=${encode(attributes.get(key) ?? '')}`)
    .join(',');
}

/** Whatever would end a key or value early is escaped; what is escaped already stays as it is. */
const unsafe = /[^\x21\x23\x24\x26-\x2b\x2d-\x3a\x3c\x3e-\x5b\x5d-\x7e%]|%(?![0-9A-Fa-f]{2})/gu;

const safe = /^[\x21\x23\x24\x26-\x2b\x2d-\x3a\x3c\x3e-\x5b\x5d-\x7e]*$/;

const encode = (text: string) =>
  safe.test(text)
    ? text
    : text.toWellFormed().replace(unsafe, (character) => encodeURIComponent(character));
