import { execFile } from 'node:child_process';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { goEnvironment } from '../../cluster/binaries.ts';
import { isBuilt, manifests, placeOf, tools, type Tool } from './tools.ts';

const run = promisify(execFile);

/** What a module replaces counts only where it is built itself, so the go.mod of this folder repeats it. */
const pinned = join(import.meta.dirname, 'program');

const options = {
  cwd: pinned,
  env: goEnvironment(process.env),
  maxBuffer: 64 * 1024 * 1024,
};

/** In this order: what comes later needs what was there before. */
const builds: Readonly<Record<Tool, (folder: string) => Promise<unknown>>> = {
  redis: (folder) => run('bash', [join(import.meta.dirname, 'unpack.sh'), folder]),
  kustomize: (folder) =>
    run(
      'go',
      ['install', '-ldflags=-s -w', `${tools.kustomize.command}@${tools.kustomize.version}`],
      {
        ...options,
        env: { ...options.env, GOBIN: folder },
      },
    ),
  argocd: async (folder) => {
    const { module, command } = tools.argocd;
    await run('go', ['build', '-ldflags=-s -w', '-o', join(folder, 'argocd'), command], options);
    const { stdout } = await run('go', ['list', '-m', '-f', '{{.Dir}}', module], options);
    await mkdir(join(folder, 'manifests'));
    for (const part of manifests)
      await writeFile(
        join(folder, 'manifests', `${basename(part)}.yaml`),
        await rendered(join(stdout.trim(), 'manifests', part)),
      );
  },
};

const rendered = async (folder: string) =>
  (await run(join(placeOf('kustomize'), 'kustomize'), ['build', folder], options)).stdout;

/** A tool that is half built is never seen: its folder gets its name when it is whole. */
async function build(tool: Tool): Promise<void> {
  const folder = placeOf(tool);
  const unfinished = `${folder}-${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  try {
    await builds[tool](unfinished);
    if (!isBuilt(tool)) await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Builds what is not there yet, once for all runs that follow, and says what there is in the end. */
for (const tool of Object.keys(builds) as Tool[]) {
  const startedAt = performance.now();
  const isNew = !isBuilt(tool);
  if (isNew && tool === 'argocd')
    console.log(
      'Building Argo CD with Go: some twenty minutes of work the first time, then never again.',
    );
  if (isNew) await build(tool);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${tool} ${tools[tool].version} (found or built in ${seconds} s).`);
}
