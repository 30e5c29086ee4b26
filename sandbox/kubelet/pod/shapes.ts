import type { V1Container, V1PodSpec } from '@kubernetes/client-node';
import type { Fields, Metadata } from '../../api.ts';

/** A pod; the API server has checked it and filled in the defaults. */
export interface Pod {
  readonly metadata: Metadata & { readonly namespace: string };
  readonly spec: V1PodSpec;
  readonly status?: { readonly phase?: string; readonly conditions?: readonly Condition[] };
}

export interface Condition extends Fields {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
}

export type Container = V1Container;
export type Values = Readonly<Record<string, string>>;

/** What is known of a pod once it has a place. */
export interface Facts {
  readonly podIp: string;
  readonly hostIp: string;
  readonly node: string;
}

export interface ContainerState {
  readonly waiting?: { readonly reason: string; readonly message?: string };
  readonly running?: { readonly startedAt: string };
  readonly terminated?: { readonly exitCode: number; readonly [field: string]: string | number };
}

export interface ContainerStatus {
  readonly name: string;
  readonly image: string;
  readonly imageID: string;
  readonly containerID: string;
  readonly ready: boolean;
  readonly started: boolean;
  readonly restartCount: number;
  readonly state: ContainerState;
  readonly lastState: ContainerState;
}

/** A pod as its kubelet knows it. */
export interface PodView {
  readonly pod: Pod;
  readonly facts: Facts;
  readonly containers: readonly {
    readonly role: 'init' | 'sidecar' | 'main';
    readonly status: ContainerStatus;
  }[];
  readonly isInitialized: boolean;
  /** What has ended will not be started again. */
  readonly isOver: boolean;
}

/** To the second, as Kubernetes writes it. */
export const timeOf = (now: Date) => `${now.toISOString().slice(0, 19)}Z`;
