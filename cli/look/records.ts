import { labels as labelKeys, marks } from '../../crds/names.ts';
import type { IsHidden } from '../../domain/injection/selector.ts';
import { isObject, objectAt, textAt, type JsonObject } from '../../domain/json.ts';
import { readDisruptionBudget } from '../../domain/restart/records/disruption.ts';
import type { DisruptionBudget } from '../../domain/restart/records/disruption.ts';
import { readObservedInstrumentation } from '../../domain/restart/records/instrumentation.ts';
import type { ObservedInstrumentation } from '../../domain/restart/records/instrumentation.ts';
import {
  annotationsOf,
  metadataOf,
  ownerOf,
  type Identity,
  type Seconds,
  type WorkloadKind,
} from '../../domain/restart/records/metadata.ts';
import { readNamespace, type Namespace } from '../../domain/restart/records/namespace.ts';
import { podReader, type ObservedPod } from '../../domain/restart/records/pod.ts';
import {
  numberIn,
  readControllerRevision,
  readReplicaSet,
  type Revision,
} from '../../domain/restart/records/revision.ts';
import {
  markerIn,
  type ReadMark,
  type TemplateMark,
} from '../../domain/restart/records/template.ts';
import { readWorkload, type Workload } from '../../domain/restart/records/workload.ts';
import { familiesIn, isBroughtTo, isToldByPods, setOf } from './live/families.ts';
import { looked, type Looked, type Objects } from './objects.ts';

/**
 * What a judgement needs of the objects of a cluster, taken as they come in, so that a large list
 * need not be held whole. Revisions come after the workloads whose templates they repeat.
 */
export class Records {
  readonly namespaces = new Map<string, Namespace>();
  /** By `namespace/name`. */
  readonly instrumentations = new Map<string, ObservedInstrumentation>();
  /** What may be there and could not be read: `namespace/name`, or `namespace/*` for all of one. */
  readonly hidden = new Set<string>();
  /** What else could not: `Namespace/name`, `LimitRanges/namespace`, or `LimitRanges` of all. */
  readonly unread = new Set<string>();
  readonly limitRanges: JsonObject[] = [];
  /** Revisions whose templates have not come, so that nobody knows whether we made them. */
  readonly untold = new Set<Revision>();
  readonly workloads = new Map<string, Workload>();
  readonly #revisions = new Map<string, Revision[]>();
  readonly #pods = new Map<string, ObservedPod[]>();
  readonly #disruptionBudgets = new Map<string, DisruptionBudget[]>();
  readonly #readPod = podReader();

  take(kind: Looked, objects: readonly unknown[]): void {
    const take = this.#takers[kind];
    for (const json of objects) if (isObject(json)) take(json);
  }

  readonly isHidden: IsHidden = (namespace, name) =>
    this.hidden.has(`${namespace}/*`) ||
    (name !== undefined && this.hidden.has(`${namespace}/${name}`));

  revisionsOf({ uid }: Workload): readonly Revision[] {
    return this.#revisions.get(uid) ?? [];
  }

  /** Those that are its own, and those of its revisions. */
  podsOf(workload: Workload): readonly ObservedPod[] {
    const owners = [workload, ...this.revisionsOf(workload)];
    return owners.flatMap(({ uid }) => this.#pods.get(uid) ?? []);
  }

  /** What of these namespaces, or of all, came in part at most, so that it can be read whole. */
  forgetParts(namespaces: ReadonlySet<string> | undefined): void {
    keepOnly(this.#pods, isOutside(namespaces));
    this.forgetReplicaSets(namespaces);
  }

  forgetReplicaSets(namespaces: ReadonlySet<string> | undefined): void {
    const isKept = isOutside(namespaces);
    keepOnly(this.#revisions, (one) => one.kind !== 'ReplicaSet' || isKept(one));
  }

  /** The workload of each revision, by their uids. */
  owners(): ReadonlyMap<string, string> {
    const all = [...this.#revisions];
    return new Map(all.flatMap(([owner, ofIt]) => ofIt.map(({ uid }) => [uid, owner] as const)));
  }

  /**
   * Takes ReplicaSets for what their pods tell of them, which spares reading them. Says in which
   * namespaces that is not enough.
   */
  inferReplicaSets(since: Seconds): ReadonlySet<string> {
    const families = familiesIn(this.workloads.values(), this.#pods.values());
    const places = new Set<string>();
    for (const [deployment, sets] of families) {
      if (!isToldByPods(deployment, sets, since)) places.add(deployment.namespace);
      else for (const pods of sets) add(this.#revisions, deployment.uid, setOf(deployment, pods));
    }
    return places;
  }

  disruptionBudgetsIn(namespace: string): readonly DisruptionBudget[] {
    return this.#disruptionBudgets.get(namespace) ?? [];
  }

  readonly #takers: Readonly<Record<Looked, (json: JsonObject) => void>> = {
    namespaces: (json) => {
      const read = readNamespace(json);
      if (read !== undefined) this.namespaces.set(read.name, read);
    },
    limitRanges: (json) => {
      this.limitRanges.push(json);
    },
    instrumentations: (json) => {
      const read = readObservedInstrumentation(json);
      if (read !== undefined) this.instrumentations.set(`${read.namespace}/${read.name}`, read);
    },
    deployments: (json) => this.#takeWorkload('Deployment', json),
    statefulSets: (json) => this.#takeWorkload('StatefulSet', json),
    daemonSets: (json) => this.#takeWorkload('DaemonSet', json),
    replicaSets: (json) => this.#takeRevision(readReplicaSet, json),
    controllerRevisions: (json) => this.#takeRevision(readControllerRevision, json),
    pods: (json) => {
      const read = this.#readPod(json);
      if (read !== undefined) add(this.#pods, read.owner?.uid ?? '', read);
    },
    disruptionBudgets: (json) => {
      const read = readDisruptionBudget(json);
      if (read !== undefined) add(this.#disruptionBudgets, read.namespace, read);
    },
  };

  #takeWorkload(kind: WorkloadKind, json: JsonObject): void {
    const key = keyOf(kind, metadataOf(json) ?? {});
    const read = readWorkload(kind, json, (template) => marked(template, `of ${key}`));
    if (read !== undefined) this.workloads.set(key, read);
  }

  #takeRevision(
    read: (json: unknown, mark: ReadMark) => Revision | undefined,
    json: JsonObject,
  ): void {
    const metadata = metadataOf(json) ?? {};
    const owner = ownerOf(metadata)?.uid ?? '';
    const workload = this.workloads.get(owner);
    const isPart = isPartial(json);
    const revision = read(json, (template) => {
      if (workload === undefined) return marked(template, ofAnother);
      const isLike = isPart
        ? isBroughtTo(workload, numberIn(annotationsOf(metadata)))
        : isAlikeTemplate(template, workload.template);
      if (isPart && isLike) return { marker: workload.marker, digest: workload.digest };
      return marked(template, isLike ? workload.digest : ofAnother);
    });
    if (revision === undefined) return;
    add(this.#revisions, owner, revision);
    if (isPart && revision.digest === ofAnother) this.untold.add(revision);
  }
}

/** What is written in files has no uid. */
const keyOf = (kind: WorkloadKind, metadata: JsonObject): string =>
  textAt(metadata, 'uid') ??
  `${kind}/${textAt(metadata, 'namespace') ?? ''}/${textAt(metadata, 'name') ?? ''}`;

/** Sorts what was read at once. */
export function recordsOf(objects: Objects): Records {
  const records = new Records();
  for (const kind of looked) records.take(kind, objects[kind]);
  return records;
}

/**
 * Templates are told apart by digests. A revision is only ever compared with its workload, and to see
 * whether it repeats its template costs far less than two digests: a word takes their place.
 */
const marked = (template: JsonObject, digest: string): TemplateMark => ({
  marker: markerIn(template),
  digest,
});

/** Of every revision with a template that its workload does not have now. */
const ofAnother = 'of another template';

/** Only its metadata has come. */
const isPartial = (json: JsonObject) => json['spec'] === undefined && json['data'] === undefined;

const inMetadata = (template: JsonObject, key: 'annotations' | 'labels'): JsonObject =>
  objectAt(objectAt(template, 'metadata') ?? {}, key) ?? {};

function isAlikeTemplate(one: JsonObject, other: JsonObject): boolean {
  const isAlikeBut = (key: 'annotations' | 'labels', spared: string) =>
    hasSameMembers(inMetadata(one, key), inMetadata(other, key), spared);
  return (
    isAlikeBut('annotations', marks.restart) &&
    isAlikeBut('labels', labelKeys.podTemplateHash) &&
    isAlike(objectAt(one, 'spec') ?? {}, objectAt(other, 'spec') ?? {})
  );
}

/**
 * The same content, in whatever order its members come. Written as loops: this runs a million times
 * in a program that is over before anything has become fast.
 */
function isAlike(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one)) return Array.isArray(other) && hasSameItems(one, other);
  return isObject(one) && isObject(other) && hasSameMembers(one, other);
}

function hasSameItems(one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index += 1)
    if (!isAlike(one[index], other[index])) return false;
  return true;
}

function hasSameMembers(one: JsonObject, other: JsonObject, spared?: string): boolean {
  let unmet = 0;
  for (const key in other) if (key !== spared) unmet += 1;
  for (const key in one) {
    if (key === spared) continue;
    if (!isAlike(one[key], other[key])) return false;
    unmet -= 1;
  }
  return unmet === 0;
}

const isOutside =
  (namespaces: ReadonlySet<string> | undefined) =>
  ({ namespace }: Identity) =>
    namespaces?.has(namespace) === false;

function keepOnly<R>(map: Map<string, R[]>, isKept: (record: R) => boolean): void {
  for (const [key, records] of map) {
    const kept = records.filter(isKept);
    if (kept.length < records.length) map.set(key, kept);
  }
}

function add<R>(map: Map<string, R[]>, key: string, record: R): void {
  const there = map.get(key);
  if (there === undefined) map.set(key, [record]);
  else there.push(record);
}
