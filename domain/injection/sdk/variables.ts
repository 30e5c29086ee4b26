import type { Language } from '../instrumentation/settings.ts';
import { fieldEntry, type Environment } from '../pod/environment.ts';
import {
  attributesOf,
  helperVariables,
  readAttributes,
  serviceName,
  serviceVersion,
  writeAttributes,
  type Subject,
} from './attributes.ts';
import { tlsVariables } from './exporter.ts';
import { protocolToSet } from './protocol.ts';

const resourceAttributes = 'OTEL_RESOURCE_ATTRIBUTES';

/** The addresses first, so that endpoints may refer to them, then what the Instrumentation gives to all. */
export function addSharedEntries(env: Environment, { shared }: Subject): void {
  if (!env.has('OTEL_POD_IP')) env.prepend(fieldEntry('OTEL_POD_IP', 'status.podIP'));
  if (!env.has('OTEL_NODE_IP')) env.prepend(fieldEntry('OTEL_NODE_IP', 'status.hostIP'));
  env.appendMissing(shared.env);
}

/**
 * The variables every SDK reads. What the container has stays; only resource attributes are added
 * to. `false` when they come from a reference that cannot be joined.
 */
export function addSdkVariables(env: Environment, language: Language, subject: Subject): boolean {
  if (!env.canExtend(resourceAttributes)) return false;
  const stated = readAttributes(env.plain(resourceAttributes) ?? '');
  const attributes = attributesOf(subject, stated);
  appendIf(env, 'OTEL_SERVICE_NAME', serviceName(subject, attributes, stated));
  addExporter(env, language, subject);
  const stays = addHelpers(env, subject, attributes);
  completeAttributes(attributes, subject, stated);
  addAttributes(env, attributes);
  addPropagation(env, subject);
  if (!stays && env.has(resourceAttributes)) env.moveToEnd(resourceAttributes);
  return true;
}

function appendIf(env: Environment, name: string, value: string | undefined): void {
  if (value !== undefined && !env.has(name)) env.append({ name, value });
}

function addExporter(env: Environment, language: Language, { shared }: Subject): void {
  appendIf(env, 'OTEL_EXPORTER_OTLP_ENDPOINT', shared.endpoint);
  appendIf(env, 'OTEL_EXPORTER_OTLP_PROTOCOL', protocolToSet(language, env));
  if (shared.tls === undefined) return;
  for (const [name, path] of tlsVariables(shared.tls)) appendIf(env, name, path);
}

/**
 * The variables that the attributes refer to. They go to the end, unless an entry already refers to
 * them, or to the attributes: then they go first, and the attributes stay where they are.
 */
function addHelpers(
  env: Environment,
  { shared }: Subject,
  attributes: ReadonlyMap<string, string>,
): boolean {
  const { podName, podUid, nodeName } = helperVariables;
  const needed = [
    fieldEntry(podName, 'metadata.name'),
    ...(shared.addUids && !attributes.get('k8s.pod.uid')
      ? [fieldEntry(podUid, 'metadata.uid')]
      : []),
    ...(attributes.get('k8s.node.name') ? [] : [fieldEntry(nodeName, 'spec.nodeName')]),
  ];
  const isReferredTo = env.has(resourceAttributes) && env.isReferredToAfter(resourceAttributes);
  const missing = needed.filter(({ name }) => !env.has(name));
  if (isReferredTo || missing.some(({ name }) => env.refersTo(name))) {
    for (const entry of needed.toReversed()) env.moveToFront(entry);
  } else {
    for (const entry of missing) env.append(entry);
  }
  return isReferredTo && needed.every(({ name }) => env.precedes(name, resourceAttributes));
}

function completeAttributes(
  attributes: Map<string, string>,
  subject: Subject,
  stated: ReadonlyMap<string, string>,
): void {
  const { podName, podUid, nodeName } = helperVariables;
  const put = (key: string, value: string) => stated.has(key) || attributes.set(key, value);
  put('k8s.pod.name', `$(${podName})`);
  if (subject.shared.addUids && !attributes.get('k8s.pod.uid')) put('k8s.pod.uid', `$(${podUid})`);
  if (!attributes.get('k8s.node.name')) put('k8s.node.name', `$(${nodeName})`);
  const version = serviceVersion(subject);
  if (version !== undefined) put('service.version', version);
}

function addAttributes(env: Environment, attributes: ReadonlyMap<string, string>): void {
  const text = writeAttributes(attributes);
  if (text === '') return;
  env.extend({
    name: resourceAttributes,
    alone: text,
    around: (current) => `${current}${current.endsWith(',') ? '' : ','}${text}`,
  });
}

function addPropagation(env: Environment, { shared }: Subject): void {
  const { propagators, sampler } = shared;
  if (propagators.length > 0) appendIf(env, 'OTEL_PROPAGATORS', propagators.join(','));
  const isSampled = env.has('OTEL_TRACES_SAMPLER') || env.has('OTEL_TRACES_SAMPLER_ARG');
  if (sampler === undefined || isSampled) return;
  appendIf(env, 'OTEL_TRACES_SAMPLER', sampler.type);
  appendIf(env, 'OTEL_TRACES_SAMPLER_ARG', sampler.argument);
}
