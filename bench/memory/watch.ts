import { setTimeout as pause } from 'node:timers/promises';
import { images } from '../../config/images.ts';
import { createClient } from '../../controller/kube/client.ts';
import { readKubeConfig } from '../../controller/kube/credentials.ts';
import { createTransport } from '../../controller/kube/transport.ts';
import { createLog } from '../../controller/log.ts';
import { createCaches } from '../../controller/loop/caches.ts';
import { createMetrics } from '../../metrics/observe.ts';
import { observeBlocks } from '../loop/blocks.ts';

/** What one process saw that filled its caches. Bytes, and milliseconds. */
export interface Seen {
  readonly pods: number;
  readonly idleHeap: number;
  readonly keptHeap: number;
  readonly idleRss: number;
  readonly peakRss: number;
  readonly tookMs: number;
  readonly cpuMs: number;
  /** Before the first pod came: connections are made, and no code is warm. */
  readonly startCpuMs: number;
  readonly longestWallMs: number;
  readonly longestCpuMs: number;
}

/** Runs the controller's caches against a server and tells what that took. */
async function watch(kubeconfig: string, wanted: number): Promise<Seen> {
  const log = createLog({ level: 'warn', format: 'json' });
  const marked = new Set<string>();
  const metrics = createMetrics(
    { version: 'bench', node: process.version },
    { certificates: () => [], caches: () => caches.caches(), loop: () => undefined },
  );
  const transport = createTransport(readKubeConfig({ file: kubeconfig }), {
    version: 'bench',
    observe: metrics.observeCall,
  });
  const caches = createCaches({
    client: createClient(transport),
    defaults: { images, disabled: [] },
    onMark: (workload) => marked.add(workload),
    listener: {
      onState: () => undefined,
      onFault: (resource, fault) => log.warn('watch interrupted', { resource, cause: fault }),
    },
  });
  const idle = await atRest();
  const ending = new AbortController();
  const hasBegun = () => caches.kept.pods.size > 0;
  const atStart = observeBlocks(() => !hasBegun());
  const blocks = observeBlocks(hasBegun);
  const before = process.cpuUsage();
  const startedAt = performance.now();
  const running = caches.run(ending.signal);
  while (caches.missing().length > 0 || caches.kept.pods.size < wanted) await pause(20);
  const tookMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(before);
  const { longestWallMs, longestCpuMs } = blocks.end();
  const startCpuMs = atStart.end().longestCpuMs;
  const peakRss = process.resourceUsage().maxRSS * 1_024;
  const kept = await atRest();
  const pods = caches.kept.pods.size;
  ending.abort();
  await running;
  await transport.close();
  return {
    pods,
    idleHeap: idle.heapUsed,
    keptHeap: kept.heapUsed - idle.heapUsed,
    idleRss: idle.rss,
    peakRss,
    tookMs,
    cpuMs: (user + system) / 1_000,
    startCpuMs,
    longestWallMs,
    longestCpuMs,
  };
}

/** The garbage of one collection may free what only a second one finds. */
async function atRest(): Promise<NodeJS.MemoryUsage> {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc?.();
    await pause(50);
  }
  return process.memoryUsage();
}

const [, , kubeconfig = '', wanted = '0'] = process.argv;
process.stdout.write(`${JSON.stringify(await watch(kubeconfig, Number(wanted)))}\n`);
