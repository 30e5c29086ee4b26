import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '../../../controller/kube/client.ts';
import type { KubeObject } from '../../../controller/kube/resource.ts';
import { isObject, listAt, objectAt, textAt, type JsonObject } from '../../../domain/json.ts';
import type { ShopPod } from '../shop/shop.ts';
import { apps } from './belongings.ts';

/** The shop in a cluster that is not ours: its pods, as they were a moment ago. */
export interface Guests {
  readonly apps: readonly string[];
  readonly pods: () => readonly ShopPod[];
  /** Whether every service is there and at work. */
  readonly isReady: () => boolean;
  /** What keeps them from it, in the words of the cluster. */
  readonly hindrances: () => readonly string[];
  stop(): Promise<void>;
}

const lookMs = 500;
const placeOf = (group: string, plural: string) => ({
  resource: { group, version: 'v1', plural, namespaced: true },
  namespace: 'shop',
});

export function watchShop(client: Client): Guests {
  const end = new AbortController();
  let pods: readonly ShopPod[] = [];
  let hindrances: readonly string[] = [];
  // One that fails is made up for by the next: the person waits for what is to come, not for this.
  const itemsOf = async (group: string, plural: string) =>
    (await client.list(placeOf(group, plural)).catch(() => undefined))?.items;
  const isReady = () =>
    apps.every((app) => pods.some((pod) => pod.app === app)) && pods.every((pod) => pod.isReady);
  const looking = (async () => {
    while (!end.signal.aborted) {
      const found = await itemsOf('', 'pods');
      pods = found?.map(podOf) ?? pods;
      const deployments = isReady() ? [] : await itemsOf('apps', 'deployments');
      hindrances = [
        ...(found ?? []).flatMap(hindrancesOf),
        ...(deployments ?? []).flatMap(refusalsOf),
      ];
      await pause(lookMs);
    }
  })();
  return {
    apps,
    pods: () => pods.toSorted((one, other) => one.name.localeCompare(other.name)),
    isReady,
    hindrances: () => hindrances,
    async stop() {
      end.abort();
      await looking;
    },
  };
}

function podOf(pod: KubeObject): ShopPod {
  const { metadata } = pod;
  return {
    name: metadata.name,
    app: appOf(pod),
    isReady: isSo(pod, 'Ready', 'True') && textAt(metadata, 'deletionTimestamp') === undefined,
    isInjected:
      textAt(objectAt(metadata, 'annotations') ?? {}, 'otel-retrofit.dev/injected') !== undefined,
  };
}

const appOf = ({ metadata }: KubeObject) =>
  textAt(objectAt(metadata, 'labels') ?? {}, 'app') ?? metadata.name;

const isSo = (object: KubeObject, type: string, status: string) =>
  conditionsOf(object, type, status).length > 0;

const conditionsOf = (object: KubeObject, type: string, status: string) =>
  partsOf(object, 'conditions').filter(
    (one) => textAt(one, 'type') === type && textAt(one, 'status') === status,
  );

const partsOf = (object: KubeObject, name: string) =>
  (listAt(objectAt(object, 'status') ?? {}, name) ?? []).filter(isObject);

function hindrancesOf(pod: KubeObject): readonly string[] {
  const waits = [...partsOf(pod, 'initContainerStatuses'), ...partsOf(pod, 'containerStatuses')]
    .map((one) => objectAt(objectAt(one, 'state') ?? {}, 'waiting') ?? {})
    .filter((one) => !isUsual.has(textAt(one, 'reason')));
  return [...conditionsOf(pod, 'PodScheduled', 'False'), ...waits].map((one) =>
    hindrance(pod, one),
  );
}

/** Of a container that runs, and of every other before it does. */
const isUsual = new Set([undefined, 'ContainerCreating', 'PodInitializing']);

/** No pod is there that could tell. */
const refusalsOf = (deployment: KubeObject) =>
  conditionsOf(deployment, 'ReplicaFailure', 'True').map((one) => hindrance(deployment, one));

function hindrance(object: KubeObject, told: JsonObject): string {
  const words = [textAt(told, 'reason'), textAt(told, 'message')];
  return `${appOf(object)} waits: ${words.filter((word) => word !== undefined).join(': ')}`;
}
