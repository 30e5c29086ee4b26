import type { Named } from './files.ts';

/** The kinds a judgement is made of: revisions come after what they are revisions of. */
export const looked = [
  'namespaces',
  'limitRanges',
  'instrumentations',
  'deployments',
  'statefulSets',
  'daemonSets',
  'replicaSets',
  'controllerRevisions',
  'pods',
  'disruptionBudgets',
] as const;

export type Looked = (typeof looked)[number];

/** Objects by kind, as JSON, wherever they come from. */
export type Objects = Readonly<Record<Looked, readonly unknown[]>>;

export const kinds: Readonly<Partial<Record<string, Looked>>> = {
  Namespace: 'namespaces',
  LimitRange: 'limitRanges',
  Instrumentation: 'instrumentations',
  Deployment: 'deployments',
  StatefulSet: 'statefulSets',
  DaemonSet: 'daemonSets',
  ReplicaSet: 'replicaSets',
  ControllerRevision: 'controllerRevisions',
  Pod: 'pods',
  PodDisruptionBudget: 'disruptionBudgets',
};

/** What `kubectl get … -o yaml` has written down says the same. */
export function objectsOf(items: readonly Named[]): Objects {
  const found = Object.fromEntries(looked.map((kind) => [kind, [] as unknown[]]));
  for (const { kind, json } of items) {
    const place = kinds[kind];
    if (place !== undefined) found[place]?.push(json);
  }
  return found as unknown as Objects;
}
