import type { Answer, Api, KubeObject } from '../api.ts';
import { remove, type Change } from './changes.ts';
import { advanceDaemonSet } from './daemonset.ts';
import { advanceDeployment } from './deployment/deployment.ts';
import { empty, isOrphan } from './garbage.ts';
import { Queue } from './queue.ts';
import { advanceReplicaSet } from './replicaset.ts';
import type { Workload, World } from './shapes.ts';
import { advanceStatefulSet } from './statefulset.ts';
import { keyOf, pathOf, pluralOf, View, type Store } from './view.ts';

interface Options {
  /** Writes go through it as everybody's do. */
  readonly api: Api;
  readonly store: Store;
  readonly now: () => number;
}

const retryPauseMs = 200;

/**
 * Gives workloads their pods, as a controller manager does: follows the objects, asks each kind's
 * lifecycle for the changes, and carries them out; what fails is tried again.
 */
export function runLifecycles({ api, store, now }: Options): { stop(): void } {
  const work = async (key: string): Promise<void> => {
    const object = view.get(key);
    const isDone = object === undefined || (await advance(shell, key, object).catch(() => false));
    if (!isDone) queue.addAt(key, now() + retryPauseMs);
  };
  const queue = new Queue(now, work);
  const view = new View(store, (key) => queue.add(key));
  const shell = { api, now, view, queue };
  return {
    stop() {
      view.close();
      queue.close();
    },
  };
}

type Lifecycle = (workload: Workload, world: World, now: number) => readonly Change[];

const lifecycles: Readonly<Record<string, Lifecycle>> = {
  deployments: advanceDeployment,
  replicasets: advanceReplicaSet,
  statefulsets: advanceStatefulSet,
  daemonsets: advanceDaemonSet,
};

interface Shell {
  readonly api: Api;
  readonly now: () => number;
  readonly view: View;
  readonly queue: Queue;
}

async function advance(shell: Shell, key: string, object: KubeObject): Promise<boolean> {
  if (pluralOf(key) === 'namespaces') {
    return object.metadata.deletionTimestamp === undefined || empty(shell.api, object);
  }
  for (const change of changesFor(shell, key, object)) {
    if (change.kind === 'look') shell.queue.addAt(key, change.at);
    else {
      const { code } = await carryOut(shell.api, change, object.metadata.namespace);
      // What is to be deleted may be gone already.
      if (code >= 300 && change.kind !== 'delete') return false;
    }
  }
  return true;
}

function changesFor({ view, now }: Shell, key: string, object: KubeObject): readonly Change[] {
  const plural = pluralOf(key);
  if (isOrphan(view, object)) return [remove(plural, object)];
  const owned = Map.groupBy(view.ownedBy(object), pluralOf);
  const among = (kind: string) => (owned.get(kind) ?? []).map((one) => view.get(one));
  const world = {
    pods: among('pods'),
    replicaSets: among('replicasets'),
    revisions: among('controllerrevisions'),
    nodes: plural === 'daemonsets' ? view.all('nodes') : [],
  };
  // The API server has checked and completed what it stored.
  return (
    lifecycles[plural]?.(object as unknown as Workload, world as unknown as World, now()) ?? []
  );
}

type Deed = Exclude<Change, { readonly kind: 'look' }>;

function carryOut(api: Api, deed: Deed, namespace = ''): Promise<Answer> {
  if (deed.kind === 'create') {
    return api.call('POST', pathOf(`${deed.plural}/${namespace}/`), deed.body);
  }
  const { uid } = deed.of;
  const path = pathOf(keyOf(deed.plural, deed.of));
  if (deed.kind === 'delete') return api.call('DELETE', path, { preconditions: { uid } });
  const metadata = { ...(deed.body?.['metadata'] as object | undefined), uid };
  const type = 'application/merge-patch+json';
  const part = deed.kind === 'status' ? '/status' : '';
  return api.call('PATCH', `${path}${part}`, { ...deed.body, metadata }, { type });
}
