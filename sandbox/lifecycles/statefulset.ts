import { create, remove, writeStatus, type Change } from './changes.ts';
import { forget, revise, templateOf, type History } from './history.ts';
import { hasEnded, isAvailable, isLeaving, isReady, nextAvailable, podAfter } from './pods.ts';
import type { Pod, Workload, World } from './shapes.ts';

type Template = Pick<History, 'name' | 'template'>;

/** All that a step looks at. */
interface Scene {
  readonly set: Workload;
  readonly pods: readonly Pod[];
  readonly current: Template;
  readonly update: Template;
  readonly now: number;
}

/** Brings a StatefulSet's pods one step nearer to what it says, one by one. */
export function advanceStatefulSet(
  set: Workload,
  { pods, revisions }: World,
  now: number,
): readonly Change[] {
  const { changes, ...update } = revise('StatefulSet', set, revisions);
  const before = revisions.find(({ metadata }) => metadata.name === set.status?.currentRevision);
  const current = before ? { name: before.metadata.name, template: templateOf(before) } : update;
  const scene = { set, pods, current, update, now };
  const { steps, outdated } = isLeaving(set) ? { steps: [] } : stepsOf(scene);
  const needed = new Set([current.name, update.name, ...pods.map(revisionOf)]);
  return [
    ...changes,
    ...writeStatus('statefulsets', set, statusOf(scene, outdated)),
    ...steps,
    ...forget(set, revisions, ({ metadata }) => needed.has(metadata.name)),
    ...nextAvailable(pods, set, now),
  ];
}

const revisionOf = ({ metadata }: Pod) => metadata.labels?.['controller-revision-hash'];
const serves = (pod: Pod) => pod.status?.phase === 'Running' && isReady(pod);
const ordinalOf = ({ metadata }: Pod) => Number(/-(\d+)$/.exec(metadata.name)?.[1] ?? -1);

/** The update is over when its revision becomes the current one; a pod that is about to go counts no more. */
function statusOf({ set, pods, current, update, now }: Scene, outdated: Pod | undefined) {
  const { replicas, updateStrategy } = set.spec;
  const ready = pods.filter(serves);
  const staying = pods.filter((pod) => !isLeaving(pod) && pod !== outdated);
  const numberOf = (revision: string) =>
    staying.filter((pod) => revisionOf(pod) === revision).length;
  const counts = [numberOf(update.name), ready.length, pods.length];
  const isOver =
    updateStrategy.type === 'RollingUpdate' && counts.every((count) => count === replicas);
  const { name } = isOver ? update : current;
  return {
    observedGeneration: set.metadata.generation,
    replicas: pods.length,
    readyReplicas: ready.length,
    availableReplicas: ready.filter((pod) => isAvailable(pod, set, now)).length,
    currentReplicas: numberOf(name),
    updatedReplicas: numberOf(update.name),
    currentRevision: name,
    updateRevision: update.name,
  };
}

interface Steps {
  readonly steps: readonly Change[];
  /** The pod that makes room for its successor. */
  readonly outdated?: Pod;
}

function stepsOf(scene: Scene): Steps {
  const { set, pods, update, now } = scene;
  const { replicas, updateStrategy } = set.spec;
  const isSound = (pod?: Pod) =>
    pod !== undefined && serves(pod) && !isLeaving(pod) && isAvailable(pod, set, now);
  const places = Array.from({ length: replicas }, (_, ordinal) =>
    pods.find((pod) => ordinalOf(pod) === ordinal),
  );
  const gap = places.findIndex((pod) => !isSound(pod));
  if (gap !== -1) {
    const pod = places[gap];
    if (pod === undefined) return { steps: [create('pods', podFor(scene, gap))] };
    return { steps: hasEnded(pod) ? drop(pod) : [] };
  }
  const last = pods.toSorted((one, other) => ordinalOf(one) - ordinalOf(other)).at(-1);
  if (last !== undefined && ordinalOf(last) >= replicas) return { steps: drop(last) };
  if (updateStrategy.type === 'OnDelete') return { steps: [] };
  const outdated = places
    .slice(updateStrategy.rollingUpdate?.partition ?? 0)
    .findLast((pod) => pod !== undefined && revisionOf(pod) !== update.name);
  return outdated === undefined ? { steps: [] } : { steps: drop(outdated), outdated };
}

const drop = (pod: Pod): readonly Change[] => (isLeaving(pod) ? [] : [remove('pods', pod)]);

/** Below the partition, and where the update has not come to, a pod comes back as it was. */
function podFor({ set, current, update }: Scene, ordinal: number) {
  const { updateStrategy, serviceName } = set.spec;
  const { type, rollingUpdate } = updateStrategy;
  const before = rollingUpdate?.partition ?? set.status?.currentReplicas ?? 0;
  const { name: revision, template } =
    type === 'RollingUpdate' && ordinal < before ? current : update;
  const name = `${set.metadata.name}-${ordinal}`;
  const pod = podAfter(template, 'StatefulSet', set.metadata, {
    'controller-revision-hash': revision,
    'statefulset.kubernetes.io/pod-name': name,
    'apps.kubernetes.io/pod-index': String(ordinal),
  });
  const network = { hostname: name, ...(serviceName && { subdomain: serviceName }) };
  return { ...pod, metadata: { ...pod.metadata, name }, spec: { ...pod.spec, ...network } };
}
