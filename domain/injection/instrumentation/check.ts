import {
  isObject,
  listAt,
  member,
  objectAt,
  textAt,
  type Json,
  type JsonObject,
} from '../../json.ts';
import type { EnvEntry, ExporterTls, Resources } from './settings.ts';
import { quantity } from './quantity.ts';

/** Collects what is wrong with a setting, under the path of the field. */
export type Report = (path: string, problem: string) => void;

const deepest = 24;
const variableName = /^(?!\.$|\.\.)[-._a-zA-Z][-._a-zA-Z0-9]{0,1023}$/;
const keyName = /^(?!\.$|\.\.)[-._a-zA-Z0-9]{1,253}$/;
const dnsSubdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const fieldPath =
  /^(?:metadata\.(?:name|namespace|uid|(?:labels|annotations)\['[^']{1,317}'\])|spec\.(?:nodeName|serviceAccountName)|status\.(?:hostIPs?|podIPs?))$/;
const resourcePath =
  /^(?:limits|requests)\.(?:(?<cpu>cpu)|memory|ephemeral-storage|hugepages-\w+)$/;
const divisors = { cpu: /^(?:0|1m?)$/, bytes: /^(?:0|1(?:[kMGTPE]|[KMGTPE]i)?)$/ };

/** A name may be long without a dot: unlike a label's, its parts know no limit of their own. */
const isObjectName = (name: string) => name.length <= 253 && dnsSubdomain.test(name);

export function isShallow(value: Json | undefined, depth = deepest): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  return Object.values(value).every((child) => isShallow(child, depth - 1));
}

/** The API server refuses a pod with a bad entry, so one bad entry spoils what it is part of. */
export function checkEnv(env: readonly EnvEntry[], path: string, report: Report): void {
  for (const [index, entry] of env.entries()) {
    const at = `${path}[${index}]`;
    if (!variableName.test(entry.name)) report(`${at}.name`, 'is no name a variable can have');
    const value = member(entry, 'value') ?? '';
    if (typeof value !== 'string') report(`${at}.value`, 'is no text');
    const from = member(entry, 'valueFrom');
    if (from === undefined || from === null) continue;
    if (value !== '') report(at, 'has both value and valueFrom');
    const problem = isObject(from) ? sourceProblem(from) : 'is no object';
    if (problem !== undefined) report(`${at}.valueFrom`, problem);
  }
}

function sourceProblem(from: JsonObject): string | undefined {
  const kinds = Object.keys(from).filter((kind) => from[kind] !== null);
  const [kind, ...others] = kinds;
  if (kind === undefined || others.length > 0) return 'must have exactly one source';
  const source = objectAt(from, kind) ?? {};
  switch (kind) {
    case 'configMapKeyRef':
    case 'secretKeyRef':
      if (!isObjectName(textAt(source, 'name') ?? '')) return `${kind}.name is no object's name`;
      return keyName.test(textAt(source, 'key') ?? '') ? undefined : `${kind}.key is no key`;
    case 'fieldRef':
      return fieldPath.test(textAt(source, 'fieldPath') ?? '')
        ? undefined
        : 'fieldRef.fieldPath is not offered to variables';
    case 'resourceFieldRef':
      return resourceProblem(source);
    default:
      return `${kind} needs a volume of the pod, which an Instrumentation cannot name`;
  }
}

function resourceProblem(source: JsonObject): string | undefined {
  const found = resourcePath.exec(textAt(source, 'resource') ?? '');
  if (found === null) return 'resourceFieldRef.resource is not offered to variables';
  const divisor = member(source, 'divisor') ?? 0;
  const known = found.groups?.['cpu'] === undefined ? divisors.bytes : divisors.cpu;
  const isText = typeof divisor === 'string' || typeof divisor === 'number';
  return isText && known.test(`${divisor}`)
    ? undefined
    : 'resourceFieldRef.divisor is none that is offered';
}

export function checkTls(tls: ExporterTls, path: string, report: Report): void {
  for (const [field, name] of [
    ['secretName', tls.secretName],
    ['configMapName', tls.configMapName],
  ] as const) {
    if (name !== undefined && !isObjectName(name)) {
      report(`${path}.${field}`, "is no object's name");
    }
  }
}

export function checkResources(resources: Resources, path: string, report: Report): void {
  const { limits = {}, requests = {}, claims = [] } = resources;
  if (claims.length > 0)
    report(`${path}.claims`, 'names claims of the pod, which an Instrumentation cannot know');
  for (const [name, amount] of [...Object.entries(limits), ...Object.entries(requests)]) {
    const value = quantity(amount);
    if (value === undefined || value < 0) report(`${path}.${name}`, 'is no quantity');
    if (!/^(?:cpu|memory|ephemeral-storage)$/.test(name)) {
      report(`${path}.${name}`, 'is no resource that an agent’s container may ask for');
    }
  }
  for (const [name, amount] of Object.entries(requests)) {
    const limit = quantity(member(limits, name));
    if (limit !== undefined && (quantity(amount) ?? 0) > limit)
      report(`${path}.requests.${name}`, 'is more than the limit');
  }
}

export function checkClaim(template: JsonObject, path: string, report: Report): void {
  const spec = objectAt(template, 'spec') ?? {};
  const modes = listAt(spec, 'accessModes') ?? [];
  const known = /^(?:ReadWriteOnce|ReadOnlyMany|ReadWriteMany|ReadWriteOncePod)$/;
  if (modes.length === 0) report(`${path}.spec.accessModes`, 'is required');
  if (modes.some((mode) => typeof mode !== 'string' || !known.test(mode)))
    report(`${path}.spec.accessModes`, 'holds an unknown mode');
  if (modes.includes('ReadWriteOncePod') && modes.length > 1) {
    report(`${path}.spec.accessModes`, 'may hold nothing beside ReadWriteOncePod');
  }
  const requests = objectAt(objectAt(spec, 'resources') ?? {}, 'requests') ?? {};
  const storage = quantity(member(requests, 'storage'));
  if (storage === undefined || storage <= 0)
    report(`${path}.spec.resources.requests.storage`, 'is required');
  if (textAt(spec, 'volumeMode') === 'Block')
    report(`${path}.spec.volumeMode`, 'must be Filesystem');
}

export function checkSecurityContext(context: JsonObject, path: string, report: Report): void {
  for (const field of ['runAsUser', 'runAsGroup']) {
    const id = member(context, field);
    const fits = typeof id === 'number' && Number.isInteger(id) && id >= 0 && id <= 2 ** 31 - 1;
    if (id !== undefined && id !== null && !fits)
      report(`${path}.${field}`, 'is no user or group number');
  }
  const added = listAt(objectAt(context, 'capabilities') ?? {}, 'add') ?? [];
  const isMighty =
    member(context, 'privileged') === true ||
    added.includes('CAP_SYS_ADMIN') ||
    added.includes('SYS_ADMIN');
  if (member(context, 'allowPrivilegeEscalation') === false && isMighty) {
    report(`${path}.allowPrivilegeEscalation`, 'cannot be false for a privileged container');
  }
  for (const field of ['seccompProfile', 'appArmorProfile']) {
    const profile = objectAt(context, field);
    if (profile === undefined) continue;
    const type = textAt(profile, 'type') ?? '';
    if (!/^(?:RuntimeDefault|Unconfined|Localhost)$/.test(type))
      report(`${path}.${field}.type`, 'is unknown');
    const isLocal = textAt(profile, 'localhostProfile') !== undefined;
    if (isLocal !== (type === 'Localhost'))
      report(`${path}.${field}.localhostProfile`, 'belongs to type Localhost');
  }
}
