import type { Fields, KubeObject } from '../../../../sandbox/api.ts';
import type { Plural } from './stage.ts';

const counters: Readonly<Record<Plural, readonly string[]>> = {
  deployments: [
    'replicas',
    'updatedReplicas',
    'readyReplicas',
    'availableReplicas',
    'unavailableReplicas',
    'terminatingReplicas',
  ],
  statefulsets: [
    'replicas',
    'readyReplicas',
    'availableReplicas',
    'currentReplicas',
    'updatedReplicas',
    'currentRevision',
    'updateRevision',
  ],
  daemonsets: [
    'desiredNumberScheduled',
    'currentNumberScheduled',
    'numberReady',
    'numberAvailable',
    'numberUnavailable',
    'updatedNumberScheduled',
    'numberMisscheduled',
  ],
};

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
}

/** A workload's state in one line: what is absent is left out, times do not count. */
export function readState(plural: Plural, { metadata, status = {} }: KubeObject): string {
  const revision = metadata.annotations?.['deployment.kubernetes.io/revision'];
  const conditions = ((status['conditions'] ?? []) as unknown as readonly Condition[])
    .map(({ type, status: is, reason }) => `${type}=${is}/${reason}`)
    .toSorted();
  return [
    `generation ${metadata.generation} seen ${JSON.stringify(status['observedGeneration'] ?? 'never').replaceAll('"', '')}`,
    told(status, counters[plural]),
    ...(revision === undefined ? [] : [`revision ${revision}`]),
    ...conditions,
  ].join('; ');
}

const told = (status: Fields, names: readonly string[]) =>
  names
    .filter((name) => status[name] !== undefined)
    .map(
      (name) =>
        `${name.replace(/Replicas$|Number(?=[A-Z])|^number/, '')} ${JSON.stringify(status[name]).replaceAll('"', '')}`,
    )
    .join(' ');

/** Revisions are named by a hash, which is nobody's business: here they are called by order of appearance. */
export function nameRevisions(order: readonly string[]): readonly string[] {
  const names = new Map<string, string>();
  const pattern = /(?<= (?:currentRevision|updateRevision) )[\w-]+/g;
  return order.map((state) =>
    state.replaceAll(pattern, (hash) => {
      const name = names.get(hash) ?? `r${names.size + 1}`;
      names.set(hash, name);
      return name;
    }),
  );
}
