import type { Container, EnvVar } from '../../case.ts';
import {
  attributesOf,
  fieldVariables,
  isStatedByUser,
  readWell,
  serviceName,
  serviceVersion,
  statedIn,
  written,
  type Attributes,
} from './attributes.ts';
import { addCertificateVariables } from './certificates.ts';
import { attributesVariable, fromField, isReference, type Environment } from './environment.ts';
import type { Request } from '../request.ts';

/**
 * The variables that all SDKs read, in the order in which they are written. `stating` is where the
 * application's own attributes are looked for. False where the container must do without.
 */
export function addSdkVariables(
  request: Request,
  env: Environment,
  app: Container,
  stating = env,
): boolean {
  const { ours } = request;
  const text = stating.plain(attributesVariable) ?? '';
  const stated = statedIn(text, ours);
  const attributes = attributesOf(request, app, stated);
  const own = readWell(text).get('service.name') ?? '';
  if (!env.has('OTEL_SERVICE_NAME')) {
    env.append('OTEL_SERVICE_NAME', serviceName(request, app, attributes, own));
  }
  addExporter(request, env);
  const needed = fieldEntriesFor(request, attributes);
  const stays = addFieldEntries(request, env, needed);
  complete(request, env, app, { stated, attributes, needed });
  const list = written(attributes, ours);
  const isJoined =
    list === '' ||
    env.join({
      name: attributesVariable,
      alone: list,
      around: (value) => `${value}${value.endsWith(',') ? '' : ','}${list}`,
      reference: 'spoilt',
    });
  if (!isJoined) return false;
  addPropagation(request, env);
  if (!stays && env.has(attributesVariable)) env.moveToEnd(attributesVariable);
  return true;
}

function addExporter(request: Request, env: Environment): void {
  const { endpoint = '', tls } = request.settings.exporter ?? {};
  if (endpoint !== '') env.appendIfAbsent('OTEL_EXPORTER_OTLP_ENDPOINT', endpoint);
  if (expectsGrpc(request, env) && request.ours('protocol-follows-port')) {
    env.append('OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc');
  }
  if (tls !== undefined) addCertificateVariables(env, tls, request);
}

/** Our way alone: the port is gRPC's, the agent could speak it, and nobody has chosen anything. */
function expectsGrpc({ language }: Request, env: Environment): boolean {
  if (!['java', 'nodejs', 'go'].includes(language)) return false;
  const signals = ['TRACES', 'METRICS', 'LOGS'].flatMap((signal) => [
    `OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`,
    `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`,
  ]);
  if (['OTEL_EXPORTER_OTLP_PROTOCOL', ...signals].some((name) => env.has(name))) return false;
  const endpoint = env.plain('OTEL_EXPORTER_OTLP_ENDPOINT') ?? '';
  return /^(?:[a-z][a-z0-9+.-]*:\/\/)?[^/?#]*:4317(?:[/?#]|$)/i.test(endpoint);
}

/** The pod's name always; its UID and its node where they are wanted and not known yet. */
function fieldEntriesFor({ settings }: Request, attributes: Attributes): readonly EnvVar[] {
  const wantsUid = settings.resource?.addK8sUIDAttributes === true;
  return [
    fromField(fieldVariables.podName, 'metadata.name'),
    ...(wantsUid && !attributes.get('k8s.pod.uid')
      ? [fromField(fieldVariables.podUid, 'metadata.uid')]
      : []),
    ...(attributes.get('k8s.node.name')
      ? []
      : [fromField(fieldVariables.nodeName, 'spec.nodeName')]),
  ];
}

/** Appends them, also where they are there already. Says whether the attributes stay in their place. */
function addFieldEntries({ ours }: Request, env: Environment, needed: readonly EnvVar[]): boolean {
  const isReferredTo =
    env.has(attributesVariable) &&
    env.refersTo(attributesVariable, env.indexOf(attributesVariable) + 1);
  const stays = isReferredTo && ours('attributes-stay');
  const absent = needed.filter(({ name }) => !env.has(name));
  if (stays || (absent.some(({ name }) => env.refersTo(name)) && ours('helpers-first'))) {
    for (const entry of needed.toReversed()) moveToFront(env, entry);
  } else {
    const isDoubled = absent.length < needed.length && !ours('no-duplicates');
    env.entries.push(...(isDoubled ? needed : absent));
  }
  const place = env.indexOf(attributesVariable);
  return stays && needed.every(({ name }) => env.indexOf(name) < place);
}

/** One that refers to another variable has to stay behind it. */
function moveToFront(env: Environment, entry: EnvVar): void {
  const own = env.get(entry.name);
  if (own === undefined) env.entries.unshift(entry);
  else if (isReference(own) || own.value?.includes('$(') !== true) {
    env.entries.splice(env.indexOf(entry.name), 1);
    env.entries.unshift(own);
  }
}

interface Described {
  readonly stated: Attributes;
  readonly attributes: Map<string, string>;
  readonly needed: readonly EnvVar[];
}

/** Attributes that are written whatever the container states, but for our way. */
function complete(
  request: Request,
  env: Environment,
  app: Container,
  { stated, attributes, needed }: Described,
): void {
  const { ours } = request;
  const put = (key: string, value: string) => {
    const row = () => (isStatedByUser(request, app, key) ? 'own-attributes-win' : 'no-duplicates');
    if (!stated.has(key) || !ours(row())) attributes.set(key, value);
  };
  const needs = (name: string) => needed.some((entry) => entry.name === name);
  put('k8s.pod.name', `$(${fieldVariables.podName})`);
  if (needs(fieldVariables.podUid)) put('k8s.pod.uid', `$(${fieldVariables.podUid})`);
  if (needs(fieldVariables.nodeName)) put('k8s.node.name', `$(${fieldVariables.nodeName})`);

  const version = serviceVersion(request, app);
  const isMentioned = env.plain(attributesVariable)?.includes('service.version') === true;
  const isLeftOut =
    isMentioned === stated.has('service.version') || !ours('own-attributes-win')
      ? isMentioned
      : stated.has('service.version');
  if (version !== '' && !isLeftOut) attributes.set('service.version', version);
}

function addPropagation({ settings }: Request, env: Environment): void {
  const { propagators = [], sampler = {} } = settings;
  if (propagators.length > 0) env.appendIfAbsent('OTEL_PROPAGATORS', propagators.join(','));
  const { type = '', argument = '' } = sampler;
  const isChosen = env.has('OTEL_TRACES_SAMPLER') || env.has('OTEL_TRACES_SAMPLER_ARG');
  if (type === '' || isChosen) return;
  env.append('OTEL_TRACES_SAMPLER', type);
  if (argument !== '') env.append('OTEL_TRACES_SAMPLER_ARG', argument);
}
