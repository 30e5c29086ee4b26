import { labels as labelKeys, marks } from '../../crds/names.ts';
import { isObject, objectAt, textAt, type JsonObject } from '../../domain/json.ts';
import { readDisruptionBudget } from '../../domain/restart/records/disruption.ts';
import type { DisruptionBudget } from '../../domain/restart/records/disruption.ts';
import { readObservedInstrumentation } from '../../domain/restart/records/instrumentation.ts';
import type { ObservedInstrumentation } from '../../domain/restart/records/instrumentation.ts';
import { metadataOf, ownerOf, type WorkloadKind } from '../../domain/restart/records/metadata.ts';
import { readNamespace, type Namespace } from '../../domain/restart/records/namespace.ts';
import { podReader, type ObservedPod } from '../../domain/restart/records/pod.ts';
import {
  readControllerRevision,
  readReplicaSet,
  type Revision,
} from '../../domain/restart/records/revision.ts';
import { readWorkload, type Workload } from '../../domain/restart/records/workload.ts';
import { looked, type Looked, type Objects } from './objects.ts';

/**
 * What a judgement needs of the objects of a cluster, taken as they come in, so that a large list
 * need not be held whole. Revisions come after the workloads whose templates they repeat.
 */
export class Records {
  readonly namespaces = new Map<string, Namespace>();
  /** By `namespace/name`. */
  readonly instrumentations = new Map<string, ObservedInstrumentation>();
  readonly limitRanges: JsonObject[] = [];
  readonly workloads = new Map<string, Workload>();
  readonly #revisions = new Map<string, Revision[]>();
  readonly #pods = new Map<string, ObservedPod[]>();
  readonly #disruptionBudgets = new Map<string, DisruptionBudget[]>();
  readonly #readPod = podReader();

  take(kind: Looked, objects: readonly unknown[]): void {
    const take = this.#takers[kind];
    for (const json of objects) if (isObject(json)) take(json);
  }

  revisionsOf({ uid }: Workload): readonly Revision[] {
    return this.#revisions.get(uid) ?? [];
  }

  /** Those that are its own, and those of its revisions. */
  podsOf(workload: Workload): readonly ObservedPod[] {
    const owners = [workload, ...this.revisionsOf(workload)];
    return owners.flatMap(({ uid }) => this.#pods.get(uid) ?? []);
  }

  /** Those of these namespaces, or all, so that they can be read in another way. */
  forgetPods(namespaces: ReadonlySet<string> | undefined): void {
    for (const [owner, pods] of this.#pods) {
      const kept = pods.filter(({ namespace }) => namespaces?.has(namespace) === false);
      if (kept.length < pods.length) this.#pods.set(owner, kept);
    }
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
    replicaSets: (json) => this.#takeRevision(readReplicaSet, json, inSpec),
    controllerRevisions: (json) =>
      this.#takeRevision(readControllerRevision, json, ['data', ...inSpec]),
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
    const template = at(json, inSpec) ?? {};
    const read = readWorkload(kind, put(json, inSpec, onlyMark(template)));
    if (read === undefined) return;
    const { uid, namespace, name } = read;
    const key = uid === '' ? `${kind}/${namespace}/${name}` : uid;
    this.workloads.set(key, { ...read, template, digest: `of ${key}` });
  }

  #takeRevision(
    read: (json: unknown) => Revision | undefined,
    json: JsonObject,
    path: readonly string[],
  ): void {
    const owner = ownerOf(metadataOf(json) ?? {})?.uid ?? '';
    const workload = this.workloads.get(owner);
    const template = at(json, path) ?? {};
    const isLike = workload !== undefined && isAlikeTemplate(template, workload.template);
    const revision = read(isLike ? put(json, path, onlyMark(template)) : json);
    if (revision === undefined) return;
    add(this.#revisions, owner, isLike ? { ...revision, digest: workload.digest } : revision);
  }
}

/** Sorts what was read at once. */
export function recordsOf(objects: Objects): Records {
  const records = new Records();
  for (const kind of looked) records.take(kind, objects[kind]);
  return records;
}

const inSpec = ['spec', 'template'];

const at = (json: JsonObject, path: readonly string[]): JsonObject | undefined =>
  path.reduce<JsonObject | undefined>((found, key) => found && objectAt(found, key), json);

function put(json: JsonObject, path: readonly string[], value: JsonObject): JsonObject {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  return { ...json, [key]: put(objectAt(json, key) ?? {}, rest, value) };
}

const inMetadata = (template: JsonObject, key: 'annotations' | 'labels'): JsonObject =>
  at(template, ['metadata', key]) ?? {};

/**
 * Templates are told apart by digests. Most revisions repeat the template of their workload word for
 * word, and to see that costs far less than both digests: such a family gets a word in their place.
 */
function isAlikeTemplate(one: JsonObject, other: JsonObject): boolean {
  const isAlikeBut = (key: 'annotations' | 'labels', spared: string) =>
    hasSameMembers(inMetadata(one, key), inMetadata(other, key), spared);
  return (
    isAlikeBut('annotations', marks.restart) &&
    isAlikeBut('labels', labelKeys.podTemplateHash) &&
    isAlike(objectAt(one, 'spec') ?? {}, objectAt(other, 'spec') ?? {})
  );
}

function onlyMark(template: JsonObject): JsonObject {
  const mark = textAt(inMetadata(template, 'annotations'), marks.restart);
  return mark === undefined ? {} : { metadata: { annotations: { [marks.restart]: mark } } };
}

/** The same content, in whatever order its members come. */
function isAlike(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((each, index) => isAlike(each, other[index]));
  }
  return isObject(one) && isObject(other) && hasSameMembers(one, other);
}

function hasSameMembers(one: JsonObject, other: JsonObject, spared?: string): boolean {
  const counted = (object: JsonObject) =>
    Object.keys(object).length - Number(spared !== undefined && Object.hasOwn(object, spared));
  return (
    counted(one) === counted(other) &&
    Object.keys(one).every((key) => key === spared || isAlike(one[key], other[key]))
  );
}

function add<R>(map: Map<string, R[]>, key: string, record: R): void {
  const there = map.get(key);
  if (there === undefined) map.set(key, [record]);
  else there.push(record);
}
