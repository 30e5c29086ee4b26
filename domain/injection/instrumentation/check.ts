import {
  isObject,
  listAt,
  member,
  objectAt,
  textAt,
  type Json,
  type JsonObject,
} from '../../json.ts';
import { isObjectName, isQualifiedName, isVariableName } from './names.ts';
import type { EnvEntry, ExporterTls, Resources } from './settings.ts';
import { quantity } from './quantity.ts';

/** Collects what is wrong with a setting, under the path of the field. */
export type Report = (path: string, problem: string) => void;

const deepest = 24;
const keyName = /^(?!\.$|\.\.)[-._a-zA-Z0-9]{1,253}$/;
const fieldPath =
  /^(?:metadata\.(?:name|namespace|uid|(?:(?<label>labels)|annotations)\['(?<key>[^']{1,317})'\])|spec\.(?:nodeName|serviceAccountName)|status\.(?:hostIPs?|podIPs?))$/;
const resourcePath =
  /^(?:limits|requests)\.(?:(?<cpu>cpu)|memory|ephemeral-storage|hugepages-\w+)$/;
const divisors = { cpu: /^(?:0|1m?)$/, bytes: /^(?:0|1(?:[kMGTPE]|[KMGTPE]i)?)$/ };

export function isShallow(value: Json | undefined, depth = deepest): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  return Object.values(value).every((child) => isShallow(child, depth - 1));
}

/** The API server refuses a pod with a bad entry, so one bad entry spoils what it is part of. */
export function checkEnv(env: readonly EnvEntry[], path: string, report: Report): void {
  for (const [index, entry] of env.entries()) {
    const at = `${path}[${index}]`;
    if (!isVariableName(entry.name)) report(`${at}.name`, 'is no name a variable can have');
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
      return fieldProblem(source);
    case 'resourceFieldRef':
      return resourceProblem(source);
    default:
      return `${kind} needs a volume of the pod, which an Instrumentation cannot name`;
  }
}

function fieldProblem(source: JsonObject): string | undefined {
  if ((textAt(source, 'apiVersion') ?? 'v1') !== 'v1') return 'fieldRef.apiVersion must be v1';
  const found = fieldPath.exec(textAt(source, 'fieldPath') ?? '')?.groups;
  const { label, key } = found ?? {};
  // The API server compares keys of annotations without regard to case.
  const isKey = key === undefined || isQualifiedName(label ? key : key.toLowerCase());
  return found !== undefined && isKey
    ? undefined
    : 'fieldRef.fieldPath is not offered to variables';
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

export function checkImage(image: string | undefined, path: string, report: Report): void {
  if (image?.trim() !== image) report(path, 'begins or ends with white space');
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

export function checkSecurityContext(context: JsonObject, path: string, report: Report): void {
  for (const field of ['runAsUser', 'runAsGroup']) {
    const id = member(context, field);
    const fits = typeof id === 'number' && Number.isInteger(id) && id >= 0 && id <= 2 ** 31 - 1;
    if (id !== undefined && id !== null && !fits)
      report(`${path}.${field}`, 'is no user or group number');
  }
  if (objectAt(context, 'windowsOptions') !== undefined)
    report(`${path}.windowsOptions`, 'is for Windows, and agents run on Linux alone');
  const procMount = member(context, 'procMount') ?? 'Default';
  if (procMount !== 'Default') report(`${path}.procMount`, 'must be Default');
  const added = listAt(objectAt(context, 'capabilities') ?? {}, 'add') ?? [];
  const isMighty =
    member(context, 'privileged') === true ||
    added.includes('CAP_SYS_ADMIN') ||
    added.includes('SYS_ADMIN');
  if (member(context, 'allowPrivilegeEscalation') === false && isMighty) {
    report(`${path}.allowPrivilegeEscalation`, 'cannot be false for a privileged container');
  }
  for (const field of ['seccompProfile', 'appArmorProfile'] as const) {
    const profile = objectAt(context, field);
    if (profile === undefined) continue;
    const type = textAt(profile, 'type') ?? '';
    if (!/^(?:RuntimeDefault|Unconfined|Localhost)$/.test(type))
      report(`${path}.${field}.type`, 'is unknown');
    const file = textAt(profile, 'localhostProfile');
    if ((file !== undefined) !== (type === 'Localhost'))
      report(`${path}.${field}.localhostProfile`, 'belongs to type Localhost');
    if (file !== undefined && !isProfile[field](file))
      report(`${path}.${field}.localhostProfile`, 'is no name a profile can have');
  }
}

const isProfile = {
  seccompProfile: (file: string) => !file.startsWith('/') && !file.split('/').includes('..'),
  appArmorProfile: (file: string) => file.trim() === file && file.length < 4_096,
} as const;
