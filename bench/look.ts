import { execFileSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ask } from './loop/talk.ts';
import type { Ready } from './look/plane.ts';
import { podsPerWorkload } from './sandbox/deployment.ts';
import { end, spentMs, start } from './webhook/programs.ts';

/*
 * How long a person waits for `status`, `plan` and `doctor` in a large cluster, from the command to
 * its prompt, beside a program that only reads and parses the same lists. All take their turns in
 * each round, so that a busy machine disturbs each alike. All find compiled what they ran before.
 */

const workloads = Number(process.env['WORKLOADS'] ?? 5_000);
const rounds = Number(process.env['ROUNDS'] ?? 5);
const aimMs = 1_000;

const root = join(import.meta.dirname, '..');
const here = join(import.meta.dirname, 'look');
const directory = mkdtempSync(join(tmpdir(), 'retrofit-bench-'));
const access = join(directory, 'access.json');
const kubeconfig = join(directory, 'kubeconfig');
const program = process.env['PROGRAM'] ?? join(directory, 'package/bin/retrofit.js');

const inOne = ['-n', 'team-0', '--kubeconfig', kubeconfig];
const looks: Readonly<Record<string, readonly string[]>> = {
  'floor: fetch and parse': [join(here, 'floor.ts'), access],
  status: [program, 'status', '--kubeconfig', kubeconfig],
  plan: [program, 'plan', '--kubeconfig', kubeconfig],
  doctor: [program, 'doctor', '--kubeconfig', kubeconfig],
  'status -n': [program, 'status', ...inOne],
  'doctor workload -n': [program, 'doctor', 'deployment/workload-0', ...inOne],
};

/** As `spent.js` tells it. */
interface Spent {
  readonly cpuMs: number;
  readonly mostMb: number;
}

interface Seen extends Spent {
  readonly wallMs: number;
  readonly planeMs: number;
}

const plane = start([join(here, 'plane.ts'), String(workloads)], 0);
try {
  if (process.env['PROGRAM'] === undefined) makePackage(join(directory, 'package'));
  const ready = await readyOf(plane);
  writeFileSync(access, JSON.stringify(ready));
  writeFileSync(kubeconfig, ready.kubeconfig);
  await compare(workloads * podsPerWorkload);
  const { left } = await ask<{ left: number }>(plane, {});
  await compare(left);
} finally {
  await end(plane);
  rmSync(directory, { recursive: true, force: true });
}

/** What `npm install` brings: in a clone the program waits for its TypeScript as well. */
function makePackage(folder: string): void {
  for (const name of ['package.json', 'bin/older.js', 'bin/retrofit.js']) {
    cpSync(join(root, name), join(folder, name));
  }
  const bundle = [join(root, 'bin/bundle.js'), join(folder, 'dist/bundle')];
  execFileSync(process.execPath, bundle, { stdio: 'ignore' });
}

async function readyOf(child: ChildProcess): Promise<Ready> {
  if (child.stdout === null) throw new Error('The sandbox has no output.');
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`The sandbox ended with ${code}.`);
  });
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), died]);
  return JSON.parse(line as string) as Ready;
}

async function compare(pods: number): Promise<void> {
  const seen = new Map<string, Seen[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, args] of Object.entries(looks)) {
      seen.set(name, [...(seen.get(name) ?? []), await run(args)]);
    }
  }
  console.log(
    `\n${workloads} workloads, ${pods} pods; the best and the median of ${rounds} rounds`,
  );
  console.table(Object.fromEntries([...seen].map(([name, all]) => [name, rowOf(all)])));
}

async function run(args: readonly string[]): Promise<Seen> {
  const file = join(directory, 'spent.json');
  process.env['BENCH_SPENT'] = file;
  const before = spentMs(plane);
  const startedAt = performance.now();
  const child = start(['--import', join(here, 'spent.js'), ...args]);
  child.stdout?.resume();
  const [code] = (await once(child, 'exit')) as [number | null];
  const wallMs = performance.now() - startedAt;
  if (code !== 0 && code !== 1) throw new Error(`${args.join(' ')} ended with ${code}.`);
  const spent = JSON.parse(readFileSync(file, 'utf8')) as Spent;
  return { ...spent, wallMs, planeMs: spentMs(plane) - before };
}

function rowOf(all: readonly Seen[]) {
  const shown = (of: (seen: Seen) => number) => {
    const sorted = all.map(of).toSorted((one, other) => one - other);
    return `${sorted[0]?.toFixed(0)} / ${sorted[Math.floor(sorted.length / 2)]?.toFixed(0)}`;
  };
  return {
    [`ms until the prompt (aim ${aimMs})`]: shown(({ wallMs }) => wallMs),
    'its CPU, ms': shown(({ cpuMs }) => cpuMs),
    "the sandbox's CPU, ms": shown(({ planeMs }) => planeMs),
    'peak RSS, MB': shown(({ mostMb }) => mostMb),
  };
}
