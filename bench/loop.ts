import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { measureAtRest, type Programs } from './loop/at-rest.ts';
import { measureMending } from './loop/mending.ts';
import { costTable, delayTable, judgementTable, mendingTable } from './loop/tables.ts';
import { podsPerWorkload } from './sandbox/deployment.ts';
import { findSource } from '../test/cluster/binaries.ts';

/*
 * What the loop costs: how soon a restart is sent in a large cluster at rest, how long it takes to
 * judge all of it, and how long to mend a thousand workloads that want it at once, beside a script
 * that does nothing else. The budget is wider than any setting allows: else it would be measured.
 */

const workloads = Number(process.env['WORKLOADS'] ?? 5_000);
const deployments = Number(process.env['DEPLOYMENTS'] ?? 1_000);
const directory = await mkdtemp(join(tmpdir(), 'retrofit-bench-'));
try {
  const programs = await bundle();
  if (workloads > 0) await atRest(programs);
  if (deployments > 0) await mending(programs);
} finally {
  await rm(directory, { recursive: true, force: true });
}

async function atRest(programs: Programs): Promise<void> {
  const figures = await measureAtRest(programs, workloads);
  console.log(`\n${workloads} workloads, ${workloads * podsPerWorkload} pods, in the sandbox`);
  console.log('From a change until the restart that it asks for is carried out:');
  console.table(delayTable(figures));
  console.table(judgementTable(figures));
  console.table(costTable(figures));
}

async function mending(programs: Programs): Promise<void> {
  if ((await findSource(process.env)).kind !== 'programs') {
    console.log('No control plane is cached: run `npm run test:cluster` once for it.');
    return;
  }
  console.log(`\n${deployments} Deployments on a real control plane, until the last is patched:`);
  console.table(mendingTable(await measureMending(programs, deployments)));
}

/** As it is shipped: in one file, which loads fewer megabytes than the packages do. */
async function bundle(): Promise<Programs> {
  const root = join(import.meta.dirname, '..');
  const banner = `import{createRequire}from'node:module';const require=createRequire(import.meta.url);`;
  await build({
    absWorkingDir: root,
    entryPoints: { controller: 'bench/loop/controller.ts', retrofit: 'cli/main.ts' },
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    minify: true,
    keepNames: true,
    external: ['supports-color'],
    banner: { js: banner },
    logLevel: 'error',
  });
  return {
    directory,
    controller: join(directory, 'controller.mjs'),
    retrofit: join(directory, 'retrofit.mjs'),
  };
}
