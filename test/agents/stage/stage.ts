import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { annotations } from '../../../crds/names.ts';
import { startKubelet } from '../../../sandbox/kubelet/kubelet.ts';
import { openKeeper } from '../../cluster/plane/programs.ts';
import { until } from '../../cluster/until.ts';
import { make, sandboxPlane, type Plane } from '../../journeys/stage/plane.ts';
import { startProduct } from '../../journeys/stage/product.ts';
import { folderOf } from '../parts/cache.ts';
import { findParts } from '../parts/parts.ts';
import { startCollector, type Collector } from './collector.ts';
import { apps, imagesOf } from './apps.ts';
import { buildShop, type Shop } from './shop.ts';

export interface Stage {
  readonly shop: Shop;
  /** Two of the services, whose agents are told port 4317 and no protocol, as tutorials do. */
  readonly corner: Shop;
  readonly collector: Collector;
  /** What every sender of this run, and no other, says of itself. */
  readonly run: string;
  /** How long each step took. */
  readonly times: readonly string[];
  stop(): Promise<void>;
}

/** A cluster with the product, a Collector, an Instrumentation that leads to it, and then the shop. */
export async function setStage(run: string): Promise<Stage> {
  const open: (() => Promise<unknown>)[] = [];
  const opened = <T extends { stop(): Promise<unknown> }>(one: T): T => {
    open.push(() => one.stop());
    return one;
  };
  const stop = async () => {
    for (const close of open.toReversed()) await close();
  };
  const times: string[] = [];
  let last = performance.now();
  const told = (what: string) => {
    times.push(`${what} after ${((performance.now() - last) / 1000).toFixed(1)} s`);
    last = performance.now();
  };
  try {
    const directory = await mkdtemp(join(tmpdir(), 'retrofit-agents-'));
    open.push(() => rm(directory, { recursive: true, force: true }));
    const keeper = openKeeper(directory);
    open.push(() => keeper.end());
    const parts = await findParts();
    const program = join(folderOf(parts.collector), 'collector');
    const collector = await startCollector(keeper, program, directory);
    told('the Collector listens');
    const plane = opened(await sandboxPlane());
    opened(await startProduct(plane));
    await prepare(plane, namespaces.shop, instrumentation(collector.endpoint, run));
    await prepare(plane, namespaces.corner, instrumentation(collector.grpcEndpoint, run));
    told('the webhook injects');
    const pods = join(directory, 'pods');
    await mkdir(pods);
    const images = imagesOf(parts);
    const kubelet = opened(await startKubelet({ api: plane.api, images, directory: pods }));
    const [shop, corner] = await Promise.all([
      buildShop(plane, kubelet, { namespace: namespaces.shop, apps, withTwins: true }),
      buildShop(plane, kubelet, { namespace: namespaces.corner, apps: fluent, withTwins: false }),
    ]);
    opened(shop);
    opened(corner);
    told('all services are ready');
    return { shop, corner, collector, run, times, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

export const namespaces = { shop: 'shop', corner: 'corner' } as const;

/** The agent for Python speaks no gRPC. */
const fluent = apps.filter(({ language }) => language !== 'python');

async function prepare(plane: Plane, namespace: string, settings: object): Promise<void> {
  await plane.createNamespace(namespace);
  const path = `/apis/opentelemetry.io/v1alpha1/namespaces/${namespace}/instrumentations`;
  await make(plane.api, path, settings);
  await until(() => isInjected(plane, namespace), { what: 'a pod that asks is injected' });
}

/** Telemetry leaves soon, for somebody is waiting; and nobody looks for a cloud. */
const instrumentation = (endpoint: string, run: string) => ({
  apiVersion: 'opentelemetry.io/v1alpha1',
  kind: 'Instrumentation',
  metadata: { name: 'agents' },
  spec: {
    exporter: { endpoint },
    propagators: ['tracecontext', 'baggage'],
    sampler: { type: 'parentbased_always_on' },
    resource: { resourceAttributes: { 'test.run': run } },
    env: [
      { name: 'OTEL_BSP_SCHEDULE_DELAY', value: '200' },
      { name: 'OTEL_BLRP_SCHEDULE_DELAY', value: '200' },
      { name: 'OTEL_METRIC_EXPORT_INTERVAL', value: '2000' },
      { name: 'OTEL_METRIC_EXPORT_TIMEOUT', value: '1900' },
    ],
    nodejs: { env: [{ name: 'OTEL_NODE_RESOURCE_DETECTORS', value: 'env,host,os,process' }] },
  },
});

/** For a try: nothing is stored. */
async function isInjected({ api }: Plane, namespace: string): Promise<boolean> {
  const pod = {
    metadata: { name: 'try', annotations: { [annotations.inject('nodejs')]: 'true' } },
    spec: { containers: [{ name: 'one', image: 'none' }] },
  };
  const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`;
  const { body } = await api.call<{
    readonly spec: { readonly initContainers?: readonly object[] };
  }>('POST', path, pod);
  return (body.spec.initContainers ?? []).length > 0;
}
