import { admit, type Admission } from '../injection/admit.ts';
import type { Defaults, World } from '../injection/match.ts';
import { limitRangesByNamespace } from '../injection/pod/limit-range.ts';
import { indexInstrumentations } from '../injection/selector.ts';
import type { Owner } from '../injection/sdk/owners.ts';
import { isObject, objectAt, textAt, type JsonObject } from '../json.ts';
import {
  readObservedInstrumentation,
  type ObservedInstrumentation,
} from '../restart/records/instrumentation.ts';
import { metadataOf, ownerOf, type Seconds } from '../restart/records/metadata.ts';
import { readNamespace, type Namespace } from '../restart/records/namespace.ts';
import type { Judgement, Verdict } from '../restart/verdict.ts';

/** What is looked at, by the kinds of Kubernetes. */
export const kinds = [
  'Namespace',
  'Instrumentation',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Pod',
  'LimitRange',
  'Service',
  'EndpointSlice',
  'ConfigMap',
  'Secret',
  'Lease',
  'MutatingWebhookConfiguration',
] as const;

export type Kind = (typeof kinds)[number];

/** The last word on a workload, the plan's where it puts one off. */
export interface Judged {
  readonly judgement: Judgement;
  readonly verdict: Verdict;
  /** Its place among those that are restarted next. */
  readonly next: number | undefined;
}

/** Everything that is known of a cluster. */
export interface Evidence {
  readonly objects: Readonly<Record<Kind, readonly unknown[]>>;
  /** What is absent of another kind, or elsewhere, may be there all the same. */
  readonly sees: (kind: Kind, namespace?: string) => boolean;
  readonly judged: readonly Judged[];
  readonly defaults: Defaults;
  readonly names: Names;
  /** Absent where nothing tells how old the evidence is. */
  readonly now: Seconds | undefined;
  readonly authority: Authority | undefined;
  /** Kinds that could not be read. */
  readonly denied: readonly string[];
  /** What our own ServiceAccounts may not do. */
  readonly lacking: readonly { readonly account: string; readonly right: string }[];
}

/** What the objects of the installation are called. */
export interface Names {
  readonly home: string;
  readonly webhookConfiguration: string;
  readonly lease: string;
}

/** What the certificates of the webhook say. */
export interface Authority {
  readonly expiresAt: Seconds;
  readonly validFrom: Seconds;
  /** Whether the authority in the configuration signed it. */
  readonly isTrusted: boolean;
}

/** One workload, and what a pod made of its template would get. */
export interface Subject extends Judged {
  readonly key: string;
  readonly annotations: JsonObject;
  readonly template: JsonObject;
  readonly admission: Admission;
  readonly world: World;
  readonly pods: readonly JsonObject[];
}

export interface Known {
  readonly read: ObservedInstrumentation;
  readonly json: JsonObject;
}

export interface Cluster {
  readonly evidence: Evidence;
  readonly subjects: readonly Subject[];
  readonly namespaces: ReadonlyMap<string, Namespace>;
  /** By `namespace/name`. */
  readonly instrumentations: ReadonlyMap<string, Known>;
  /** An object by its namespace and name. */
  readonly find: (kind: Kind, namespace: string, name: string) => JsonObject | undefined;
  readonly all: (kind: Kind) => readonly JsonObject[];
}

export function readCluster(evidence: Evidence): Cluster {
  const all = (kind: Kind) => evidence.objects[kind].filter(isObject);
  const namespaces = new Map(
    all('Namespace')
      .flatMap((json) => readNamespace(json) ?? [])
      .map((one) => [one.name, one]),
  );
  const known = all('Instrumentation').flatMap((json) => {
    const read = readObservedInstrumentation(json);
    return read === undefined ? [] : [{ read, json }];
  });
  const index = indexInstrumentations(known.map(({ read }) => read.settings));
  const limitRanges = limitRangesByNamespace(all('LimitRange'));
  const worldOf = (name: string): World => {
    const { annotations = {}, labels = {} } = namespaces.get(name) ?? {};
    const { defaults } = evidence;
    const namespace = { name, annotations, labels, limits: limitRanges.get(name) };
    return { namespace, instrumentations: index, defaults };
  };
  const podsOf = podsByWorkload(all);
  return {
    evidence,
    subjects: evidence.judged.map((judged) => subjectOf(judged, worldOf, podsOf)),
    namespaces,
    instrumentations: new Map(
      known.map((one) => [`${one.read.namespace}/${one.read.name}`, one] as const),
    ),
    find: finder(all),
    all,
  };
}

function subjectOf(
  judged: Judged,
  worldOf: (namespace: string) => World,
  podsOf: (uid: string) => readonly JsonObject[],
): Subject {
  const { key, workload, wanted } = judged.judgement;
  const { kind, name, namespace, uid, template, annotations } = workload;
  const world = worldOf(namespace);
  const owner: Owner = { kind: ownerKinds[kind], name, uid };
  const admission: Admission =
    wanted.kind === 'nothing'
      ? { kind: 'untouched', reason: wanted.reason }
      : admit(template, world, owner);
  return { ...judged, key, annotations, template, admission, world, pods: podsOf(uid) };
}

const ownerKinds = {
  Deployment: 'deployment',
  StatefulSet: 'statefulset',
  DaemonSet: 'daemonset',
} as const;

type All = (kind: Kind) => readonly JsonObject[];

/** A pod belongs to a workload, or to a revision of it. */
function podsByWorkload(all: All): (uid: string) => readonly JsonObject[] {
  const above = new Map(all('ReplicaSet').map((json) => [uidOf(json), ownerUid(json)] as const));
  const byWorkload = Map.groupBy(all('Pod'), (pod) => {
    const uid = ownerUid(pod) ?? '';
    return above.get(uid) ?? uid;
  });
  return (uid) => (uid === '' ? [] : (byWorkload.get(uid) ?? []));
}

const ownerUid = (json: JsonObject) => ownerOf(objectAt(json, 'metadata') ?? {})?.uid;

const uidOf = (json: JsonObject) => textAt(objectAt(json, 'metadata') ?? {}, 'uid') ?? '';

function finder(all: All): Cluster['find'] {
  const maps = new Map<Kind, ReadonlyMap<string, JsonObject>>();
  return (kind, namespace, name) => {
    const map = maps.get(kind) ?? new Map(all(kind).map((json) => [placeOf(json), json] as const));
    maps.set(kind, map);
    return map.get(`${namespace}/${name}`);
  };
}

/** As `namespace/name`; what lies in no namespace begins with the slash. */
export function placeOf(json: JsonObject): string {
  const metadata = metadataOf(json) ?? {};
  return `${textAt(metadata, 'namespace') ?? ''}/${textAt(metadata, 'name') ?? ''}`;
}

export const specOf = (json: JsonObject): JsonObject => objectAt(json, 'spec') ?? {};

export const statusOf = (json: JsonObject): JsonObject => objectAt(json, 'status') ?? {};

export const labelsIn = (json: JsonObject): JsonObject =>
  objectAt(objectAt(json, 'metadata') ?? {}, 'labels') ?? {};

export const annotationsIn = (json: JsonObject): JsonObject =>
  objectAt(objectAt(json, 'metadata') ?? {}, 'annotations') ?? {};
