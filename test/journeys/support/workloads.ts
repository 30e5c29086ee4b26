import { annotations as keys, marks } from '../../../crds/names.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { call, eventually, list, type Ground, type Item } from './ground.ts';

export type Kind = 'Deployment' | 'StatefulSet' | 'DaemonSet';

const plurals = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
} as const;

export interface Spot {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
}

export interface Wish {
  /** What the pod template says; by default it asks for Java. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly replicas?: number;
  /** Beside or instead of what the spec has. */
  readonly spec?: JsonObject;
  readonly metadata?: JsonObject;
  /** Nobody asks its pods whether they work. */
  readonly isBlind?: boolean;
  /** Beside or instead of what the spec of its pods has. */
  readonly pod?: JsonObject;
}

export const asking = { [keys.inject('java')]: 'true' };

export const pathOf = ({ kind, namespace, name }: Spot) =>
  `/apis/apps/v1/namespaces/${namespace}/${plurals[kind]}/${name}`;

/** Pods that say when they work, so that a rollout of them can be watched. */
export async function deploy(ground: Ground, spot: Spot, wish: Wish = {}): Promise<void> {
  const { kind, namespace, name } = spot;
  const { annotations = asking, replicas = 2, spec = {}, metadata = {} } = wish;
  const probes =
    wish.isBlind === true ? {} : { readinessProbe: { httpGet: { path: '/', port: 80 } } };
  const body = {
    metadata: { ...metadata, name },
    spec: {
      selector: { matchLabels: { of: name } },
      ...(kind === 'DaemonSet' ? {} : { replicas }),
      template: {
        metadata: { labels: { of: name }, annotations },
        spec: {
          terminationGracePeriodSeconds: 0,
          tolerations: [{ operator: 'Exists' }],
          containers: [{ name: 'app', image: 'shop.example/app:1', ...probes }],
          ...wish.pod,
        },
      },
      ...spec,
    },
  };
  await call(ground, 'POST', `/apis/apps/v1/namespaces/${namespace}/${plurals[kind]}`, body);
}

export interface Workload extends Item {
  readonly spec: {
    readonly replicas?: number;
    readonly template: { readonly metadata: { readonly annotations?: Record<string, string> } };
  };
  readonly status: Readonly<Record<string, unknown>>;
}

export const read = (ground: Ground, spot: Spot) => call<Workload>(ground, 'GET', pathOf(spot));

export const change = (ground: Ground, spot: Spot, patch: object) =>
  call<Workload>(ground, 'PATCH', pathOf(spot), patch);

/** As its owner deploys something new. */
export const deployAnew = (ground: Ground, spot: Spot, version: string) =>
  change(ground, spot, {
    spec: { template: { metadata: { annotations: { 'shop.example/version': version } } } },
  });

export const markerOf = ({ spec }: Workload) => spec.template.metadata.annotations?.[marks.restart];

export interface Pod extends Item {
  readonly status: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

export const podsOf = async (
  ground: Ground,
  { namespace, name }: Spot,
): Promise<readonly Pod[]> => {
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=of%3D${name}`;
  const pods = await list<Pod>(ground, path);
  return pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
};

export const isReady = ({ status }: Pod) =>
  status.conditions?.some(({ type, status: said }) => type === 'Ready' && said === 'True') === true;

/** As many as it wants, all of them injected and at work. */
export async function untilMended(ground: Ground, spot: Spot, count = 2): Promise<void> {
  await eventually(`every pod of ${spot.namespace}/${spot.name} is injected`, async () => {
    const pods = await podsOf(ground, spot);
    return pods.length === count && pods.every((pod) => isStamped(pod) && isReady(pod));
  });
}

export async function untilRunning(ground: Ground, spot: Spot, count = 2): Promise<void> {
  await eventually(`the pods of ${spot.namespace}/${spot.name} run`, async () => {
    const pods = await podsOf(ground, spot);
    return pods.length === count && pods.every(isReady);
  });
}

export const isStamped = ({ metadata }: Pod) =>
  metadata.annotations?.[marks.injected] !== undefined;

/** How many templates it has had, as its revisions tell. */
export async function revisionsOf(ground: Ground, spot: Spot): Promise<readonly Item[]> {
  const { metadata } = await read(ground, spot);
  const plural = spot.kind === 'Deployment' ? 'replicasets' : 'controllerrevisions';
  const path = `/apis/apps/v1/namespaces/${spot.namespace}/${plural}`;
  const all = await list<Item>(ground, path);
  return all.filter((one) => one.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid));
}
