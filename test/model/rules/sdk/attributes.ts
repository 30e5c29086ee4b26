import type { Container } from '../../case.ts';
import type { Ours } from '../../rows.ts';
import { attributesVariable } from './environment.ts';
import { ownersOf, rolloutOf } from './owners.ts';
import { agentSettings, type Request } from '../request.ts';

export const fieldVariables = {
  podName: 'OTEL_RESOURCE_ATTRIBUTES_POD_NAME',
  podUid: 'OTEL_RESOURCE_ATTRIBUTES_POD_UID',
  nodeName: 'OTEL_RESOURCE_ATTRIBUTES_NODE_NAME',
} as const;

const prefix = 'resource.opentelemetry.io/';

export type Attributes = ReadonlyMap<string, string>;

/** An annotation about the resource, which only the pod can bear; the empty one counts as none. */
const annotated = ({ one }: Request, key: string) =>
  one.pod.metadata.annotations?.[prefix + key] ?? '';

const labelled = ({ one, settings }: Request, key: string) =>
  settings.defaults?.useLabelsForResourceAttributes === true
    ? (one.pod.metadata.labels?.[`app.kubernetes.io/${key}`] ?? '')
    : '';

/** Attributes that the variable states: pieces with exactly one equals sign, as they stand. */
export function statedIn(text: string, ours: Ours): Attributes {
  const plainly = new Map(
    text
      .split(',')
      .map((piece) => piece.trim().split('='))
      .flatMap(([key = '', value, ...more]) =>
        value === undefined || more.length > 0 ? [] : [[key, value] as const],
      ),
  );
  const keys = (attributes: Attributes) => [...attributes.keys()].toSorted().join();
  const well = readWell(text);
  return keys(well) !== keys(plainly) && ours('own-attributes-win') ? well : plainly;
}

/** Our way: the value is all that follows the first equals sign, and both are decoded. */
export function readWell(text: string): Attributes {
  const pairs = text.split(',').flatMap((piece) => {
    const [, key = '', value = ''] = /^([^=]*)=(.*)$/s.exec(piece) ?? [];
    return piece.includes('=') ? [[decode(key.trim()), decode(value.trim())] as const] : [];
  });
  return new Map(pairs);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * What is known of an application, later layers over earlier ones: the Instrumentation's
 * attributes, what Kubernetes knows, the pod's annotations. Nothing that the container states.
 */
export function attributesOf(request: Request, app: Container, stated: Attributes) {
  const { one, settings } = request;
  const attributes = new Map<string, string>();
  const put = ([key, value]: readonly [string, string]) => {
    if (!stated.has(key)) attributes.set(key, value);
  };
  Object.entries(settings.resource?.resourceAttributes ?? {}).forEach(put);
  factsOf(request, app)
    .filter(([, value]) => value !== '')
    .forEach(put);
  Object.entries(one.pod.metadata.annotations ?? {})
    .filter(([key]) => key.startsWith(prefix) && key !== `${prefix}service.name`)
    .map(([key, value]) => [key.slice(prefix.length), value] as const)
    .forEach(put);
  put(['service.namespace', annotated(request, 'service.namespace') || one.namespace.name]);
  return attributes;
}

function factsOf(request: Request, { name }: Container): readonly (readonly [string, string])[] {
  const { one, settings } = request;
  const { metadata, spec } = one.pod;
  const instance = `${one.namespace.name}.$(${fieldVariables.podName}).${name}`;
  const hasUids = settings.resource?.addK8sUIDAttributes === true;
  const owners = ownersOf(request).flatMap(({ kind, name: owner, uid = '' }) => {
    const key = `k8s.${kind.toLowerCase()}`;
    return [[`${key}.name`, owner] as const, [`${key}.uid`, hasUids ? uid : ''] as const];
  });
  return [
    ['k8s.namespace.name', one.namespace.name],
    ['k8s.container.name', name],
    ['k8s.pod.name', metadata.name ?? ''],
    ['k8s.pod.uid', metadata.uid ?? ''],
    ['k8s.node.name', spec.nodeName ?? ''],
    ['service.instance.id', annotated(request, 'service.instance.id') || instance],
    ...owners,
  ];
}

/** The first name that is found, from what people say down to the container's own. */
export function serviceName(
  request: Request,
  app: Container,
  attributes: Attributes,
  own: string,
): string {
  const { one, ours } = request;
  const fact = (kind: string) => attributes.get(`k8s.${kind}.name`);
  const annotation = annotated(request, 'service.name');
  if (annotation !== '') return annotation;
  if (own !== '' && ours('own-service-name')) return own;
  const label = labelled(request, 'instance') || labelled(request, 'name');
  if (label !== '') return label;
  const deployment = fact('deployment') || '';
  if (deployment !== '') return deployment;
  const rollout = rolloutOf(one);
  if (rollout !== undefined && ours('rollouts')) return rollout;
  const kinds = ['replicaset', 'statefulset', 'daemonset', 'cronjob', 'job', 'pod'];
  return kinds.map(fact).find((name) => name !== undefined && name !== '') ?? app.name;
}

export const serviceVersion = (request: Request, { image = '' }: Container) =>
  annotated(request, 'service.version') || labelled(request, 'version') || versionOf(image);

const part = '(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)';
const host = `(?:${part}(?:\\.${part})*|\\[[0-9a-fA-F:]+\\])(?::\\d+)?`;
const path = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const reference = new RegExp(
  `^(?:${host}/)?(?<name>${path}(?:/${path})*)(?::(?<tag>\\w[\\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}))?$`,
);

/** An image's tag, its digest or both; nothing where it cannot be read as an image's name. */
function versionOf(image: string): string {
  const { name = '', tag, digest } = reference.exec(image)?.groups ?? {};
  if (name.length > 255) return '';
  return [tag, digest].filter((one) => one !== undefined).join('@');
}

/** Keys in order, nothing escaped. Our way, what would break the list is. */
export function written(attributes: Attributes, ours: Ours): string {
  const join = (encode: (text: string) => string, list: readonly string[]) =>
    list.map((key) => `${encode(key)}=${encode(attributes.get(key) ?? '')}`).join(',');
  const keys = [...attributes.keys()].toSorted();
  const plain = join((text) => text, keys);
  const escaped = join(
    escape,
    keys.filter((key) => key !== ''),
  );
  return plain !== escaped && ours('attributes-escaped') ? escaped : plain;
}

/** Printable ASCII stays, but for what ends a key or value; so does what is encoded already. */
const escape = (text: string) => (/^[\w.$()/-]*$/.test(text) ? text : escapeAll(text));

const escapeAll = (text: string) =>
  text.replaceAll(/%[0-9A-Fa-f]{2}|[\s\S]/gu, (one) =>
    one.length === 3 || (/^[!-~]$/.test(one) && !/[",;=\\%]/.test(one))
      ? one
      : encodeURIComponent(one),
  );

/**
 * Whether the container as it arrived, or an Instrumentation's variables, stated the attribute. If
 * not, an earlier language of ours has written it.
 */
export function isStatedByUser(request: Request, app: Container, key: string): boolean {
  const { containers, initContainers = [] } = request.one.pod.spec;
  const arrived = [...containers, ...initContainers].find(({ name }) => name === app.name);
  const entries = [arrived?.env, agentSettings(request).env, request.settings.env];
  return entries
    .flatMap((env) => env ?? [])
    .some((entry) => entry.name === attributesVariable && readWell(entry.value ?? '').has(key));
}
