import { isObject, listAt, member, objectAt, textAt, type JsonObject } from '../../domain/json.ts';

/** What an API server would refuse in a pod, as far as injection could bring it about. */
export function problemsOf(pod: JsonObject): string[] {
  const spec = objectAt(pod, 'spec') ?? {};
  const volumes = objects(spec, 'volumes');
  const containers = [...objects(spec, 'initContainers'), ...objects(spec, 'containers')];
  const volumeNames = volumes.map(nameOf);
  return [
    ...repeated(containers.map(nameOf)).map((name) => `two containers are called ${name}`),
    ...repeated(volumeNames).map((name) => `two volumes are called ${name}`),
    ...volumes.flatMap(volumeProblems),
    ...containers.flatMap((container) => containerProblems(container, new Set(volumeNames))),
    ...(member(spec, 'hostPID') === true && member(spec, 'shareProcessNamespace') === true
      ? ['hostPID and shareProcessNamespace exclude each other']
      : []),
  ];
}

const objects = (owner: JsonObject, key: string) => (listAt(owner, key) ?? []).filter(isObject);
const nameOf = (object: JsonObject) => textAt(object, 'name') ?? '';
const repeated = (names: readonly string[]) =>
  names.filter((name, index) => names.indexOf(name) !== index);

function volumeProblems(volume: JsonObject): string[] {
  const name = nameOf(volume);
  const template = objectAt(objectAt(volume, 'ephemeral') ?? {}, 'volumeClaimTemplate');
  const modes = listAt(objectAt(template ?? {}, 'spec') ?? {}, 'accessModes') ?? [];
  return [
    ...(/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(name)
      ? []
      : [`${name} is no name for a volume`]),
    ...(Object.keys(volume).length === 2 ? [] : [`${name} has no source or several`]),
    ...(template !== undefined && modes.length === 0 ? [`${name} has no access modes`] : []),
  ];
}

function containerProblems(container: JsonObject, volumes: ReadonlySet<string>): string[] {
  const name = nameOf(container);
  const mounts = objects(container, 'volumeMounts');
  const env = objects(container, 'env');
  const context = objectAt(container, 'securityContext') ?? {};
  return [
    ...(/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(name)
      ? []
      : [`${name} is no name for a container`]),
    ...(textAt(container, 'image') === undefined ? [`${name} has no image`] : []),
    ...repeated(mounts.map((mount) => textAt(mount, 'mountPath') ?? '')).map(
      (path) => `${name} mounts ${path} twice`,
    ),
    ...mounts
      .filter((mount) => !volumes.has(nameOf(mount)))
      .map((mount) => `${name} mounts no volume ${nameOf(mount)}`),
    ...env
      .filter(
        (entry) => textAt(entry, 'value') !== undefined && isObject(member(entry, 'valueFrom')),
      )
      .map((entry) => `${name}: ${nameOf(entry)} has value and valueFrom`),
    ...env
      .filter((entry) => !/^[\x20-\x3c\x3e-\x7e]+$/.test(nameOf(entry)))
      .map((entry) => `${name}: ${nameOf(entry)} is no variable`),
    ...resourceProblems(container),
    ...(member(context, 'runAsNonRoot') === true && member(context, 'runAsUser') === 0
      ? [`${name} is root and must not be`]
      : []),
  ];
}

const amounts: Readonly<Record<string, number>> = {
  '10m': 0.01,
  '50m': 0.05,
  '1m': 0.001,
  '500m': 0.5,
  '1': 1,
  '32Mi': 32,
  '64Mi': 64,
  '128Mi': 128,
  '256Mi': 256,
};

function resourceProblems(container: JsonObject): string[] {
  const resources = objectAt(container, 'resources') ?? {};
  const limits = objectAt(resources, 'limits') ?? {};
  const requests = objectAt(resources, 'requests') ?? {};
  return Object.entries(requests)
    .filter(
      ([name]) =>
        (amounts[textAt(requests, name) ?? ''] ?? 0) >
        (amounts[textAt(limits, name) ?? ''] ?? Infinity),
    )
    .map(([name]) => `${nameOf(container)} requests more ${name} than its limit`);
}
