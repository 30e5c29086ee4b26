import type { Fields, Metadata } from '../../../sandbox/api.ts';
import type { Change } from '../../../sandbox/lifecycles/changes.ts';
import type { Pod, Revision, Workload, World } from '../../../sandbox/lifecycles/shapes.ts';

/** A minute past an hour that is long gone. */
export const now = Date.parse('2026-01-01T00:01:00Z');
export const ago = (seconds: number) =>
  `${new Date(now - seconds * 1000).toISOString().slice(0, 19)}Z`;

export const metadata = (name: string, more: Partial<Metadata> = {}): Metadata => ({
  name,
  namespace: 'shop',
  uid: `uid-of-${name}`,
  resourceVersion: '1',
  generation: 1,
  creationTimestamp: ago(60),
  ...more,
});

export const templateOf = (version: string) => ({
  metadata: { labels: { app: 'cart' }, annotations: { version } },
  spec: { containers: [{ name: 'main', image: 'none' }] },
});

interface Parts {
  readonly metadata?: Partial<Metadata>;
  readonly spec?: Partial<Workload['spec']>;
  readonly status?: Workload['status'];
}

const aWorkload = (name: string, parts: Parts, spec: Partial<Workload['spec']>): Workload => ({
  metadata: metadata(name, parts.metadata),
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'cart' } },
    template: templateOf('1'),
    strategy: { type: 'RollingUpdate' },
    updateStrategy: { type: 'RollingUpdate' },
    ...spec,
    ...parts.spec,
  },
  ...(parts.status && { status: parts.status }),
});

export const aDeployment = (parts: Parts = {}) =>
  aWorkload('cart', parts, {
    replicas: 4,
    progressDeadlineSeconds: 600,
    revisionHistoryLimit: 10,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
  });

export const aReplicaSet = (name: string, parts: Parts = {}) => aWorkload(name, parts, {});
export const aStatefulSet = (parts: Parts = {}) => aWorkload('cart', parts, { replicas: 3 });
export const aDaemonSet = (parts: Parts = {}) =>
  aWorkload('cart', parts, {
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
  });

/** A ReplicaSet of the Deployment, all of whose pods are available unless it says otherwise. */
export function aMember(version: string, replicas: number, parts: Parts = {}): Workload {
  const counts = { replicas, readyReplicas: replicas, availableReplicas: replicas };
  const annotations = { 'deployment.kubernetes.io/revision': version };
  return aReplicaSet(`cart-${version}`, {
    metadata: { annotations, creationTimestamp: ago(100 - Number(version)), ...parts.metadata },
    spec: { replicas, template: templateOf(version), ...parts.spec },
    status: { observedGeneration: 1, ...counts, ...parts.status },
  });
}

interface PodParts extends Partial<Metadata> {
  readonly phase?: string;
  readonly node?: string;
  /** Since how many seconds; undefined: it is not. */
  readonly readyFor?: number | undefined;
}

export function aPod(
  name: string,
  { phase = 'Running', node, readyFor, ...more }: PodParts = {},
): Pod {
  const ready = { type: 'Ready', status: 'True', lastTransitionTime: ago(readyFor ?? 0) };
  return {
    metadata: metadata(name, { labels: { app: 'cart' }, ...more }),
    spec: node === undefined ? {} : { nodeName: node },
    status: {
      phase,
      conditions: readyFor === undefined ? [] : [ready],
    },
  };
}

export const aRevision = (
  name: string,
  revision: number,
  more: Partial<Metadata> = {},
): Revision => ({
  metadata: metadata(name, more),
  revision,
  data: { spec: { template: { ...templateOf(name.replace(/.*-/, '')), $patch: 'replace' } } },
});

export const aWorld = (parts: Partial<World> = {}): World => ({
  pods: [],
  replicaSets: [],
  revisions: [],
  nodes: [],
  ...parts,
});

/** Changes in the words of a reader: `create pods cart-0`, `delete pods cart-2`, `patch replicasets cart-1`. */
export const told = (changes: readonly Change[]) =>
  changes.flatMap((change) => {
    if (change.kind === 'status' || change.kind === 'look') return [];
    const { name, generateName } = change.kind === 'create' ? bodyOf(change).metadata : change.of;
    return `${change.kind} ${change.plural} ${name ?? generateName}`;
  });

interface Body {
  readonly metadata: Metadata;
  readonly spec: Fields;
  readonly revision?: number;
}

export const bodyOf = (change: Change | undefined) =>
  (change?.kind === 'create' ? change.body : {}) as Body;

/** What the step writes into the status; undefined: nothing. */
export const statusIn = (changes: readonly Change[]) =>
  changes.flatMap((change) => (change.kind === 'status' ? [change.body ?? {}] : []))[0];

/** The sizes that the step gives to ReplicaSets. */
export const sizesIn = (changes: readonly Change[]) =>
  Object.fromEntries(
    changes.flatMap((change) => {
      if (change.kind !== 'patch' || change.plural !== 'replicasets') return [];
      const spec = (change.body?.['spec'] ?? {}) as Fields;
      return 'replicas' in spec ? [[change.of.name, spec['replicas']]] : [];
    }),
  );

export const reasonsIn = (changes: readonly Change[]) => {
  const { conditions = [] } = (statusIn(changes)?.['status'] ?? {}) as {
    conditions?: readonly { type: string; status: string; reason: string }[];
  };
  return conditions.map(({ type, status, reason }) => `${type}=${status}/${reason}`).toSorted();
};
