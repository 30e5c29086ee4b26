import { isObject, listAt, objectAt, textAt, type JsonObject } from '../../domain/json.ts';
import { referencesOf } from '../../domain/restart/records/instrumentation.ts';
import type { ByKind } from './evidence.ts';

/** One object that something else refers to. */
export interface Reference {
  readonly kind: 'ConfigMap' | 'Secret' | 'Lease';
  readonly namespace: string;
  readonly name: string;
}

/**
 * The Secrets and ConfigMaps that agents or Collectors are told to use. No other is read: they are
 * nobody's business.
 */
export function referencesIn(byKind: ByKind): readonly Reference[] {
  const workloads = workloadsIn(byKind);
  const found = [
    ...certificatesIn(byKind.Instrumentation, workloads),
    ...workloads.flatMap(variablesFrom),
    ...byKind.Pod.filter(isCollector).flatMap(configurationOf),
  ];
  return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()].slice(0, most);
}

/** A person waits. */
const most = 200;

/** The Instrumentations that workloads name, be it by themselves or by their namespaces. */
export function instrumentationsNamedIn(byKind: ByKind): readonly string[] {
  const around = new Map(byKind.Namespace.map((json) => [nameOf(json), annotationsIn(json)]));
  return workloadsIn(byKind).flatMap((workload) => {
    const name = namespaceOf(workload);
    const annotations = around.get(name) ?? {};
    return referencesOf(annotationsIn(templateOf(workload)), { name, annotations });
  });
}

const workloadsIn = (byKind: ByKind) =>
  (['Deployment', 'StatefulSet', 'DaemonSet'] as const).flatMap((kind) => byKind[kind]);

/** An Instrumentation can be used from any namespace, and the Secret must lie in that one. */
function certificatesIn(
  instrumentations: readonly JsonObject[],
  workloads: readonly JsonObject[],
): readonly Reference[] {
  return instrumentations.flatMap((json) => {
    const tls = objectAt(objectAt(specOf(json), 'exporter') ?? {}, 'tls') ?? {};
    const names = [
      ['Secret', textAt(tls, 'secretName')],
      ['ConfigMap', textAt(tls, 'configMapName')],
    ] as const;
    if (names.every(([, name]) => name === undefined)) return [];
    const places = new Set([json, ...workloads.filter(asks)].map(namespaceOf));
    return [...places].flatMap((namespace) =>
      names.flatMap(([kind, name]) => (name === undefined ? [] : [{ kind, namespace, name }])),
    );
  });
}

function variablesFrom(workload: JsonObject): readonly Reference[] {
  if (!asks(workload)) return [];
  return containersIn(templateOf(workload))
    .flatMap((container) => (listAt(container, 'envFrom') ?? []).filter(isObject))
    .flatMap((source) => textAt(objectAt(source, 'configMapRef') ?? {}, 'name') ?? [])
    .map((name) => ({ kind: 'ConfigMap', namespace: namespaceOf(workload), name }));
}

const asks = (workload: JsonObject) =>
  Object.keys(annotationsIn(templateOf(workload))).some((key) =>
    key.startsWith('instrumentation.opentelemetry.io/'),
  );

const isCollector = (pod: JsonObject) =>
  containersIn(pod).some((container) => /collector|otelcol/.test(textAt(container, 'image') ?? ''));

const configurationOf = (pod: JsonObject): readonly Reference[] =>
  (listAt(specOf(pod), 'volumes') ?? [])
    .filter(isObject)
    .flatMap((volume) => textAt(objectAt(volume, 'configMap') ?? {}, 'name') ?? [])
    .map((name) => ({ kind: 'ConfigMap', namespace: namespaceOf(pod), name }));

const specOf = (json: JsonObject) => objectAt(json, 'spec') ?? {};

const templateOf = (json: JsonObject) => objectAt(specOf(json), 'template') ?? {};

const containersIn = (pod: JsonObject) =>
  (listAt(specOf(pod), 'containers') ?? []).filter(isObject);

const metadataIn = (json: JsonObject) => objectAt(json, 'metadata') ?? {};

const annotationsIn = (json: JsonObject) => objectAt(metadataIn(json), 'annotations') ?? {};

const nameOf = (json: JsonObject) => textAt(metadataIn(json), 'name') ?? '';

const namespaceOf = (json: JsonObject) => textAt(metadataIn(json), 'namespace') ?? '';
