import { isObject, listAt, member, objectAt, textAt, type JsonObject } from '../../json.ts';
import {
  allIn,
  labelsIn,
  namespaceOf,
  placeOf,
  specOf,
  statusOf,
  type Cluster,
} from '../cluster.ts';
import { selectorMatches } from '../installation/selector.ts';

/** The pods that a Service leads to, by its selector. */
export function podsBehind(cluster: Cluster, service: JsonObject): readonly JsonObject[] {
  const matchLabels = objectAt(specOf(service), 'selector');
  if (matchLabels === undefined) return [];
  return allIn(cluster, 'Pod', namespaceOf(service)).filter((pod) =>
    selectorMatches({ matchLabels }, labelsIn(pod)),
  );
}

/** Whether anybody answers behind a Service; undefined where the evidence does not tell. */
export function hasReadyPod(cluster: Cluster, service: JsonObject): boolean | undefined {
  const [namespace = '', name = ''] = placeOf(service).split('/');
  if (textAt(specOf(service), 'type') === 'ExternalName') return undefined;
  if (cluster.evidence.sees('EndpointSlice', namespace)) {
    return allIn(cluster, 'EndpointSlice', namespace)
      .filter((slice) => textAt(labelsIn(slice), 'kubernetes.io/service-name') === name)
      .some((slice) => (listAt(slice, 'endpoints') ?? []).filter(isObject).some(isServing));
  }
  const hasSelector = objectAt(specOf(service), 'selector') !== undefined;
  if (!hasSelector || !cluster.evidence.sees('Pod', namespace)) return undefined;
  return podsBehind(cluster, service).some(isReady);
}

/** Where nothing is said an endpoint counts as ready. */
const isServing = (endpoint: JsonObject) =>
  member(objectAt(endpoint, 'conditions') ?? {}, 'ready') !== false;

const isReady = (pod: JsonObject) =>
  (listAt(statusOf(pod), 'conditions') ?? [])
    .filter(isObject)
    .some((one) => textAt(one, 'type') === 'Ready' && textAt(one, 'status') === 'True');
