import { images } from '../../config/images.ts';
import { names } from '../../crds/names.ts';
import { readInstrumentation } from '../../domain/injection/instrumentation/read.ts';
import type { Instrumentation, Language } from '../../domain/injection/instrumentation/settings.ts';
import type { World } from '../../domain/injection/match.ts';
import { readLimitRange, type LimitRange } from '../../domain/injection/pod/limit-range.ts';
import { indexInstrumentations } from '../../domain/injection/selector.ts';
import { objectAt, textAt, type JsonObject } from '../../domain/json.ts';
import { checkShape } from './check.ts';
import type { Item, Problem } from './model.ts';
import { instrumentationShape, objectShape } from './shapes.ts';
import { checkName, groupOf } from './workloads.ts';

/** What is told besides the manifests. */
export interface Told {
  /** For objects that name no namespace. */
  readonly namespace: string;
  readonly namespaceAnnotations: readonly NamespaceAnnotation[];
  readonly disabled: readonly Language[];
}

export interface NamespaceAnnotation {
  readonly namespace: string;
  readonly key: string;
  readonly value: string;
}

export interface Surroundings {
  readonly worldOf: (namespace: string) => World;
  /** Every Instrumentation that was read, as `namespace/name`. */
  readonly known: readonly string[];
  readonly problems: readonly Problem[];
}

/** Everything around the pods; where two say different things, the later item stands. */
export function surroundings(items: readonly Item[], told: Told): Surroundings {
  const namespaces = items.filter((item) => isNamespace(item));
  const instrumentations = items.filter((item) => isInstrumentation(item));
  const problems = [
    ...namespaces.flatMap((item) => [...checkShape(item, objectShape), ...checkName(item)]),
    ...instrumentations.flatMap((item) => [
      ...checkShape(item, instrumentationShape),
      ...checkName(item),
    ]),
  ];
  const read = instrumentations
    .map((item) => readOne(item, told.namespace))
    .filter((one) => one !== undefined);
  const index = indexInstrumentations(read);
  const limits = limitsByNamespace(items, told.namespace);
  const annotations = annotationsByNamespace(namespaces, told.namespaceAnnotations);
  return {
    problems,
    known: [...new Set(read.map(({ namespace, name }) => `${namespace}/${name}`))],
    worldOf: (name) => ({
      namespace: { name, annotations: annotations.get(name) ?? {}, limits: limits.get(name) },
      instrumentations: index,
      defaults: { images, disabled: told.disabled },
    }),
  };
}

export const isInstrumentation = (item: Item) =>
  item.kind === names.kind && groupOf(item) === names.group;

export const isNamespace = (item: Item) => item.kind === 'Namespace' && item.apiVersion === 'v1';

function readOne({ json }: Item, namespace: string): Instrumentation | undefined {
  const metadata = objectAt(json, 'metadata') ?? {};
  const place = textAt(metadata, 'namespace') ?? namespace;
  return readInstrumentation({ ...json, metadata: { ...metadata, namespace: place } });
}

function limitsByNamespace(
  items: readonly Item[],
  usual: string,
): ReadonlyMap<string, readonly LimitRange[]> {
  const found = new Map<string, readonly LimitRange[]>();
  for (const { kind, apiVersion, json } of items) {
    const read = kind === 'LimitRange' && apiVersion === 'v1' ? readLimitRange(json) : undefined;
    if (read === undefined) continue;
    const namespace = textAt(objectAt(json, 'metadata') ?? {}, 'namespace') ?? usual;
    const others = (found.get(namespace) ?? []).filter(({ name }) => name !== read.name);
    found.set(namespace, [...others, read]);
  }
  return found;
}

function annotationsByNamespace(
  namespaces: readonly Item[],
  told: readonly NamespaceAnnotation[],
): ReadonlyMap<string, JsonObject> {
  const found = new Map<string, JsonObject>();
  for (const { json } of namespaces) {
    const metadata = objectAt(json, 'metadata') ?? {};
    found.set(textAt(metadata, 'name') ?? '', objectAt(metadata, 'annotations') ?? {});
  }
  for (const { namespace, key, value } of told) {
    found.set(namespace, { ...found.get(namespace), [key]: value });
  }
  return found;
}
