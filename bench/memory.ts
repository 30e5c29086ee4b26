import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { findSource } from '../test/cluster/binaries.ts';
import { kubeconfigOf } from '../test/cluster/plane/flags.ts';
import { startCluster } from '../test/cluster/start.ts';
import { fill } from './memory/plane.ts';
import { podOf } from './memory/pods.ts';
import { serveStream } from './memory/stream.ts';
import type { Seen } from './memory/watch.ts';

/**
 * What the caches of the controller cost: how much heap they keep, how high memory rises while they
 * are filled, and how long they hold up everything else. Each figure stands beside its aim.
 */
const aims = {
  blockMs: 20,
  20_000: { keptMb: 20, peakMb: 180 },
  100_000: { keptMb: undefined, peakMb: 220 },
} as const;

const folder = await mkdtemp(join(tmpdir(), 'retrofit-bench-'));
try {
  const program = await bundle(folder);
  const isThere = (await findSource(process.env)).kind === 'programs';
  const rows = [
    isThere ? await fromControlPlane(program) : await fromStream(program, 20_000),
    ...(isThere ? [await fromStream(program, 20_000)] : []),
    await fromStream(program, 100_000),
  ];
  console.table(Object.fromEntries(rows));
  const bytes = JSON.stringify(podOf(0)).length;
  console.log(
    `Streamed pods have ${bytes} bytes. Heap is above idle; RSS is the highest up to the end of the first list.`,
  );
  if (!isThere) console.log('No control plane is cached: run `npm run test:cluster` once for it.');
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** As it is shipped: one file, which loads fewer megabytes than the packages do. */
async function bundle(directory: string): Promise<string> {
  const outfile = join(directory, 'watch.mjs');
  const banner = `import{createRequire}from'node:module';const require=createRequire(import.meta.url);`;
  await build({
    entryPoints: [join(import.meta.dirname, 'memory/watch.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    minify: true,
    keepNames: true,
    banner: { js: banner },
    logLevel: 'error',
  });
  return outfile;
}

type Row = readonly [title: string, figures: Readonly<Record<string, string | number>>];

async function fromControlPlane(program: string): Promise<Row> {
  const pods = 20_000;
  const cluster = await startCluster({ controllers: false });
  try {
    await fill(cluster, pods);
    return row(await measure(program, cluster.kubeconfig, pods), 'real API server', pods);
  } finally {
    await cluster.stop();
  }
}

async function fromStream(program: string, pods: 20_000 | 100_000): Promise<Row> {
  const { server, caPem, stop } = await serveStream(pods);
  try {
    const kubeconfig = join(folder, `${pods}.kubeconfig`);
    await writeFile(kubeconfig, kubeconfigOf({ server, caPem, token: 'bench' }));
    return row(await measure(program, kubeconfig, pods), 'recorded stream', pods);
  } finally {
    await stop();
  }
}

async function measure(program: string, kubeconfig: string, pods: number): Promise<Seen> {
  const flags = ['--max-semi-space-size=8', '--expose-gc'];
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...flags,
    program,
    kubeconfig,
    String(pods),
  ]);
  const lines = stdout.trimEnd().split('\n');
  for (const line of lines.slice(0, -1)) console.error(line);
  return JSON.parse(lines.at(-1) ?? '') as Seen;
}

function row(seen: Seen, source: string, pods: 20_000 | 100_000): Row {
  const { keptMb, peakMb } = aims[pods];
  return [
    `${seen.pods} pods, ${source}`,
    {
      'heap kept, MB': beside(megabytes(seen.keptHeap), keptMb),
      'bytes a pod': Math.round(seen.keptHeap / seen.pods),
      'idle RSS, MB': Math.round(megabytes(seen.idleRss)),
      'peak RSS, MB': beside(megabytes(seen.peakRss), peakMb),
      'block at start, ms of CPU': seen.startCpuMs.toFixed(1),
      'longest block, ms of CPU': beside(seen.longestCpuMs, aims.blockMs),
      'longest block, ms by the clock': seen.longestWallMs.toFixed(1),
      seconds: (seen.tookMs / 1_000).toFixed(1),
      'seconds of CPU': (seen.cpuMs / 1_000).toFixed(1),
    },
  ];
}

function beside(value: number, aim: number | undefined): string {
  return aim === undefined ? value.toFixed(1) : `${value.toFixed(1)} (aim ${aim})`;
}

function megabytes(bytes: number): number {
  return bytes / 1_000_000;
}
