import type { Fields, Metadata } from '../api.ts';

export interface Condition extends Fields {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly lastTransitionTime?: string;
  readonly lastUpdateTime?: string;
}

export interface Template extends Fields {
  readonly metadata?: Fields & { readonly labels?: Readonly<Record<string, string>> };
  readonly spec: Fields;
}

interface Strategy {
  readonly type: string;
  readonly rollingUpdate?: {
    readonly maxSurge?: number | string;
    readonly maxUnavailable?: number | string;
    readonly partition?: number;
  };
}

export type Counter =
  | `${'ready' | 'available' | 'updated' | 'current' | 'terminating'}Replicas`
  | 'replicas'
  | 'observedGeneration';

export interface Status extends Readonly<Partial<Record<Counter, number>>> {
  readonly conditions?: readonly Condition[];
  readonly currentRevision?: string;
}

/** A Deployment, ReplicaSet, StatefulSet or DaemonSet, with the defaults that the API server fills in. */
export interface Workload {
  readonly metadata: Metadata;
  readonly spec: {
    readonly replicas: number;
    readonly selector: Fields;
    readonly template: Template;
    readonly minReadySeconds?: number;
    readonly revisionHistoryLimit?: number;
    readonly progressDeadlineSeconds?: number;
    readonly paused?: boolean;
    readonly strategy: Strategy;
    readonly updateStrategy: Strategy;
    readonly serviceName?: string;
  };
  readonly status?: Status;
}

export interface Pod {
  readonly metadata: Metadata;
  readonly spec: { readonly nodeName?: string; readonly affinity?: Fields };
  readonly status?: { readonly phase?: string; readonly conditions?: readonly Condition[] };
}

/** A ControllerRevision: a template that a StatefulSet or a DaemonSet has, or had. */
export interface Revision {
  readonly metadata: Metadata;
  readonly data: Fields;
  readonly revision: number;
}

/** All that a workload's next step depends on, beside itself: what it owns, and the nodes. */
export interface World {
  readonly pods: readonly Pod[];
  readonly replicaSets: readonly Workload[];
  readonly revisions: readonly Revision[];
  readonly nodes: readonly { readonly metadata: Metadata }[];
}
