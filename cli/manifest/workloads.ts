import { isObject, member, objectAt, textAt, type JsonObject } from '../../domain/json.ts';
import type { Owner } from '../../domain/injection/sdk/owners.ts';
import { checkShape } from './check.ts';
import { problemAt } from './items.ts';
import type { Item, Path, Problem } from './model.ts';
import { objectShape, podShape } from './shapes.ts';

interface Kind {
  readonly groups: readonly string[];
  /** Where the pod stands in the object; nowhere means that the object is the pod. */
  readonly template: readonly string[];
  readonly owner?: Owner['kind'];
}

const template = ['spec', 'template'];

/** Every kind whose pods we know how to find. */
const kinds: Readonly<Record<string, Kind>> = {
  Pod: { groups: [''], template: [] },
  Deployment: { groups: ['apps', 'extensions'], template, owner: 'deployment' },
  StatefulSet: { groups: ['apps'], template, owner: 'statefulset' },
  DaemonSet: { groups: ['apps', 'extensions'], template, owner: 'daemonset' },
  ReplicaSet: { groups: ['apps', 'extensions'], template, owner: 'replicaset' },
  Job: { groups: ['batch'], template, owner: 'job' },
  CronJob: { groups: ['batch'], template: ['spec', 'jobTemplate', ...template], owner: 'cronjob' },
  Rollout: { groups: ['argoproj.io'], template, owner: 'rollout' },
};

/** An object that has pods, and the pod it describes. */
export interface Workload {
  readonly item: Item;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly owner: Owner | undefined;
  /** The way from the object to the pod. */
  readonly at: Path;
  readonly pod: JsonObject;
}

export type ReadWorkload =
  | { readonly kind: 'workload'; readonly workload: Workload }
  /** A Rollout that takes its pods from another object. */
  | { readonly kind: 'elsewhere'; readonly workload: Workload; readonly reference: string }
  | { readonly kind: 'unreadable'; readonly problems: readonly Problem[] }
  | { readonly kind: 'foreign' };

export function readWorkload(item: Item, namespace: string): ReadWorkload {
  const kind = Object.hasOwn(kinds, item.kind) ? kinds[item.kind] : undefined;
  const isForeign =
    item.apiVersion === '' ? !('spec' in item.json) : !kind?.groups.includes(groupOf(item));
  if (kind === undefined || isForeign) return { kind: 'foreign' };
  const problems = [...checkVersion(item), ...checkShape(item, objectShape), ...checkName(item)];
  const at = kind.template;
  const pod = podAt(item.json, at);
  const reference = pod === undefined ? referenceOf(item) : undefined;
  if (reference === undefined) problems.push(...checkPod(item, at));
  if (problems.length > 0) return { kind: 'unreadable', problems: distinct(problems) };
  const workload = described(item, kind, pod ?? {}, namespace);
  return reference === undefined
    ? { kind: 'workload', workload }
    : { kind: 'elsewhere', workload, reference };
}

/** The group of an API version, "" for the core. */
export const groupOf = ({ apiVersion }: Item) =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';

function podAt(json: JsonObject, at: readonly string[]): JsonObject | undefined {
  let value: JsonObject | undefined = json;
  for (const key of at) value = value === undefined ? undefined : objectAt(value, key);
  return value;
}

function referenceOf({ json }: Item): string | undefined {
  const reference = objectAt(objectAt(json, 'spec') ?? {}, 'workloadRef');
  if (reference === undefined) return undefined;
  return `${textAt(reference, 'kind') ?? 'object'}/${textAt(reference, 'name') ?? '?'}`;
}

function checkVersion(item: Item): readonly Problem[] {
  if (item.apiVersion !== '') return [];
  return [problemAt(item, ['apiVersion'], { sentence: 'expected an API version, found nothing' })];
}

export function checkName(item: Item): readonly Problem[] {
  const metadata = objectAt(item.json, 'metadata');
  if (metadata === undefined) return [];
  const isNamed = [member(metadata, 'name'), member(metadata, 'generateName')].some(Boolean);
  return isNamed
    ? []
    : [problemAt(item, ['metadata', 'name'], { sentence: 'expected a name, found nothing' })];
}

const patchRemedy =
  'If this is a patch, give inject what it results in: kustomize build . | retrofit inject -';

/** Names the first thing on the way to the pod that is missing; what is missing inside has its own places. */
function checkPod(item: Item, at: readonly string[]): readonly Problem[] {
  let value: JsonObject = item.json;
  for (const [index, key] of at.entries()) {
    const next = member(value, key);
    if (next === undefined || next === null) {
      const sentence = 'expected a pod template, found nothing';
      return [problemAt(item, at.slice(0, index + 1), { sentence, remedy: patchRemedy })];
    }
    if (!isObject(next)) return checkShape(item, { kind: 'object' }, at.slice(0, index + 1));
    value = next;
  }
  return checkShape(item, podShape, at);
}

/** A pod's metadata is looked at twice, as the object's and as the pod's. */
function distinct(problems: readonly Problem[]): readonly Problem[] {
  const byText = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...byText.values()];
}

function described(
  item: Item,
  { template: at, owner }: Kind,
  pod: JsonObject,
  other: string,
): Workload {
  const metadata = objectAt(item.json, 'metadata') ?? {};
  const name = textAt(metadata, 'name');
  const uid = textAt(metadata, 'uid');
  return {
    item,
    kind: item.kind,
    namespace: textAt(metadata, 'namespace') ?? other,
    name: name ?? `${textAt(metadata, 'generateName') ?? ''}*`,
    owner:
      owner === undefined || name === undefined
        ? undefined
        : { kind: owner, name, ...(uid === undefined ? {} : { uid }) },
    at,
    pod,
  };
}
