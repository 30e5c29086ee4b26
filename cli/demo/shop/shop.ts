import type { KubeObject } from '../../../sandbox/api.ts';
import { sendCustomers, type Customers } from './customers.ts';
import { create, manifestsIn, type Manifest } from '../manifests.ts';
import { openService, type Service } from './services.ts';
import type { Stage } from '../stage.ts';

/** A pod, so far as the story tells of it. */
export interface ShopPod {
  readonly name: string;
  readonly app: string;
  readonly isReady: boolean;
  readonly isInjected: boolean;
}

export interface Shop {
  readonly apps: readonly string[];
  readonly pods: () => readonly ShopPod[];
  /** Whether all of its pods are there and at work. */
  readonly isReady: () => boolean;
  /** Lets customers in. */
  readonly open: () => Customers;
  stop(): Promise<void>;
}

/** Services that call each other, each by an address that its pods share. */
export async function buildShop({ api, kubelet, hasPython }: Stage): Promise<Shop> {
  const pods = new Map<string, ShopPod>();
  const end = new AbortController();
  const watching = watchPods(api.watch(podsPath, end.signal), pods);
  const addressesOf = (app: string) => () =>
    [...pods.values()]
      .filter((pod) => pod.app === app && pod.isReady)
      .map(({ name }) => kubelet.addressOf({ namespace: 'shop', name }, 8080))
      .filter((address) => address !== undefined);
  const apps = ['web', 'cart', 'stock', ...(hasPython ? ['prices'] : [])];
  const [web, cart, stock, prices] = await Promise.all(
    apps.map((app) => openService(addressesOf(app))),
  );
  if (!web || !cart || !stock) throw new Error('a service is missing');
  const services: readonly Service[] = [web, cart, stock, ...(prices ? [prices] : [])];
  const words = {
    'http://stock': `http://${stock.address}`,
    'http://cart': `http://${cart.address}`,
    'http://prices': prices === undefined ? "''" : `http://${prices.address}`,
  };
  const files = ['shop.yaml', ...(hasPython ? ['prices.yaml'] : [])];
  const all = await Promise.all(files.map((file) => manifestsIn(`cli/demo/shop/${file}`, words)));
  await create(api, all.flat());
  const wanted = all.flat().reduce((sum, manifest) => sum + replicasOf(manifest), 0);
  return {
    apps,
    pods: () => [...pods.values()].toSorted((a, b) => a.name.localeCompare(b.name)),
    isReady: () => pods.size === wanted && [...pods.values()].every(({ isReady: is }) => is),
    open: () => sendCustomers(`http://${web.address}/`),
    async stop() {
      end.abort();
      await watching;
      await Promise.all(services.map((service) => service.stop()));
    },
  };
}

function replicasOf({ spec }: Manifest): number {
  const { replicas } = (spec ?? {}) as { readonly replicas?: number };
  return replicas ?? 0;
}

const podsPath = '/api/v1/namespaces/shop/pods';

async function watchPods(
  events: AsyncIterable<{ readonly type: string; readonly object: KubeObject }>,
  pods: Map<string, ShopPod>,
): Promise<void> {
  for await (const { type, object } of events) {
    const { uid, name, deletionTimestamp, labels, annotations } = object.metadata;
    if (type === 'DELETED') pods.delete(uid);
    else if (type !== 'BOOKMARK') {
      pods.set(uid, {
        name,
        app: labels?.['app'] ?? '',
        isReady: deletionTimestamp === undefined && isReady(object),
        isInjected: annotations?.['otel-retrofit.dev/injected'] !== undefined,
      });
    }
  }
}

function isReady({ status }: KubeObject): boolean {
  const conditions = status?.['conditions'];
  if (!Array.isArray(conditions)) return false;
  return conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True');
}
