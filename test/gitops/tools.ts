import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { goEnvironment, type Environment } from '../cluster/binaries.ts';

/** Programs of others, each at the version that was looked at, built from its Go module. */
export const tools = {
  helm3: { module: 'helm.sh/helm/v3', version: 'v3.22.0', command: 'cmd/helm' },
  helm4: { module: 'helm.sh/helm/v4', version: 'v4.3.1', command: 'cmd/helm' },
  /** What Argo CD runs health checks with. */
  glua: { module: 'github.com/yuin/gopher-lua', version: 'v1.1.1', command: 'cmd/glua' },
  /** Its go.mod is ours: what a module replaces counts only where it is built itself. */
  flux: {
    module: 'github.com/fluxcd/kustomize-controller',
    version: 'v1.9.5',
    command: 'kustomize-controller',
    pinnedIn: 'flux',
    /** Whose definitions of custom resources it works with. */
    definitions: ['github.com/fluxcd/kustomize-controller', 'github.com/fluxcd/source-controller'],
  },
} as const;

export type Tool = keyof typeof tools;

interface Made {
  readonly module: string;
  readonly version: string;
  readonly command: string;
}

interface Pinned extends Made {
  readonly pinnedIn: string;
  readonly definitions: readonly string[];
}

const run = promisify(execFile);

/** Where a program is kept once it has been built. */
export function placeOf(tool: Tool, env: Environment = process.env): string {
  const cache =
    env['RETROFIT_CACHE'] ??
    join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'otel-retrofit');
  const { version, command } = tools[tool];
  return join(cache, 'tools', `${tool}-${version}`, command.split('/').at(-1) ?? '');
}

export const isBuilt = (tool: Tool): boolean => existsSync(placeOf(tool));

/** A program that is half built is never seen: its folder gets its name when it is whole. */
export async function build(tool: Tool, limitMs = 0): Promise<void> {
  const folder = join(placeOf(tool), '..');
  const unfinished = `${folder}-${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  try {
    const made = tools[tool];
    if ('pinnedIn' in made) await buildPinned(made, unfinished, limitMs);
    else await install(made, unfinished);
    if (!existsSync(folder)) await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

const goOptions = { env: goEnvironment(process.env), maxBuffer: 64 * 1024 * 1024 };

const install = ({ module, version, command }: Made, folder: string) =>
  run('go', ['install', '-ldflags=-s -w', `${module}/${command}@${version}`], {
    ...goOptions,
    env: { ...goOptions.env, GOBIN: folder },
  });

/** What has been compiled when the limit is reached is kept by Go: the next build goes on from there. */
async function buildPinned(made: Pinned, folder: string, limitMs: number): Promise<void> {
  const { module, version, command, pinnedIn, definitions } = made;
  const options = { ...goOptions, cwd: join(import.meta.dirname, pinnedIn) };
  const args = ['build', '-ldflags=-s -w', '-o', join(folder, command), module];
  await run('go', args, { ...options, timeout: limitMs });
  await mkdir(join(folder, 'definitions'));
  for (const one of definitions) {
    const { stdout } = await run('go', ['mod', 'download', '-json', `${one}@${version}`], options);
    const { Dir: source } = JSON.parse(stdout) as { readonly Dir: string };
    const bases = join(source, 'config/crd/bases');
    for (const file of readdirSync(bases))
      await writeFile(join(folder, 'definitions', file), readFileSync(join(bases, file)));
  }
}
