import { isObject, listAt, member, objectAt, textAt, type JsonObject } from '../../json.ts';
import { allIn, placeOf, specOf, type Cluster } from '../cluster.ts';
import { selectorMatches } from '../installation/selector.ts';

export type Direction = 'Egress' | 'Ingress';

/** One end of a connection; the labels of a namespace may not be known. */
export interface End {
  readonly namespace: string;
  readonly labels: JsonObject;
  readonly namespaceLabels: JsonObject | undefined;
}

export interface Passage {
  readonly from: End;
  readonly to: End;
  /** That listens, and where. */
  readonly pod: JsonObject;
  readonly port: number;
}

/**
 * The NetworkPolicies each of which could let this through and none does, as `namespace/name`. What
 * depends on addresses is taken for let through: whose they are is not looked at.
 */
export function barriers(
  cluster: Cluster,
  direction: Direction,
  passage: Passage,
): readonly string[] {
  const { own, other, rules, peers } = sides[direction](passage);
  const policies = allIn(cluster, 'NetworkPolicy', own.namespace).filter(
    (policy) =>
      selectorMatches(objectAt(specOf(policy), 'podSelector'), own.labels) &&
      isAbout(specOf(policy), direction),
  );
  const isOpen = policies.some((policy) =>
    (listAt(specOf(policy), rules) ?? [])
      .filter(isObject)
      .some((rule) => isPort(rule, passage) && isPeer(listAt(rule, peers), own.namespace, other)),
  );
  return isOpen ? [] : policies.map(placeOf).toSorted();
}

const sides = {
  Egress: ({ from, to }: Passage) =>
    ({ own: from, other: to, rules: 'egress', peers: 'to' }) as const,
  Ingress: ({ from, to }: Passage) =>
    ({ own: to, other: from, rules: 'ingress', peers: 'from' }) as const,
} as const;

/** One that does not say is about what comes in, and about what goes out if it has rules for that. */
function isAbout(spec: JsonObject, direction: Direction): boolean {
  const types = listAt(spec, 'policyTypes') ?? [];
  if (types.length > 0) return types.includes(direction);
  return direction === 'Ingress' || (listAt(spec, 'egress') ?? []).length > 0;
}

/** A rule that names no ports is about all of them. */
function isPort(rule: JsonObject, { pod, port }: Passage): boolean {
  const ports = (listAt(rule, 'ports') ?? []).filter(isObject);
  return ports.length === 0 || ports.some((one) => isAmong(one, pod, port));
}

function isAmong(range: JsonObject, pod: JsonObject, port: number): boolean {
  if ((textAt(range, 'protocol') ?? 'TCP') !== 'TCP') return false;
  const first = member(range, 'port');
  if (typeof first === 'string') return portNamed(pod, first) === port;
  if (typeof first !== 'number') return true;
  const last = member(range, 'endPort');
  return first <= port && port <= (typeof last === 'number' ? last : first);
}

/** One that names no peers is about everybody. */
function isPeer(
  peers: readonly unknown[] = [],
  place: string,
  { namespace, labels, namespaceLabels }: End,
): boolean {
  if (peers.length === 0) return true;
  return peers.filter(isObject).some((peer) => {
    if (objectAt(peer, 'ipBlock') !== undefined) return true;
    const places = objectAt(peer, 'namespaceSelector');
    const isPlace =
      places === undefined
        ? namespace === place
        : namespaceLabels === undefined || selectorMatches(places, namespaceLabels);
    return isPlace && selectorMatches(objectAt(peer, 'podSelector'), labels);
  });
}

/** A port of a pod by its name. */
export function portNamed(pod: JsonObject, name: string): number | undefined {
  const ports = (listAt(specOf(pod), 'containers') ?? [])
    .filter(isObject)
    .flatMap((container) => (listAt(container, 'ports') ?? []).filter(isObject));
  const port = member(ports.find((one) => textAt(one, 'name') === name) ?? {}, 'containerPort');
  return typeof port === 'number' ? port : undefined;
}
