import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Something that is fetched or built once for all runs that follow. */
export interface Part {
  /** With all that decides what it is: another version is another part. */
  readonly name: string;
  /** What the machine must have for it. */
  readonly needs: string;
  /** Puts it into an empty folder. */
  readonly fill: (folder: string) => Promise<unknown>;
}

const home = () =>
  join(
    process.env['RETROFIT_CACHE'] ??
      join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'otel-retrofit'),
    'agents',
  );

export const folderOf = ({ name }: Part): string => join(home(), name);

export const isThere = (part: Part): boolean => existsSync(folderOf(part));

/** What is half made is never seen: the folder gets its name when all is in it. */
export async function make(part: Part): Promise<void> {
  const folder = folderOf(part);
  const unfinished = join(home(), `unfinished-${process.pid}-${part.name}`);
  await mkdir(unfinished, { recursive: true });
  try {
    await part.fill(unfinished);
    if (!existsSync(folder)) await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Whoever was ended while making something has left it half made. */
export async function sweep(): Promise<void> {
  if (!existsSync(home())) return;
  for (const name of readdirSync(home())) {
    const owner = /^unfinished-(\d+)-/.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner)))
      await rm(join(home(), name), { recursive: true, force: true });
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

export interface Run {
  readonly in?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** What a program says, or what it said before it failed. */
export async function run(file: string, args: readonly string[], how: Run = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(file, args, {
    cwd: how.in,
    env: how.env ?? outside,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout.trim();
}

/** Each tool as its user has set it up: npm tells its scripts about this package, not about theirs. */
export const outside: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')),
);

export const digest = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 12);
