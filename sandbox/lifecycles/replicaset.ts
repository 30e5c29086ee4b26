import { create, remove, writeStatus, type Change } from './changes.ts';
import {
  bornAt,
  hasEnded,
  isAvailable,
  isLeaving,
  isReady,
  nextAvailable,
  podAfter,
} from './pods.ts';
import type { Pod, Workload, World } from './shapes.ts';

/** Keeps as many pods as it is told to, and counts them so; a pod that has ended or is leaving is none. */
export function advanceReplicaSet(set: Workload, { pods }: World, now: number): readonly Change[] {
  const { metadata, spec } = set;
  const active = pods
    .filter((pod) => !hasEnded(pod) && !isLeaving(pod))
    .toSorted((one, other) => worth(one) - worth(other) || bornAt(other) - bornAt(one));
  const wanted = isLeaving(set) ? active.length : spec.replicas;
  const surplus = active.slice(0, Math.max(0, active.length - wanted));
  const staying = active.slice(surplus.length);
  const stopping = pods.filter((pod) => isLeaving(pod) && !hasEnded(pod));
  const body = podAfter(spec.template, 'ReplicaSet', metadata);
  return [
    ...surplus.map((pod) => remove('pods', pod)),
    ...Array.from({ length: wanted - staying.length }, () => create('pods', body)),
    ...writeStatus('replicasets', set, {
      observedGeneration: metadata.generation,
      replicas: wanted,
      readyReplicas: staying.filter(isReady).length,
      availableReplicas: staying.filter((pod) => isAvailable(pod, set, now)).length,
      terminatingReplicas: stopping.length + surplus.filter(isBound).length,
    }),
    ...nextAvailable(staying, set, now),
  ];
}

const isBound = ({ spec }: Pod) => spec.nodeName !== undefined;

/** A pod that serves is worth most, one without a node nothing; of equals the youngest goes. */
const worth = (pod: Pod) =>
  (isBound(pod) ? 4 : 0) + (pod.status?.phase === 'Running' ? 2 : 0) + (isReady(pod) ? 1 : 0);
