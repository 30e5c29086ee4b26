import type { Metadata } from '../api.ts';
import type { Change } from './changes.ts';
import type { Pod, Template, Workload } from './shapes.ts';

type Known = Pick<Pod, 'metadata'>;

export const isLeaving = ({ metadata }: Known) => metadata.deletionTimestamp !== undefined;
export const bornAt = ({ metadata }: Known) => Date.parse(metadata.creationTimestamp ?? '');
export const hasEnded = ({ status }: Pod) => /^(?:Succeeded|Failed)$/.test(status?.phase ?? '');

const readiness = ({ status }: Pod) =>
  status?.conditions?.find(({ type, status: is }) => type === 'Ready' && is === 'True');
export const isReady = (pod: Pod) => readiness(pod) !== undefined;

/** Since when a pod counts as available; Infinity: it is not ready, or nobody knows since when. */
function availableFrom(pod: Pod, { spec: { minReadySeconds = 0 } }: Workload): number {
  const ready = readiness(pod);
  if (ready !== undefined && minReadySeconds === 0) return 0;
  return Date.parse(ready?.lastTransitionTime ?? '') + minReadySeconds * 1000 || Infinity;
}

export const isAvailable = (pod: Pod, owner: Workload, now: number) =>
  availableFrom(pod, owner) <= now;

/** When a ready pod becomes available just by time. */
export function nextAvailable(
  pods: readonly Pod[],
  owner: Workload,
  now: number,
): readonly Change[] {
  const at = Math.min(...pods.map((pod) => availableFrom(pod, owner)).filter((time) => time > now));
  return at === Infinity ? [] : [{ kind: 'look', at }];
}

/** What a controller signs its objects with. */
export const signed = (kind: string, { name, uid }: Metadata) => [
  { apiVersion: 'apps/v1', kind, name, uid, controller: true, blockOwnerDeletion: true },
];

/** A pod after a template, with more labels. */
export const podAfter = (
  template: Template,
  kind: string,
  owner: Metadata,
  labels: object = {},
) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    ...template.metadata,
    generateName: `${owner.name}-`,
    labels: { ...template.metadata?.labels, ...labels },
    ownerReferences: signed(kind, owner),
  },
  spec: template.spec,
});

/** A count, or a percentage of a whole. */
export const share = (part: number | string = 0, whole: number, round: (n: number) => number) =>
  typeof part === 'number' ? part : round((Number.parseInt(part, 10) * whole) / 100);
