import type { Instrumentation } from '../../domain/injection/instrumentation/settings.ts';
import type { Defaults, World } from '../../domain/injection/match.ts';
import type { LimitRange } from '../../domain/injection/pod/limit-range.ts';
import { digest } from '../../domain/injection/stamp.ts';
import { objectAt, type JsonObject } from '../../domain/json.ts';

/** What is known beside the pods: the Instrumentations, and what namespaces say and allow. */
export interface Book {
  readonly putNamespace: (name: string, namespace: Namespace | undefined) => void;
  readonly putInstrumentation: (key: string, instrumentation: Instrumentation | undefined) => void;
  /** By namespace and name. */
  readonly putLimitRange: (key: string, limitRange: LimitRange | undefined) => void;
  readonly clear: () => void;
  readonly worldOf: (namespace: string) => World;
  /** Equal for two processes that would decide alike. */
  readonly fingerprint: () => string;
}

export interface Namespace {
  readonly annotations: JsonObject;
  readonly labels: JsonObject;
}

/** What a decision wants to know of a namespace. */
export const namespaceOf = (metadata: JsonObject): Namespace => ({
  annotations: objectAt(metadata, 'annotations') ?? {},
  labels: objectAt(metadata, 'labels') ?? {},
});

export function createBook(defaults: Defaults): Book {
  const namespaces = new Map<string, Namespace>();
  const byKey = new Map<string, Instrumentation>();
  const byNamespace = new Map<string, Map<string, Instrumentation>>();
  const limits = createLimits();
  const nothing = namespaceOf({});
  const { images, disabled } = defaults;
  let known: string | undefined;

  const forget = (key: string) => {
    const old = byKey.get(key);
    if (old === undefined) return;
    byKey.delete(key);
    byNamespace.get(old.namespace)?.delete(old.name);
  };
  return {
    putNamespace: (name, namespace) => {
      if (namespace === undefined) namespaces.delete(name);
      else namespaces.set(name, namespace);
    },
    putInstrumentation: (key, instrumentation) => {
      known = undefined;
      forget(key);
      if (instrumentation === undefined) return;
      const { namespace, name } = instrumentation;
      const there = byNamespace.get(namespace) ?? new Map<string, Instrumentation>();
      byNamespace.set(namespace, there.set(name, instrumentation));
      byKey.set(key, instrumentation);
    },
    putLimitRange: limits.put,
    clear: () => {
      known = undefined;
      namespaces.clear();
      limits.clear();
      byKey.clear();
      byNamespace.clear();
    },
    worldOf: (name) => ({
      namespace: { name, ...(namespaces.get(name) ?? nothing), limits: limits.of(name) },
      instrumentations: { in: (namespace) => byNamespace.get(namespace) },
      defaults,
    }),
    // Of the defaults these two alone: whoever hands in more must not differ by it.
    fingerprint: () =>
      (known ??= digest([images, disabled, [...byKey.values()].map(line).toSorted()])),
  };
}

/** By namespace, for they are written seldom and asked for with each pod. */
function createLimits() {
  const byNamespace = new Map<string, readonly LimitRange[]>();
  return {
    put: (key: string, limitRange: LimitRange | undefined) => {
      const [namespace = '', name = ''] = key.split('/');
      const others = (byNamespace.get(namespace) ?? []).filter((one) => one.name !== name);
      const now = limitRange === undefined ? others : [...others, limitRange];
      if (now.length === 0) byNamespace.delete(namespace);
      else byNamespace.set(namespace, now.toSorted(byName));
    },
    of: (namespace: string) => byNamespace.get(namespace),
    clear: () => byNamespace.clear(),
  };
}

const byName = (one: LimitRange, other: LimitRange) => (one.name < other.name ? -1 : 1);

const line = ({ namespace, name, digests }: Instrumentation) =>
  `${namespace}/${name} ${Object.values(digests).join(' ')}`;
