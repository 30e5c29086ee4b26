import type { Seconds } from '../../../domain/restart/records/metadata.ts';
import type { ObservedPod } from '../../../domain/restart/records/pod.ts';
import { numberIn, type Revision } from '../../../domain/restart/records/revision.ts';
import type { Workload } from '../../../domain/restart/records/workload.ts';

/*
 * What Deployments and their pods tell of the ReplicaSets between them.
 */

/** Each Deployment with the pods of its ReplicaSets, as far as their names tell it. */
export function familiesIn(
  workloads: Iterable<Workload>,
  sets: Iterable<readonly ObservedPod[]>,
): ReadonlyMap<Workload, readonly (readonly ObservedPod[])[]> {
  const families = new Map<Workload, (readonly ObservedPod[])[]>();
  const byName = new Map<string, Workload>();
  for (const workload of workloads) {
    if (workload.kind !== 'Deployment') continue;
    families.set(workload, []);
    byName.set(`${workload.namespace}/${workload.name}`, workload);
  }
  for (const pods of sets) {
    const deployment = byName.get(deploymentNamedBy(pods[0]));
    if (deployment !== undefined) families.get(deployment)?.push(pods);
  }
  return families;
}

/** A ReplicaSet of a Deployment has its name, and the hash of its template behind it. */
function deploymentNamedBy(pod: ObservedPod | undefined): string {
  const { namespace = '', owner, revision = '' } = pod ?? {};
  const isOfSet = owner?.kind === 'ReplicaSet' && owner.name.endsWith(`-${revision}`);
  return isOfSet ? `${namespace}/${owner.name.slice(0, -revision.length - 1)}` : '';
}

/**
 * All its pods are of one ReplicaSet, the one it has been brought to, and it has made no other since:
 * whoever makes one says so in its status.
 */
export function isToldByPods(
  deployment: Workload,
  [pods = [], ...others]: readonly (readonly ObservedPod[])[],
  since: Seconds,
): boolean {
  const { annotations, counters } = deployment;
  const number = numberIn(annotations);
  if (!isBroughtTo(deployment, number) || others.length > 0) return false;
  const living = pods.filter(({ deletedAt }) => deletedAt === undefined);
  if (living.length !== counters.current) return false;
  if (number === 1) return true;
  const progress = counters.conditions.find(({ type }) => type === 'Progressing');
  return (progress?.saidAt ?? Number.POSITIVE_INFINITY) <= since;
}

export function setOf(deployment: Workload, pods: readonly ObservedPod[]): Revision {
  const { kind, namespace, name, uid, marker, digest, annotations } = deployment;
  const [{ owner, revision } = {}] = pods;
  return {
    kind: 'ReplicaSet',
    namespace,
    name: owner?.name ?? '',
    uid: owner?.uid ?? '',
    createdAt: Math.min(...pods.map(({ createdAt }) => createdAt)),
    deletedAt: undefined,
    owner: { kind, name, uid },
    number: numberIn(annotations),
    hash: revision,
    replicas: undefined,
    marker,
    digest,
  };
}

/**
 * A Deployment names the revision that its controller has brought it to. By the time that all its pods
 * are of its template, that revision is too, and need not be read to know it.
 */
export function isBroughtTo(workload: Workload, number: number): boolean {
  if (number === 0) return false;
  const { annotations, generation, strategy, counters } = workload;
  return (
    number === numberIn(annotations) &&
    !strategy.isPaused &&
    counters.observedGeneration >= generation &&
    counters.updated >= counters.desired
  );
}

/**
 * Where metadata tells all of a ReplicaSet: no Deployment there has ever had another template than it
 * has now. Without a namespace, whether that is so everywhere.
 */
export function metadataTells(
  workloads: Iterable<Workload>,
): (namespace: string | undefined) => boolean {
  const changed = [...workloads].filter((one) => one.kind === 'Deployment' && !isBroughtTo(one, 1));
  const places = new Set(changed.map(({ namespace }) => namespace));
  return (namespace) => (namespace === undefined ? places.size === 0 : !places.has(namespace));
}
