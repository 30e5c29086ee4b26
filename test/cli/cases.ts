import { spawn } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** A folder with a command to run in it. */
export interface Case {
  readonly name: string;
  readonly folder: string;
  readonly words: readonly string[];
  /** The file that is piped in. */
  readonly stdin: string | undefined;
}

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number | null;
  readonly signal: NodeJS.Signals | null;
}

export const root = join(import.meta.dirname, '../fixtures/manifests');
export const launcher = join(import.meta.dirname, '../../bin/retrofit.js');

export const cases = (): readonly Case[] =>
  globSync(join(root, '**/command'))
    .toSorted()
    .map((path) => readCase(dirname(path)));

function readCase(folder: string): Case {
  const command = readFileSync(join(folder, 'command'), 'utf8').trim();
  const [line = '', stdin] = command.split(' < ');
  const [program, ...words] = line.split(' ');
  if (program !== 'retrofit') throw new Error(`${folder}: a command begins with retrofit`);
  return { name: relative(root, folder), folder, words, stdin };
}

/** What a run must come to, as its folder says. */
export function expected(folder: string): Omit<Ran, 'signal'> {
  const read = (name: string) => {
    const path = join(folder, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  return { stdout: read('stdout'), stderr: read('stderr'), exit: Number(read('exit')) };
}

export interface Setting {
  readonly folder?: string;
  readonly stdin?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

/** Runs the program as a person would, in its own process. */
export function run(
  words: readonly string[],
  { folder = root, stdin = '', environment = process.env }: Setting = {},
): Promise<Ran> {
  const child = spawn(process.execPath, [launcher, ...words], { cwd: folder, env: environment });
  const out: Buffer[] = [];
  const error: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => error.push(chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  const { promise, resolve, reject } = Promise.withResolvers<Ran>();
  child.on('error', reject);
  child.on('close', (exit, signal) => {
    const [stdout, stderr] = [out, error].map((chunks) => Buffer.concat(chunks).toString());
    resolve({ stdout: stdout ?? '', stderr: stderr ?? '', exit, signal });
  });
  return promise;
}

const { NODE_V8_COVERAGE: _coverage, ...environment } = process.env;

/**
 * Nobody measures coverage in the program's own processes: that would be inexact with what was compiled
 * before, and the same code is run again inside the tests' own process.
 */
export const uncovered: NodeJS.ProcessEnv = environment;

/** What is piped in. */
export const inputOf = ({ folder, stdin }: Case): string =>
  stdin === undefined ? '' : readFileSync(join(folder, stdin), 'utf8');

export const runCase = (one: Case, env = process.env): Promise<Ran> =>
  run(one.words, { folder: one.folder, stdin: inputOf(one), environment: env });

/** So many processes at once keep two cores busy; more would only wait for each other. */
export function lanes(count: number): <T>(act: () => Promise<T>) => Promise<T> {
  let free = count;
  const waiting: (() => void)[] = [];
  return async (act) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await act();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}
