import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { annotations as ours } from '../../../crds/names.ts';
import { isObject, objectAt, textAt, type JsonObject } from '../../../domain/json.ts';
import type { Fixture } from '../../support/fixtures.ts';
import type { Cluster } from '../cluster.ts';
import { annotationsOf, content, createPod } from './pods.ts';

export const instrumentationsPath = (namespace: string) =>
  `/apis/opentelemetry.io/v1alpha1/namespaces/${namespace}/instrumentations`;

/** Everything around a pod: what its namespace says and allows, and the Instrumentations there are. */
export interface Scene {
  readonly namespace: string;
  readonly annotations: JsonObject;
  readonly labels: JsonObject;
  readonly instrumentations: readonly JsonObject[];
  readonly limitRanges?: readonly JsonObject[];
}

/** One Instrumentation that all can use. */
export const shop: Scene = {
  namespace: 'shop',
  annotations: {},
  labels: {},
  instrumentations: [
    {
      apiVersion: 'opentelemetry.io/v1alpha1',
      kind: 'Instrumentation',
      metadata: { name: 'agents', namespace: 'shop' },
      spec: { exporter: { endpoint: 'http://otel.obs:4318' } },
    },
  ],
};

/** A pod for it that asks for Java. */
export const aCart = (asked = 'true'): JsonObject => ({
  metadata: { generateName: 'cart-', annotations: { [ours.inject('java')]: asked } },
  spec: { containers: [{ name: 'cart', image: 'shop.example/cart:3.4.1' }] },
});

export const sceneOf = ({ world, instrumentations, limitRanges }: Fixture): Scene => ({
  namespace: world.namespace.name,
  annotations: world.namespace.annotations,
  labels: world.namespace.labels ?? {},
  instrumentations,
  limitRanges,
});

/** Most fixtures share one scene, which then has to be set but once. */
export function scenesOf(fixtures: readonly Fixture[]): ReadonlyMap<Scene, readonly Fixture[]> {
  const scenes = fixtures.map((fixture) => [JSON.stringify(sceneOf(fixture)), fixture] as const);
  const together = Map.groupBy(scenes, ([scene]) => scene);
  return new Map(
    [...together].map(([scene, ones]) => [
      JSON.parse(scene) as Scene,
      ones.map(([, fixture]) => fixture),
    ]),
  );
}

/** Makes the cluster be so, and says which Instrumentations it would not store. */
export async function set(cluster: Cluster, scene: Scene): Promise<readonly string[]> {
  const { namespace, annotations, labels, instrumentations, limitRanges = [] } = scene;
  const places = new Set([namespace, ...instrumentations.map(placeOf)]);
  for (const place of places) {
    await makeNamespace(cluster, place);
    await clear(cluster, place);
  }
  await furnish(cluster, namespace, { annotations, labels });
  await limit(cluster, namespace, limitRanges);
  const refusals: string[] = [];
  for (const one of instrumentations) {
    const { code, body } = await cluster.adminClient.call(
      'POST',
      instrumentationsPath(placeOf(one)),
      one,
    );
    if (code !== 201) refusals.push(body.message ?? String(code));
  }
  return refusals;
}

const placeOf = (one: JsonObject) =>
  textAt(objectAt(one, 'metadata') ?? {}, 'namespace') ?? 'default';

async function makeNamespace(cluster: Cluster, name: string): Promise<void> {
  const { code } = await cluster.adminClient.call('GET', `/api/v1/namespaces/${name}`);
  if (code === 404) await cluster.createNamespace(name);
}

/** Where some have been set: to list them where nobody has takes an API server a tenth of a second. */
const limited = new WeakMap<Cluster, Set<string>>();

async function limit(
  cluster: Cluster,
  namespace: string,
  limitRanges: readonly JsonObject[],
): Promise<void> {
  const { adminClient } = cluster;
  const path = `/api/v1/namespaces/${namespace}/limitranges`;
  const places = limited.get(cluster) ?? new Set();
  limited.set(cluster, places);
  const calls = limitRanges.map((one) => () => adminClient.call('POST', path, one));
  if (places.delete(namespace)) calls.unshift(() => adminClient.call('DELETE', path));
  if (limitRanges.length > 0) places.add(namespace);
  for (const call of calls) {
    const { code, body } = await call();
    if (code !== 200 && code !== 201) throw new Error(JSON.stringify(body));
  }
}

async function clear({ adminClient }: Cluster, namespace: string): Promise<void> {
  const { code, body } = await adminClient.call('DELETE', instrumentationsPath(namespace));
  if (code !== 200) throw new Error(JSON.stringify(body));
}

type Words = Pick<Scene, 'annotations' | 'labels'>;

/** What was said before is unsaid; the name that every namespace bears as a label stays. */
async function furnish({ adminClient }: Cluster, name: string, words: Words): Promise<void> {
  const path = `/api/v1/namespaces/${name}`;
  const { body } = await adminClient.call<{ readonly metadata: Partial<Words> }>('GET', path);
  const metadata = {
    annotations: { ...unsaid(body.metadata.annotations), ...words.annotations },
    labels: { ...unsaid(body.metadata.labels), ...words.labels },
  };
  const type = 'application/merge-patch+json';
  const answer = await adminClient.call('PATCH', path, { metadata }, { type });
  if (answer.code !== 200) throw new Error(JSON.stringify(answer.body));
}

const unsaid = (given: JsonObject = {}): JsonObject =>
  Object.fromEntries(
    Object.keys(given)
      .filter((key) => key !== 'kubernetes.io/metadata.name')
      .map((key) => [key, null]),
  );

export type Shown =
  | { readonly kind: 'same' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'other'; readonly seen: JsonObject; readonly wanted: JsonObject };

/**
 * Whether the API server makes of a fixture's pod what the fixture says. That pod, injected already,
 * goes through it as well: so both have what an API server fills in, and nothing else may differ.
 */
export async function show(cluster: Cluster, fixture: Fixture): Promise<Shown> {
  const { namespace } = fixture.world;
  const seen = await createPod(cluster, namespace.name, fixture.pod);
  if (seen.code !== 201) return { kind: 'refused', message: seen.body.message };
  const expected = parse(readFileSync(join(fixture.folder, 'expected.yaml'), 'utf8')) as JsonObject;
  const pod = objectAt(expected, 'pod');
  if (pod === undefined) return compare(seen.body, fixture.pod, unmarked);
  const wanted = await createPod(cluster, namespace.name, pod, 'strict');
  if (wanted.code !== 201) return { kind: 'refused', message: wanted.body.message };
  return compare(seen.body, wanted.body, content);
}

/** Nothing was written: each injection and each refusal leaves a mark. */
const unmarked = (pod: JsonObject): JsonObject => ({ annotations: annotationsOf(pod) });

function compare(one: JsonObject, other: JsonObject, look: (pod: JsonObject) => JsonObject): Shown {
  const [seen, wanted] = [look(one), look(other)];
  return isDeepStrictEqual(seen, wanted) ? { kind: 'same' } : { kind: 'other', seen, wanted };
}

/** The first member in which two values differ, with both of its values. */
export function firstDifference(one: unknown, other: unknown, path = ''): string {
  const isPair = (isObject(one) && isObject(other)) || (Array.isArray(one) && Array.isArray(other));
  if (!isPair) return `${path}: ${JSON.stringify(one)} instead of ${JSON.stringify(other)}`;
  const [left, right] = [one, other] as unknown as Record<string, unknown>[];
  const keys = new Set([...Object.keys(left ?? {}), ...Object.keys(right ?? {})]);
  const key = [...keys].find((name) => !isDeepStrictEqual(left?.[name], right?.[name])) ?? '';
  return firstDifference(left?.[key], right?.[key], `${path}/${key}`);
}

/** Takes the rules out of the definition of Instrumentations, and returns how to put them back. */
export async function forgetRules({ adminClient }: Cluster): Promise<() => Promise<void>> {
  const path =
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/instrumentations.opentelemetry.io';
  const { body } = await adminClient.call<{ readonly spec: JsonObject }>('GET', path);
  const write = async (spec: unknown) => {
    const type = 'application/merge-patch+json';
    const answer = await adminClient.call('PATCH', path, { spec }, { type });
    if (answer.code !== 200) throw new Error(JSON.stringify(answer.body));
  };
  await write(
    JSON.parse(
      JSON.stringify(body.spec, (key, value: unknown) =>
        key === 'x-kubernetes-validations' ? undefined : value,
      ),
    ),
  );
  return () => write(body.spec);
}
