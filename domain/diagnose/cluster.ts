import type { Admission } from '../injection/admit.ts';
import type { Defaults, World } from '../injection/match.ts';
import { limitRangesByNamespace } from '../injection/pod/limit-range.ts';
import { indexInstrumentations, type IsHidden } from '../injection/selector.ts';
import { isObject, objectAt, textAt, type JsonObject } from '../json.ts';
import type { ObservedInstrumentation } from '../restart/records/instrumentation.ts';
import { metadataOf, ownerOf, type Seconds } from '../restart/records/metadata.ts';
import type { Namespace } from '../restart/records/namespace.ts';
import type { Judgement, Verdict } from '../restart/verdict.ts';
import { once } from './once.ts';

/** What is looked at, by the kinds of Kubernetes. */
export const kinds = [
  'Namespace',
  'Instrumentation',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'Pod',
  'LimitRange',
  'Event',
  'Service',
  'EndpointSlice',
  'NetworkPolicy',
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
  /** What becomes of its pods: of alike workloads it is told of one, whose pods differ from theirs in texts that decide nothing. */
  readonly admission: Admission;
  /** Its place among those that are restarted next. */
  readonly next: number | undefined;
}

/** Everything that is known of a cluster. */
export interface Evidence {
  readonly objects: Readonly<Record<Kind, readonly unknown[]>>;
  /** What is absent of another kind, or elsewhere, may be there all the same. */
  readonly sees: (kind: Kind, namespace?: string) => boolean;
  /** What the judgement was made of. */
  readonly namespaces: ReadonlyMap<string, Namespace>;
  /** By `namespace/name`. */
  readonly instrumentations: ReadonlyMap<string, ObservedInstrumentation>;
  /** Of Instrumentations that could not be read. */
  readonly isHidden: IsHidden;
  readonly judged: readonly Judged[];
  /** The workload of each revision, by their uids. */
  readonly owners: ReadonlyMap<string, string>;
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

/** One workload, and what belongs to it. */
export interface Subject extends Judged {
  readonly key: string;
  readonly annotations: JsonObject;
  readonly template: JsonObject;
  readonly world: World;
  readonly pods: readonly JsonObject[];
}

export type Injected = Extract<Admission, { readonly kind: 'injected' }>;

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
  const objects = new Map(kinds.map((kind) => [kind, evidence.objects[kind].filter(isObject)]));
  const all = (kind: Kind) => objects.get(kind) ?? [];
  const { namespaces } = evidence;
  const known = all('Instrumentation').flatMap((json) => {
    const read = evidence.instrumentations.get(placeOf(json));
    return read === undefined ? [] : [{ read, json }];
  });
  const settings = known.map(({ read }) => read.settings);
  const index = indexInstrumentations(settings, evidence.isHidden);
  const limitRanges = limitRangesByNamespace(all('LimitRange'));
  const worldOf = (name: string): World => {
    const { annotations = {}, labels = {} } = namespaces.get(name) ?? {};
    const { defaults } = evidence;
    const namespace = { name, annotations, labels, limits: limitRanges.get(name) };
    return { namespace, instrumentations: index, defaults };
  };
  const podsOf = podsByWorkload(all('Pod'), evidence.owners);
  return {
    evidence,
    subjects: evidence.judged.map((judged) => subjectOf(judged, { worldOf, podsOf })),
    namespaces,
    instrumentations: new Map(
      known.map((one) => [`${one.read.namespace}/${one.read.name}`, one] as const),
    ),
    find: finder(all),
    all,
  };
}

interface Surroundings {
  readonly worldOf: (namespace: string) => World;
  readonly podsOf: (uid: string) => readonly JsonObject[];
}

function subjectOf(judged: Judged, { worldOf, podsOf }: Surroundings): Subject {
  const { judgement, verdict, admission, next } = judged;
  const { key, workload } = judgement;
  const { namespace, uid, template, annotations } = workload;
  const [world, pods] = [worldOf(namespace), podsOf(uid)];
  return { judgement, verdict, next, key, annotations, template, admission, world, pods };
}

type All = (kind: Kind) => readonly JsonObject[];

/** A pod belongs to a workload, or to a revision of it. */
function podsByWorkload(
  pods: readonly JsonObject[],
  owners: Evidence['owners'],
): (uid: string) => readonly JsonObject[] {
  const byWorkload = Map.groupBy(pods, (pod) => {
    const uid = ownerOf(objectAt(pod, 'metadata') ?? {})?.uid ?? '';
    return owners.get(uid) ?? uid;
  });
  return (uid) => (uid === '' ? [] : (byWorkload.get(uid) ?? []));
}

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

export const namespaceOf = (json: JsonObject): string => placeOf(json).split('/')[0] ?? '';

/** There are far more objects than in one namespace, and it may be asked about again and again. */
export const allIn = ({ all }: Cluster, kind: Kind, namespace: string): readonly JsonObject[] =>
  byNamespace(all(kind)).get(namespace) ?? [];

const byNamespace = once((objects: readonly JsonObject[]) => Map.groupBy(objects, namespaceOf));

export const specOf = (json: JsonObject): JsonObject => objectAt(json, 'spec') ?? {};

export const statusOf = (json: JsonObject): JsonObject => objectAt(json, 'status') ?? {};

export const labelsIn = (json: JsonObject): JsonObject =>
  objectAt(objectAt(json, 'metadata') ?? {}, 'labels') ?? {};

export const annotationsIn = (json: JsonObject): JsonObject =>
  objectAt(objectAt(json, 'metadata') ?? {}, 'annotations') ?? {};
