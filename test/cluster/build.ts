import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  cacheFor,
  findSource,
  goEnvironment,
  goVersion,
  type Environment,
  type Source,
} from './binaries.ts';
import { until } from './until.ts';

const buildLimitMs = 45 * 60_000;

const startedAt = performance.now();
const source = await findOrBuild(process.env);
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
if (source.kind === 'missing') {
  console.error(source.remedy);
  process.exitCode = 1;
} else {
  const place =
    source.kind === 'existing' ? `the cluster of ${source.kubeconfig}` : source.directory;
  console.log(`Control plane: ${place} (found or built in ${seconds} s).`);
}

/** Takes what is there; builds where nothing is, and Go can. */
async function findOrBuild(env: Environment): Promise<Source> {
  const found = await findSource(env);
  if (found.kind !== 'missing' || env['KUBEBUILDER_ASSETS']) return found;
  const go = await goVersion(env);
  if (go === undefined) return found;
  if (Number(/^go1\.(\d+)/.exec(go)?.[1]) < 26) {
    return { kind: 'missing', remedy: `${found.remedy} The Go here is too old: ${go}.` };
  }
  await buildAlone(cacheFor(env, go), env);
  return findSource(env);
}

/** Two runs at once build once: the second waits, and finds what the first has built. */
async function buildAlone(directory: string, env: Environment): Promise<void> {
  await mkdir(directory, { recursive: true });
  const lock = join(directory, 'lock');
  const isOurs = await until(
    () => (existsSync(join(directory, 'bin')) ? 'built' : takeLock(lock)),
    {
      what: `another build in ${directory} has ended`,
      timeoutMs: buildLimitMs,
    },
  );
  if (isOurs === 'built') return;
  try {
    await build(directory, env);
  } finally {
    await rm(lock);
  }
}

/** A lock whose owner has died is no lock. */
async function takeLock(lock: string): Promise<'taken' | undefined> {
  try {
    const file = await open(lock, 'wx');
    await file.writeFile(String(process.pid));
    await file.close();
    return 'taken';
  } catch {
    const owner = Number(await readFile(lock, 'utf8'));
    if (owner > 0 && !isAlive(owner)) await rm(lock);
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** What is half built is never seen: the folder gets its name when all is in it. */
async function build(directory: string, env: Environment): Promise<void> {
  const leftovers = readdirSync(directory).filter((name) => name.startsWith('building'));
  for (const name of leftovers) await rm(join(directory, name), { recursive: true });

  console.log(
    'Building a control plane with Go: some seven minutes the first time, then never again.',
  );
  const unfinished = join(directory, `building-${process.pid}`);
  const packages = [
    'k8s.io/kubernetes/cmd/kube-apiserver',
    'k8s.io/kubernetes/cmd/kube-controller-manager',
    'k8s.io/kubernetes/cmd/kubectl',
    'go.etcd.io/etcd/server/v3',
  ];
  const flags = ['-ldflags', linkerFlags(), '-o', `${unfinished}/`];
  const go = spawn('go', ['build', ...flags, ...packages], {
    cwd: import.meta.dirname,
    env: goEnvironment(env),
    stdio: 'inherit',
  });
  const [code] = await once(go, 'exit');
  if (code !== 0) throw new Error('go build failed; what it printed above says why.');
  await rename(join(unfinished, 'server'), join(unfinished, 'etcd'));
  await rename(unfinished, join(directory, 'bin'));
}

/** A server that does not know its version is misjudged by its clients, and go build does not tell it. */
function linkerFlags(): string {
  const modules = readFileSync(join(import.meta.dirname, 'go.mod'), 'utf8');
  const version = /k8s\.io\/kubernetes (v\S+)/.exec(modules)?.[1];
  if (version === undefined) throw new Error('go.mod does not say which Kubernetes it wants.');
  return `-s -w -X k8s.io/component-base/version.gitVersion=${version}`;
}
