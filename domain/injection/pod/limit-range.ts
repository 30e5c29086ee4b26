import { isObject, listAt, objectAt, textAt, type JsonObject } from '../../json.ts';
import { quantity } from '../instrumentation/quantity.ts';

/** What a LimitRange says of pods and their containers; what it says of claims is left out. */
export interface LimitRange {
  readonly name: string;
  readonly bounds: readonly Bound[];
  /** What a container is given that says nothing itself. */
  readonly defaults: Resources;
}

export interface Bound {
  readonly of: 'Container' | 'Pod';
  readonly kind: (typeof kinds)[number];
  readonly resource: string;
  readonly amount: number;
  /** The amount as written. */
  readonly text: string;
}

/** By the resource, in thousandths: so an API server compares them. */
export type Amounts = ReadonlyMap<string, number>;

export interface Resources {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

const kinds = ['min', 'max', 'maxLimitRequestRatio'] as const;

export function readLimitRange(json: unknown): LimitRange | undefined {
  const object = isObject(json) ? json : {};
  const name = textAt(objectAt(object, 'metadata') ?? {}, 'name');
  if (name === undefined) return undefined;
  const items = (listAt(objectAt(object, 'spec') ?? {}, 'limits') ?? []).filter(isObject);
  return { name, bounds: items.flatMap(boundsIn), defaults: defaultsIn(items) };
}

/** In an order that does not depend on who has listed them. */
export function limitRangesByNamespace(
  objects: readonly JsonObject[],
): ReadonlyMap<string, readonly LimitRange[]> {
  return new Map(
    [...Map.groupBy(objects, placeOf)].map(([namespace, there]) => [
      namespace,
      there
        .flatMap((json) => readLimitRange(json) ?? [])
        .toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    ]),
  );
}

const placeOf = (json: JsonObject) => textAt(objectAt(json, 'metadata') ?? {}, 'namespace') ?? '';

function boundsIn(item: JsonObject): readonly Bound[] {
  const of = textAt(item, 'type');
  if (of !== 'Container' && of !== 'Pod') return [];
  return kinds.flatMap((kind) => {
    const written = objectAt(item, kind) ?? {};
    return [...amountsIn(written)].map(([resource, amount]) => {
      const text = JSON.stringify(written[resource]).replaceAll('"', '');
      return { of, kind, resource, amount, text };
    });
  });
}

/** As an API server fills them in: a manifest that has not passed one does not say all of them. */
function defaultsIn(items: readonly JsonObject[]): Resources {
  const ofContainers = items.filter((item) => textAt(item, 'type') === 'Container');
  const parts = ofContainers.map((item): Resources => {
    const amounts = (field: string) => amountsIn(objectAt(item, field));
    const limits = filled(amounts('default'), amounts('max'));
    const requests = filled(filled(amounts('defaultRequest'), limits), amounts('min'));
    return { requests, limits };
  });
  return {
    requests: new Map(parts.flatMap(({ requests }) => [...requests])),
    limits: new Map(parts.flatMap(({ limits }) => [...limits])),
  };
}

export function amountsIn(written: JsonObject | undefined): Amounts {
  const entries = Object.entries(written ?? {}).flatMap(([name, value]) => {
    const amount = quantity(value);
    // Rounded up, but not for the last digit of a fraction that binary numbers cannot hold.
    return amount === undefined ? [] : [[name, Math.ceil(amount * 1_000 - 1e-6)] as const];
  });
  return new Map(entries);
}

/** What is there stays; what is not comes from the others. */
export const filled = (there: Amounts, others: Amounts): Amounts => new Map([...others, ...there]);
