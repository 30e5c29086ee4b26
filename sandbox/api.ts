/** A JSON value, as the wire has it. */
export type Json = null | boolean | number | string | readonly Json[] | Fields;

export interface Fields {
  readonly [name: string]: Json | undefined;
}

/** A type and no interface, so that it passes for the JSON it is. */
export type OwnerReference = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
};

export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly generateName?: string;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
}

/**
 * Any object, list or Status of an API server. Who knows more about a kind says so at the call:
 * `call<Deployment>(…)`. What the in-process server hands out is frozen, for it is what is stored.
 */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: Metadata;
  readonly spec?: Fields;
  readonly status?: Fields;
  /** Of a ConfigMap, a Secret or a ControllerRevision. */
  readonly data?: Fields;
  /** Of a list. */
  readonly items?: readonly KubeObject[];
  /** Of a Status. */
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
}

export interface Answer<T = KubeObject> {
  readonly code: number;
  readonly body: T;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface WatchEvent<T = KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T;
}

export interface CallOptions {
  /** The content type of the body: a patch says which kind of patch it is. Default: JSON. */
  readonly type?: string;
}

/**
 * A way to ask an API server: over HTTPS or in-process; the same code serves the sandbox and a real one.
 *
 * For the log of a pod the server asks the pod's Node, as kube-apiserver does:
 * `GET https://<InternalIP>:<status.daemonEndpoints.kubeletEndpoint.Port>/containerLogs/<namespace>/<pod>/<container>`
 * with the query of the client (`follow`, `tailLines`, `previous`); it does not check the certificate there.
 */
export interface Api {
  /** Any code is an answer; only a broken connection is an error. A body that is not JSON comes as text. */
  readonly call: <T = KubeObject>(
    method: string,
    path: string,
    body?: object,
    options?: CallOptions,
  ) => Promise<Answer<T>>;
  /** The events of one connection, until the server or the signal ends it; `watch=true` is added to the path. */
  readonly watch: <T = KubeObject>(
    path: string,
    signal: AbortSignal,
  ) => AsyncIterable<WatchEvent<T>>;
}
