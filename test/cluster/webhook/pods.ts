import { marks } from '../../../crds/names.ts';
import { isObject, listAt, objectAt, textAt, type JsonObject } from '../../../domain/json.ts';
import type { Answer } from '../plane/client.ts';
import type { Cluster } from '../cluster.ts';

export interface Created extends JsonObject {
  readonly code: number;
  readonly message: string;
}

/** Creates a pod, for a try unless `real` is asked for; `strict` is a try that takes no unknown field. */
export function createPod(
  { adminClient }: Pick<Cluster, 'adminClient'>,
  namespace: string,
  pod: JsonObject,
  how: 'real' | 'try' | 'strict' = 'try',
): Promise<Answer<Created>> {
  const query = how === 'real' ? '' : '&dryRun=All';
  const validation = how === 'strict' ? 'Strict' : 'Ignore';
  const path = `/api/v1/namespaces/${namespace}/pods?fieldValidation=${validation}${query}`;
  const metadata = { ...objectAt(pod, 'metadata'), namespace };
  return adminClient.call<Created>('POST', path, {
    apiVersion: 'v1',
    kind: 'Pod',
    ...pod,
    metadata,
  });
}

export const annotationsOf = (pod: JsonObject): JsonObject =>
  objectAt(objectAt(pod, 'metadata') ?? {}, 'annotations') ?? {};

export const isInjected = (pod: JsonObject): boolean =>
  textAt(annotationsOf(pod), marks.injected) !== undefined;

export const containersOf = (pod: JsonObject): readonly JsonObject[] => {
  const spec = objectAt(pod, 'spec') ?? {};
  return [...(listAt(spec, 'initContainers') ?? []), ...(listAt(spec, 'containers') ?? [])].filter(
    isObject,
  );
};

export const namesIn = (owner: JsonObject, key: string): readonly string[] =>
  (listAt(owner, key) ?? []).filter(isObject).map((one) => textAt(one, 'name') ?? '');

/** The value of a variable of a container, as it is written. */
export function variable(pod: JsonObject, container: string, name: string): string | undefined {
  const found = containersOf(pod).find((one) => one['name'] === container) ?? {};
  const entry = (listAt(found, 'env') ?? []).filter(isObject).find((one) => one['name'] === name);
  return entry && textAt(entry, 'value');
}

const tokenVolume = /^kube-api-access-/;

/**
 * What a pod says, without what every API server adds to every pod under a name of its own choice:
 * the volume with its ServiceAccount's token.
 */
export function content(pod: JsonObject): JsonObject {
  const { annotations = {}, labels = {} } = objectAt(pod, 'metadata') ?? {};
  const spec = objectAt(pod, 'spec') ?? {};
  const container = (one: JsonObject) => without(one, 'volumeMounts');
  const lists = ['containers', 'initContainers'].map((key) => [
    key,
    (listAt(spec, key) ?? []).filter(isObject).map(container),
  ]);
  return {
    annotations,
    labels,
    spec: { ...without(spec, 'volumes'), ...(Object.fromEntries(lists) as JsonObject) },
  };
}

function without(owner: JsonObject, key: string): JsonObject {
  const left = (listAt(owner, key) ?? [])
    .filter(isObject)
    .filter((one) => !tokenVolume.test(textAt(one, 'name') ?? ''));
  return { ...owner, [key]: left };
}
