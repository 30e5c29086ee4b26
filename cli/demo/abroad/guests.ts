import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '../../../controller/kube/client.ts';
import type { KubeObject } from '../../../controller/kube/resource.ts';
import { isObject, listAt, objectAt, textAt } from '../../../domain/json.ts';
import type { ShopPod } from '../shop/shop.ts';
import { apps } from './belongings.ts';

/** The shop in a cluster that is not ours: its pods, as they were a moment ago. */
export interface Guests {
  readonly apps: readonly string[];
  readonly pods: () => readonly ShopPod[];
  /** Whether every service is there and at work. */
  readonly isReady: () => boolean;
  stop(): Promise<void>;
}

const lookMs = 500;
const place = {
  resource: { group: '', version: 'v1', plural: 'pods', namespaced: true },
  namespace: 'shop',
};

export function watchShop(client: Client): Guests {
  const end = new AbortController();
  let pods: readonly ShopPod[] = [];
  const looking = (async () => {
    while (!end.signal.aborted) {
      // One that fails is made up for by the next: the person waits for what is to come, not for this.
      const page = await client.list(place).catch(() => undefined);
      pods = page?.items.map(podOf) ?? pods;
      await pause(lookMs);
    }
  })();
  return {
    apps,
    pods: () => pods.toSorted((one, other) => one.name.localeCompare(other.name)),
    isReady: () =>
      apps.every((app) => pods.some((pod) => pod.app === app)) &&
      pods.every(({ isReady }) => isReady),
    async stop() {
      end.abort();
      await looking;
    },
  };
}

function podOf(pod: KubeObject): ShopPod {
  const { metadata } = pod;
  const conditions = listAt(objectAt(pod, 'status') ?? {}, 'conditions') ?? [];
  const isReady = conditions
    .filter(isObject)
    .some((one) => textAt(one, 'type') === 'Ready' && textAt(one, 'status') === 'True');
  return {
    name: metadata.name,
    app: textAt(objectAt(metadata, 'labels') ?? {}, 'app') ?? '',
    isReady: isReady && textAt(metadata, 'deletionTimestamp') === undefined,
    isInjected:
      textAt(objectAt(metadata, 'annotations') ?? {}, 'otel-retrofit.dev/injected') !== undefined,
  };
}
