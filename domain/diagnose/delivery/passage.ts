import { member, textAt, type JsonObject } from '../../json.ts';
import { labelsIn, namespaceOf, specOf, type Cluster, type Subject } from '../cluster.ts';
import { finding, type Finding } from '../finding.ts';
import { barriers, portNamed, type Direction, type End } from './policies.ts';
import { podsBehind } from './service.ts';

interface Way {
  readonly service: JsonObject;
  /** The entry of the Service that is sent to. */
  readonly entry: JsonObject;
  readonly origin: string;
  readonly senders: readonly Subject[];
}

/** Whether NetworkPolicies let what is sent pass to any of the pods behind a Service. */
export function passageFindings(cluster: Cluster, way: Way): readonly Finding[] {
  if (cluster.all('NetworkPolicy').length === 0) return [];
  const listeners = listenersOf(cluster, way);
  const [listener] = listeners;
  if (listener === undefined) return [];
  return (['Egress', 'Ingress'] as const).flatMap((direction) => {
    const barred = way.senders
      .filter(({ template }) => !isOnHost(specOf(template)))
      .map((sender) => {
        const from = end(cluster, sender.world.namespace.name, sender.template);
        const policiesTo = (to: Listener) => barriers(cluster, direction, { from, ...to });
        const isBarred = listeners.every((one) => policiesTo(one).length > 0);
        return { sender, policies: isBarred ? policiesTo(listener) : [] };
      });
    const alike = Map.groupBy(barred, ({ policies }) => policies.join(' '));
    return [...alike.values()].flatMap(([first, ...others]) =>
      first === undefined || first.policies.length === 0
        ? []
        : told(direction, [first, ...others], { ...way, listener }),
    );
  });
}

/** A pod in the network of its node has no labels there. */
const isOnHost = (spec: JsonObject) => member(spec, 'hostNetwork') === true;

interface Listener {
  readonly to: End;
  readonly pod: JsonObject;
  readonly port: number;
}

/** One of those that are alike; none where it cannot be told of each. */
function listenersOf(cluster: Cluster, way: Way): readonly Listener[] {
  const pods = podsBehind(cluster, way.service);
  const listeners = pods.flatMap((pod) => {
    const port = portOf(way, pod);
    if (port === undefined || isOnHost(specOf(pod))) return [];
    return { to: end(cluster, namespaceOf(pod), pod), pod, port };
  });
  if (listeners.length < pods.length) return [];
  const alike = new Map(listeners.map((one) => [JSON.stringify([one.to.labels, one.port]), one]));
  return [...alike.values()];
}

/** A Service without an address of its own translates no ports. */
function portOf({ service, entry }: Way, pod: JsonObject): number | undefined {
  const own = member(entry, 'port');
  const isHeadless = textAt(specOf(service), 'clusterIP') === 'None';
  const target = isHeadless ? own : (member(entry, 'targetPort') ?? own);
  if (typeof target === 'string') return portNamed(pod, target);
  return typeof target === 'number' ? target : undefined;
}

const end = ({ namespaces }: Cluster, namespace: string, pod: JsonObject): End => ({
  namespace,
  labels: labelsIn(pod),
  namespaceLabels: namespaces.get(namespace)?.labels,
});

interface Barred {
  readonly sender: Subject;
  readonly policies: readonly string[];
}

function told(
  direction: Direction,
  barred: readonly [Barred, ...(readonly Barred[])],
  { origin, listener }: Way & { readonly listener: Listener },
): Finding {
  const [{ sender, policies }] = barred;
  const [policy = ''] = policies;
  const [place = '', name = ''] = policy.split('/');
  const names = policies.map((one) => one.split('/')[1]).join(' and ');
  const other = direction === 'Egress' ? listener.to.namespace : sender.world.namespace.name;
  return finding(`${direction}Forbidden`, `NetworkPolicy/${policy}`, {
    detail: policies.length === 1 ? origin : `${origin}, by ${names}`,
    workloads: barred.map((one) => one.sender.key),
    words: { policy: name, place, namespace: other, port: String(listener.port) },
  });
}
