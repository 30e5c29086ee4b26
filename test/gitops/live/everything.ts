import { isObject, objectAt, type JsonObject } from '../../../domain/json.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { call, list, type Item } from '../../journeys/support/ground.ts';

/** An object of the cluster, whatever it is. */
export interface Thing {
  /** Such as `deployments`. */
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly version: string;
  readonly object: JsonObject;
}

interface Groups {
  readonly groups: readonly {
    readonly preferredVersion: { readonly groupVersion: string };
  }[];
}

interface Resources {
  readonly resources: readonly { readonly name: string; readonly verbs: readonly string[] }[];
}

/** They come and go by themselves, and tell of what was. */
const passing = new Set(['events', 'componentstatuses']);

/** Whatever the API server lists, by a name such as `secrets otel-retrofit/otel-retrofit-certificates`. */
export async function everything(cluster: Cluster): Promise<ReadonlyMap<string, Thing>> {
  const { groups } = await call<Groups>(cluster, 'GET', '/apis');
  const paths = groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`);
  const found = await Promise.all(['/api/v1', ...paths].map((path) => thingsIn(cluster, path)));
  return new Map(found.flat().map((thing) => [nameOf(thing), thing]));
}

async function thingsIn(cluster: Cluster, path: string): Promise<readonly Thing[]> {
  const { resources } = await call<Resources>(cluster, 'GET', path);
  const listed = resources.filter(
    ({ name, verbs }) => verbs.includes('list') && !passing.has(name),
  );
  const found = await Promise.all(
    listed.map(async ({ name: resource }) =>
      (await list<Item>(cluster, `${path}/${resource}`)).map((item) => thingOf(resource, item)),
    ),
  );
  return found.flat();
}

const thingOf = (resource: string, item: Item): Thing => ({
  resource,
  namespace: item.metadata.namespace,
  name: item.metadata.name,
  version: item.metadata.resourceVersion,
  object: item as unknown as JsonObject,
});

const nameOf = ({ resource, namespace, name }: Thing): string =>
  `${resource} ${namespace === undefined ? name : `${namespace}/${name}`}`;

/** Where an object speaks of us, such as `metadata.annotations.otel-retrofit.dev/injected`. */
export function tracesIn({ object }: Thing): readonly string[] {
  const { managedFields: _, ...metadata } = objectAt(object, 'metadata') ?? {};
  return tracesBelow({ ...object, metadata }, []);
}

const ours = /retrofit/;

function tracesBelow(value: unknown, path: readonly string[]): readonly string[] {
  const here = path.join('.');
  if (typeof value === 'string') return ours.test(value) ? [here] : [];
  if (Array.isArray(value)) return value.flatMap((one) => tracesBelow(one, path));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const below = [...path, key];
    return ours.test(key) ? [below.join('.')] : tracesBelow(inner, below);
  });
}
