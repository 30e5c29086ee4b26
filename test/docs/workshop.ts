import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { getCompileCacheDir } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from './pages.ts';

export interface Outcome {
  readonly code: number;
  /** Both streams, as a terminal shows them. */
  readonly printed: string;
}

/** A folder like a clone, and a shell in it, with nothing of its owner's in its environment. */
export interface Workshop {
  readonly write: (name: string, text: string) => void;
  readonly run: (command: string) => Promise<Outcome>;
  /** Of a command that runs until it is told to stop: starts it, waits for a line, and stops it. */
  readonly runUntil: (command: string, line: RegExp) => Promise<Outcome>;
  readonly close: () => void;
}

export interface Tools {
  readonly kubectl?: string | undefined;
  readonly kubeconfig?: string | undefined;
  /** What kubectl has learnt of the cluster; by default each workshop learns it anew. */
  readonly kubectlCache?: string | undefined;
  /** How the product is started; by default from its sources. */
  readonly retrofit?: readonly string[] | undefined;
}

const fromSources = [process.execPath, join(root, 'bin/retrofit.js')];

const ofTheClone = ['config', 'crds', 'docs', 'test', 'metrics'];

export function openWorkshop(given: Tools = {}): Workshop {
  const { kubectl, kubeconfig, kubectlCache, retrofit = fromSources } = given;
  const place = mkdtempSync(join(tmpdir(), 'retrofit-guide-'));
  const [home, tools, folder] = ['home', 'tools', 'clone'].map((name) => join(place, name)) as [
    string,
    string,
    string,
  ];
  for (const one of [home, tools, folder]) mkdirSync(one);
  for (const name of ofTheClone) symlinkSync(join(root, name), join(folder, name));
  const tool = (name: string, line: string) =>
    writeFileSync(join(tools, name), `#!/bin/sh\nexec ${line} "$@"\n`, { mode: 0o755 });
  tool('retrofit', `env ${retrofit.join(' ')}`);
  tool('npx', 'env');
  if (kubectl !== undefined) tool('kubectl', kubectl);
  const env = {
    PATH: `${tools}:/usr/bin:/bin`,
    HOME: home,
    KUBECONFIG: kubeconfig ?? join(home, 'none'),
    KUBECACHEDIR: kubectlCache ?? home,
    KUBERC: 'off',
    ...anyPorts,
    ...sparingTime,
  };
  const start = (command: string) =>
    spawn('/bin/sh', ['-c', `exec 2>&1; ${command}`], { cwd: folder, env, detached: true });
  return {
    write: (name, text) => writeFileSync(join(folder, name), text),
    run: (command) => ended(start(command)),
    runUntil: (command, line) => {
      const child = start(command);
      let printed = '';
      child.stdout.on('data', (chunk: Buffer) => {
        printed += chunk.toString();
        if (line.test(printed)) stop(child);
      });
      return ended(child);
    },
    close: () => rmSync(place, { recursive: true }),
  };
}

/** The usual ones may be somebody's on this machine. */
const anyPorts = {
  RETROFIT_WEBHOOK_PORT: '0',
  RETROFIT_METRICS_PORT: '0',
  RETROFIT_PROBE_PORT: '0',
  RETROFIT_STOP_DELAY_MS: '0',
  RETROFIT_LOG_FORMAT: 'json',
};

/** A page starts the command line dozens of times: what was compiled once is taken from where we have it. */
const cache = getCompileCacheDir();
const sparingTime = cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) };

/** The shell and what it has started. */
function stop({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, 'SIGTERM');
}

const longestMs = 60_000;
const tooLong = 124;

function ended(child: ChildProcess): Promise<Outcome> {
  const chunks: Buffer[] = [];
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    stop(child);
  }, longestMs);
  child.stdin?.end();
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const printed = Buffer.concat(chunks).toString();
      const stopped = signal === 'SIGTERM' ? 0 : (code ?? 1);
      resolve({ code: isLate ? tooLong : stopped, printed });
    });
  });
}
