import type { Metadata } from '../api.ts';
import { create, remove, timeOf, writeStatus, type Change, type Refusal } from './changes.ts';
import {
  hasEnded,
  isActive,
  isAvailable,
  isLeaving,
  isReady,
  nextAvailable,
  podAfter,
  readiness,
  type Condition,
  type Owner,
  type Pod,
  type Template,
} from './pods.ts';

export interface ReplicaSet {
  readonly metadata: Metadata;
  readonly spec: {
    readonly replicas: number;
    readonly minReadySeconds?: number;
    readonly template: Template;
  };
  readonly status?: {
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly terminatingReplicas?: number;
    readonly observedGeneration?: number;
    readonly conditions?: readonly Condition[];
  };
}

interface World {
  readonly pods: readonly Pod[];
  readonly refusal?: Refusal | undefined;
}

const mostAtOnce = 500;

/** Keeps as many pods as it is told to; a pod that has ended or is leaving does not count. */
export function advanceReplicaSet(
  set: ReplicaSet,
  world: World,
  now: number,
): readonly Change[] {
  const pods = world.pods.filter(isActive);
  const status = writeStatus('replicasets', set, statusOf(set, world, now), stated);
  const look = nextAvailable(pods, set.spec.minReadySeconds ?? 0, now);
  if (set.metadata.deletionTimestamp !== undefined) return [...status, ...look];
  return [...status, ...balance(set, pods), ...look];
}

const stated = ['replicas', 'terminatingReplicas'];

function statusOf(set: ReplicaSet, { pods, refusal }: World, now: number) {
  const active = pods.filter(isActive);
  const labels = Object.entries(set.spec.template.metadata?.labels ?? {});
  const available = ({ length }: readonly Pod[]) => length;
  return {
    replicas: active.length,
    fullyLabeledReplicas: active.filter(({ metadata }) =>
      labels.every(([name, value]) => metadata.labels?.[name] === value),
    ).length,
    readyReplicas: active.filter(isReady).length,
    availableReplicas: available(
      active.filter((pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, now)),
    ),
    terminatingReplicas: pods.filter((pod) => isLeaving(pod) && !hasEnded(pod)).length,
    observedGeneration: set.metadata.generation,
    conditions: failureOf(set, refusal, now),
  };
}

function failureOf({ status }: ReplicaSet, refusal: Refusal | undefined, now: number) {
  if (refusal === undefined) return undefined;
  if (status?.conditions !== undefined) return status.conditions;
  const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' };
  return [{ ...failure, lastTransitionTime: timeOf(now), message: refusal.message }];
}

function balance(set: ReplicaSet, pods: readonly Pod[]): readonly Change[] {
  const missing = Math.min(set.spec.replicas - pods.length, mostAtOnce);
  if (missing < 0) {
    return pods
      .toSorted(byWorth)
      .slice(0, -missing)
      .map((pod) => remove('pods', pod));
  }
  const owner: Owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: set.metadata };
  return Array.from({ length: missing }, () => create('pods', podAfter(set.spec.template, owner)));
}

/** Whoever is worth least comes first: the first difference decides. */
function byWorth(one: Pod, other: Pod): number {
  return worth.map((rate) => rate(one) - rate(other)).find((difference) => difference !== 0) ?? 0;
}

const phases = ['Pending', 'Unknown', 'Running'];

const worth: readonly ((pod: Pod) => number)[] = [
  ({ spec }) => Number(spec.nodeName !== undefined),
  ({ status }) => phases.indexOf(status?.phase ?? 'Pending'),
  (pod) => Number(isReady(pod)),
  ({ metadata }) => Number(metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0),
  (pod) => -Date.parse(readiness(pod)?.lastTransitionTime ?? '1970-01-01T00:00:00Z'),
  ({ status }) => -Math.max(0, ...(status?.containerStatuses ?? []).map(({ restartCount = 0 }) => restartCount)),
  ({ metadata }) => -Date.parse(metadata.creationTimestamp ?? ''),
];
