import type { World } from '../../../domain/injection/match.ts';
import { wantedOf } from '../../../domain/restart/gather.ts';
import type { Namespace } from '../../../domain/restart/records/namespace.ts';
import type { Workload } from '../../../domain/restart/records/workload.ts';
import type { Wanted } from '../../../domain/restart/snapshot.ts';
import type { Caches } from '../caches.ts';

/** What new pods would get. Most looks find a workload changed in its status alone. */
export interface Wants {
  readonly of: (workload: Workload) => Wanted;
  readonly forget: (uid: string) => void;
}

interface Known {
  readonly template: string;
  readonly namespace: Namespace | undefined;
  readonly limits: World['namespace']['limits'];
  readonly view: string;
  readonly wanted: Wanted;
}

export function createWants({
  kept,
  worldOf,
  fingerprint,
}: Pick<Caches, 'kept' | 'worldOf' | 'fingerprint'>): Wants {
  const known = new Map<string, Known>();
  return {
    of: (workload) => {
      const { uid, digest: template } = workload;
      const namespace = kept.namespaces.get(workload.namespace);
      const world = worldOf(workload.namespace);
      const { limits } = world.namespace;
      const view = fingerprint();
      const found = known.get(uid);
      const isSame =
        found?.template === template && found.namespace === namespace && found.limits === limits;
      if (isSame && found.view === view) return found.wanted;
      const wanted = wantedOf(workload, world);
      known.set(uid, { template, namespace, limits, view, wanted });
      return wanted;
    },
    forget: (uid) => known.delete(uid),
  };
}
