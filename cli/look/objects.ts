import type { Client } from '../../controller/kube/client.ts';
import { faultOf } from '../../controller/kube/fault.ts';
import type { Resource } from '../../controller/kube/resource.ts';
import { resources } from '../../controller/loop/kinds.ts';
import type { Named } from './files.ts';

/** The kinds a judgement is made of. */
export const looked = [
  'namespaces',
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

const pageSize = 2_000;

/** A person waits for it. */
const deadlineMs = 10_000;

/** Reads a cluster once. A kind that it does not know has no objects. */
export async function objectsIn(client: Client): Promise<Objects> {
  const lists = await Promise.all(
    looked.map(async (kind) => [kind, await all(client, resources[kind])] as const),
  );
  return Object.fromEntries(lists) as unknown as Objects;
}

async function all(client: Client, resource: Resource): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  let next: string | undefined;
  try {
    do {
      const page = await client.list(
        { resource },
        { limit: pageSize, continue: next },
        { deadlineMs },
      );
      found.push(...page.items);
      ({ next } = page);
    } while (next !== undefined);
  } catch (error) {
    if (faultOf(error).key !== 'NotFound') throw error;
  }
  return found;
}

const kinds: Readonly<Record<string, Looked>> = {
  Namespace: 'namespaces',
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
