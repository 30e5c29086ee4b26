import { createHash } from 'node:crypto';
import type { Fields, Metadata } from '../api.ts';

export interface Condition extends Fields {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
  readonly lastUpdateTime?: string;
}

export interface Template extends Fields {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
  };
  readonly spec: Fields;
}

export interface Pod {
  readonly metadata: Metadata;
  readonly spec: { readonly nodeName?: string; readonly affinity?: Fields };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly { readonly restartCount?: number }[];
  };
}

/** Whoever has pods made after its template. */
export interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
}

export const hasEnded = ({ status }: Pod) =>
  status?.phase === 'Succeeded' || status?.phase === 'Failed';
export const isLeaving = ({ metadata }: Pod) => metadata.deletionTimestamp !== undefined;
export const isActive = (pod: Pod) => !hasEnded(pod) && !isLeaving(pod);

export const readiness = ({ status }: Pod) =>
  status?.conditions?.find(({ type, status: is }) => type === 'Ready' && is === 'True');
export const isReady = (pod: Pod) => readiness(pod) !== undefined;

/** When a pod has been ready for long enough; undefined: it is not ready, or nobody knows since when. */
export function availableFrom(pod: Pod, minReadySeconds: number): number | undefined {
  const ready = readiness(pod);
  if (ready === undefined || minReadySeconds === 0) return ready && 0;
  const since = Date.parse(ready.lastTransitionTime ?? '');
  return Number.isNaN(since) ? undefined : since + minReadySeconds * 1000;
}

export const isAvailable = (pod: Pod, minReadySeconds: number, now: number) =>
  (availableFrom(pod, minReadySeconds) ?? Infinity) <= now;

/** When to look again because a ready pod becomes available just by time. */
export function nextAvailable(pods: readonly Pod[], minReadySeconds: number, now: number) {
  const times = pods.map((pod) => availableFrom(pod, minReadySeconds) ?? 0).filter((at) => at > now);
  return times.length === 0 ? [] : [{ kind: 'look' as const, at: Math.min(...times) }];
}

export const referTo = ({ apiVersion, kind, metadata: { name, uid } }: Owner) => ({
  apiVersion,
  kind,
  name,
  uid,
  controller: true,
  blockOwnerDeletion: true,
});

/** A pod after the owner's template, with more labels. */
export const podAfter = (template: Template, owner: Owner, labels: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    ...template.metadata,
    generateName: `${owner.metadata.name}-`,
    labels: { ...template.metadata?.labels, ...labels },
    ownerReferences: [referTo(owner)],
  },
  spec: template.spec,
});

/** A count, or a percentage of a whole. */
export function share(
  value: number | string | undefined,
  whole: number,
  round: (n: number) => number,
) {
  if (typeof value !== 'string') return value ?? 0;
  return round((Number.parseInt(value, 10) * whole) / 100);
}

const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** A short name for a template: digits of its digest, in letters that spell no words. */
export function hashOf(template: Template, collisions = 0): string {
  const digest = createHash('sha256').update(`${collisions} ${JSON.stringify(template)}`).digest();
  const digits = String(digest.readUIntBE(0, 6)).padStart(10, '0').slice(-10);
  return [...digits].map((digit) => alphabet[digit.charCodeAt(0) % alphabet.length]).join('');
}
