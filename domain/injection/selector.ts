import type { ReasonFor } from '../reasons.ts';
import type { Instrumentation } from './instrumentation/settings.ts';

/** The Instrumentations of a cluster, or of a folder of manifests. */
export interface Instrumentations {
  in(namespace: string): ReadonlyMap<string, Instrumentation> | undefined;
  /** Whether one may be there that could not be read; absent where everything was. */
  readonly isHidden?: IsHidden | undefined;
}

/** Of one Instrumentation, or of any in the namespace. */
export type IsHidden = (namespace: string, name?: string) => boolean;

export type Selection =
  | { readonly kind: 'selected'; readonly instrumentation: Instrumentation }
  | { readonly kind: 'none'; readonly reason: ReasonFor<'refused'>; readonly detail: string };

/** The Instrumentation that an annotation's value means, for a pod in `namespace`. */
export function select(value: string, namespace: string, all: Instrumentations): Selection {
  if (value.toLowerCase() === 'true') return theOnlyOne(namespace, all);
  const slash = value.indexOf('/');
  const place = slash === -1 ? namespace : value.slice(0, slash);
  const name = slash === -1 ? value : value.slice(slash + 1);
  const instrumentation = all.in(place)?.get(name);
  if (instrumentation !== undefined) return { kind: 'selected', instrumentation };
  const reason = all.isHidden?.(place, name)
    ? 'InstrumentationUnreadable'
    : 'InstrumentationNotFound';
  return { kind: 'none', reason, detail: `${place}/${name}` };
}

function theOnlyOne(namespace: string, all: Instrumentations): Selection {
  const detail = namespace;
  if (all.isHidden?.(namespace))
    return { kind: 'none', reason: 'InstrumentationUnreadable', detail };
  const [first, second] = [...(all.in(namespace)?.values() ?? [])];
  if (first === undefined) return { kind: 'none', reason: 'NoInstrumentation', detail };
  if (second === undefined) return { kind: 'selected', instrumentation: first };
  return { kind: 'none', reason: 'SeveralInstrumentationsSelect', detail };
}

/** An index over what was read; of two with one name the later stands. */
export function indexInstrumentations(
  list: Iterable<Instrumentation>,
  isHidden?: IsHidden,
): Instrumentations {
  const byNamespace = new Map<string, Map<string, Instrumentation>>();
  for (const one of list) {
    const there = byNamespace.get(one.namespace) ?? new Map<string, Instrumentation>();
    byNamespace.set(one.namespace, there.set(one.name, one));
  }
  return { in: (namespace) => byNamespace.get(namespace), isHidden };
}
