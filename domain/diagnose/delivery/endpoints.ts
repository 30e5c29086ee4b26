import { objectAt, textAt, member, listAt, isObject, type JsonObject } from '../../json.ts';
import type { Admission } from '../../injection/admit.ts';
import { parseEndpoint } from '../../validate/endpoint.ts';
import { specOf, type Cluster, type Injected, type Subject } from '../cluster.ts';
import { finding, type Finding } from '../finding.ts';
import { once } from '../once.ts';
import { hasReadyPod } from './service.ts';
import { collectorFindings } from './collector.ts';
import { passageFindings } from './passage.ts';
import { hasCollector, variablesOf } from '../workload/effective.ts';
import { containerIn } from '../workload/language.ts';
import { nearest } from '../workload/nearest.ts';

/** Whether what is sent can arrive: each endpoint once, with all who send to it. */
export function deliveryFindings(cluster: Cluster): readonly Finding[] {
  const routes = Map.groupBy(cluster.subjects.flatMap(routesOf), ({ endpoint, namespace }) =>
    JSON.stringify([endpoint, namespace]),
  );
  return [...routes.values()].flatMap((alike) => along(alike, cluster));
}

/** The namespaces whose pods themselves tell whether somebody hears what such a pod sends. */
export function listenersOf(
  admission: Admission,
  namespace: string,
  namespaces: Cluster['namespaces'],
): readonly string[] {
  if (admission.kind !== 'injected') return [];
  const isUnsaid = admission.notes.some(({ reason }) => reason === 'EndpointMissing');
  const heard = endpointsIn(admission).flatMap((endpoint) => {
    const url = parseEndpoint(endpoint);
    if (url === undefined) return [];
    return isLocal(url) ? [namespace] : (serviceIn(url, namespace, { namespaces })?.place ?? []);
  });
  return isUnsaid ? [...heard, namespace] : heard;
}

const isLocal = ({ hostname }: URL) => /^(?:localhost|127\.[\d.]+|\[::1\])$/.test(hostname);

interface Route {
  readonly endpoint: string;
  /** Of the pods that send. */
  readonly namespace: string;
  readonly subject: Subject;
}

const variable = 'OTEL_EXPORTER_OTLP_ENDPOINT';

function routesOf(subject: Subject): readonly Route[] {
  const { admission, world } = subject;
  if (admission.kind !== 'injected') return [];
  const namespace = world.namespace.name;
  return endpointsIn(admission).map((endpoint) => ({ endpoint, namespace, subject }));
}

const endpointsIn = once(({ given, pod }: Injected): readonly string[] => {
  const names = new Set(given.flatMap(({ containers }) => containers));
  return [...names].flatMap((name) => {
    const endpoint = variablesOf(containerIn(specOf(pod), name) ?? {}).get(variable);
    return endpoint === undefined || endpoint === '' ? [] : [endpoint];
  });
});

/** Those who send to the same place from the same namespace. */
function along(alike: readonly Route[], cluster: Cluster): readonly Finding[] {
  const { endpoint = '', namespace = '' } = alike[0] ?? {};
  if (endpoint.includes('$(')) return [];
  const senders = [...new Set(alike.map(({ subject }) => subject))];
  const workloads = keysOf(senders);
  const about = `Namespace/${namespace}`;
  const url = parseEndpoint(endpoint);
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    return [finding('EndpointMalformed', about, { detail: endpoint, workloads })];
  }
  if (isLocal(url)) {
    const lonely = keysOf(senders.filter((subject) => !hasCollector(subject)));
    if (lonely.length === 0) return [];
    return [finding('EndpointLocal', about, { detail: endpoint, workloads: lonely })];
  }
  const target = serviceIn(url, namespace, cluster);
  return target === undefined ? [] : toService({ url, ...target, namespace, senders }, cluster);
}

const keysOf = (subjects: readonly Subject[]) => subjects.map(({ key }) => key);

/** The Service that a host stands for; hosts of the outside world are nobody's Service. */
function serviceIn(
  { hostname }: URL,
  namespace: string,
  { namespaces }: Pick<Cluster, 'namespaces'>,
) {
  const [name = '', place, ...rest] = hostname.split('.');
  if (place === undefined) return { name, place: namespace };
  if (rest[0] === 'svc') return { name, place };
  return rest.length === 0 && namespaces.has(place) ? { name, place } : undefined;
}

interface Target {
  readonly url: URL;
  readonly name: string;
  readonly place: string;
  /** Of the pods that send. */
  readonly namespace: string;
  readonly senders: readonly Subject[];
}

function toService(target: Target, cluster: Cluster): readonly Finding[] {
  const { url, name, place, senders } = target;
  const { sees } = cluster.evidence;
  if (!sees('Service', place)) return [];
  const about = `Service/${place}/${name}`;
  const workloads = keysOf(senders);
  const circumstances = {
    workloads,
    detail: url.origin,
    words: { service: name, namespace: place },
  };
  const service = cluster.find('Service', place, name);
  if (service === undefined) return [missing(target, cluster)];
  if (textAt(specOf(service), 'type') === 'ExternalName') return [];
  const wanted = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  const ports = (listAt(specOf(service), 'ports') ?? []).filter(isObject);
  const port = ports.find((one) => member(one, 'port') === wanted);
  if (port === undefined) {
    const has = ports.map((one) => JSON.stringify(member(one, 'port') ?? null)).join(', ');
    const detail = `port ${wanted}; it has ${has === '' ? 'none' : has}`;
    return [finding('EndpointPortMissing', about, { ...circumstances, detail })];
  }
  if (hasReadyPod(cluster, service) === false) {
    return [finding('EndpointWithoutPods', about, circumstances)];
  }
  return [
    ...collectorFindings(cluster, { service, about, port: targetOf(port, wanted), workloads }),
    ...passageFindings(cluster, { service, entry: port, origin: url.origin, senders }),
  ];
}

/** A name of a port is not looked up: the Collector's own is the usual one. */
function targetOf(port: JsonObject, wanted: number): number {
  const target = member(port, 'targetPort');
  return typeof target === 'number' ? target : wanted;
}

function missing({ url, name, place, namespace, senders }: Target, cluster: Cluster): Finding {
  const workloads = keysOf(senders);
  const services = cluster.all('Service').map((json) => objectAt(json, 'metadata') ?? {});
  const elsewhere = services.find((one) => textAt(one, 'name') === name);
  const about = `Service/${place}/${name}`;
  if (elsewhere !== undefined) {
    const port = url.port === '' ? '' : `:${url.port}`;
    const whole = `${url.protocol}//${name}.${textAt(elsewhere, 'namespace') ?? ''}.svc${port}`;
    const check = place === namespace ? 'EndpointInOtherNamespace' : 'EndpointServiceMissing';
    return finding(check, about, { detail: url.origin, workloads, remedy: `Write ${whole}.` });
  }
  const there = services.filter((one) => textAt(one, 'namespace') === place);
  const near = nearest(
    name,
    there.flatMap((one) => textAt(one, 'name') ?? []),
  );
  return finding('EndpointServiceMissing', about, {
    detail: near === undefined ? url.origin : `${url.origin}; the nearest is ${near}`,
    workloads,
    words: { namespace: place },
  });
}
