import { isDeepStrictEqual } from 'node:util';
import { marks } from '../../crds/names.ts';
import { isObject, listAt, objectAt, textAt, type JsonObject } from '../../domain/json.ts';
import type { Case } from './random.ts';

/** The same case with its Instrumentations changed one member at a time. */
export function* variants(one: Case): Generator<Case> {
  yield one;
  for (const [index, instrumentation] of one.instrumentations.entries()) {
    const metadata = objectAt(instrumentation, 'metadata') ?? {};
    const spec = objectAt(instrumentation, 'spec') ?? {};
    const swap = (next: JsonObject): Case => ({
      ...one,
      instrumentations: one.instrumentations.with(index, next),
    });
    yield swap({
      ...instrumentation,
      metadata: { ...metadata, generation: 7, labels: { a: 'b' } },
    });
    yield swap({ ...instrumentation, spec: { ...spec, somethingNew: 1 } });
    for (const key of Object.keys(spec)) {
      const { [key]: _gone, ...rest } = spec;
      yield swap({ ...instrumentation, spec: rest });
    }
  }
}

const containersOf = (pod: JsonObject) => {
  const spec = objectAt(pod, 'spec') ?? {};
  return [...(listAt(spec, 'initContainers') ?? []), ...(listAt(spec, 'containers') ?? [])].filter(
    isObject,
  );
};

const named = (owner: JsonObject, key: string) => (listAt(owner, key) ?? []).filter(isObject);

/** Mounts inside a web server's configuration go on in the copy of it. */
const movesToCopy =
  /^\/(?:usr\/local\/apache2\/conf|etc\/nginx|etc\/httpd|opt\/nginx\/conf)(?:\/|$)/;

/** What of the user's is not there any more. */
export function losses(before: JsonObject, after: JsonObject): string[] {
  const later = new Map(
    containersOf(after).map((container) => [textAt(container, 'name'), container]),
  );
  const inContainers = containersOf(before).flatMap((container) => {
    const name = textAt(container, 'name') ?? '';
    const now = later.get(name);
    if (now === undefined) return [`container ${name}`];
    return [
      ...Object.keys(container)
        .filter(
          (key) =>
            !['env', 'volumeMounts'].includes(key) && !isDeepStrictEqual(container[key], now[key]),
        )
        .map((key) => `${name}.${key}`),
      ...named(container, 'env')
        .filter((entry) => !isKept(entry, named(now, 'env')))
        .map((entry) => `${name} env ${textAt(entry, 'name')}`),
      ...named(container, 'volumeMounts')
        .filter(
          (mount) => !named(now, 'volumeMounts').some((other) => isDeepStrictEqual(other, mount)),
        )
        .filter((mount) => !movesToCopy.test(textAt(mount, 'mountPath') ?? ''))
        .map((mount) => `${name} mount ${textAt(mount, 'mountPath')}`),
    ];
  });
  const kept = { annotations: 0, spec: 0 };
  const annotations = objectAt(objectAt(after, 'metadata') ?? {}, 'annotations') ?? {};
  const { [marks.injected]: _injected, [marks.declined]: _declined, ...others } = annotations;
  const own = objectAt(objectAt(before, 'metadata') ?? {}, 'annotations') ?? {};
  return [
    ...inContainers,
    ...(isDeepStrictEqual({ ...others }, { ...own }) ? [] : ['annotations']),
    ...Object.keys(before).filter(
      (key) => !(key in kept) && key !== 'metadata' && !isDeepStrictEqual(before[key], after[key]),
    ),
    ...named(objectAt(before, 'spec') ?? {}, 'volumes')
      .filter(
        (volume) =>
          !named(objectAt(after, 'spec') ?? {}, 'volumes').some((other) =>
            isDeepStrictEqual(other, volume),
          ),
      )
      .map((volume) => `volume ${textAt(volume, 'name')}`),
  ];
}

/** Kept as it was, with ours joined to it, or under the name that joined values move to. */
function isKept(entry: JsonObject, now: readonly JsonObject[]): boolean {
  const name = textAt(entry, 'name') ?? '';
  const value = textAt(entry, 'value');
  return now.some((other) => {
    const isMoved = textAt(other, 'name') === `OTEL_INJECTED_ORIG_${name}`;
    if (isMoved) return isDeepStrictEqual(other['valueFrom'], entry['valueFrom']);
    if (textAt(other, 'name') !== name) return false;
    return (
      isDeepStrictEqual(other, entry) ||
      (entry['valueFrom'] === undefined && (textAt(other, 'value') ?? '').includes(value ?? ''))
    );
  });
}

/** References between variables that resolved before and do not now. */
export function brokenReferences(before: JsonObject, after: JsonObject): string[] {
  const later = new Map(
    containersOf(after).map((container) => [textAt(container, 'name'), resolved(container)]),
  );
  return containersOf(before).flatMap((container) => {
    const now = later.get(textAt(container, 'name'));
    return [...resolved(container)].filter((reference) => now?.has(reference) !== true);
  });
}

/** Every `variable -> variable` that the kubelet would resolve. */
function resolved(container: JsonObject): ReadonlySet<string> {
  const seen = new Set<string>();
  const found = new Set<string>();
  for (const entry of named(container, 'env')) {
    const name = textAt(entry, 'name') ?? '';
    for (const [, target = ''] of (textAt(entry, 'value') ?? '').matchAll(/\$\(([^)]+)\)/g)) {
      if (seen.has(target)) found.add(`${name} -> ${target}`);
    }
    seen.add(name);
  }
  return found;
}
