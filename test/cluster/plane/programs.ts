import { spawn, type ChildProcess } from 'node:child_process';
import { openSync, closeSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';

/** A program that runs until it is ended. */
export interface Program {
  readonly name: string;
  readonly pid: number;
  hasEnded(): boolean;
  /** Asks it to end, and insists after the limit. */
  stop(limitMs: number): Promise<void>;
  kill(): Promise<void>;
  /** Its last words, for the message of a failure. */
  lastLines(): string;
}

/** Runs programs in one directory, and leaves neither behind, whatever becomes of us. */
export interface Keeper {
  run(name: string, file: string, args: readonly string[]): Program;
  running(): readonly Program[];
  end(): Promise<void>;
}

/**
 * Reads the list of living programs, one line for each change, until its owner closes the pipe or
 * dies, which closes it too. Only then does it act. A file can appear while its writer is dying:
 * hence the second look.
 */
const keeperScript = `
while read -r line; do live=$line; done
[ -z "$live" ] || kill -9 $live
for look in 1 2 3 4 5 6 7 8 9; do rm -rf "$1" && break; done
`;

/** One shell watches over all programs, outside our process group: a Ctrl-C does not reach it. */
export function openKeeper(directory: string): Keeper {
  const shell = spawn('/bin/sh', ['-c', keeperScript, 'keeper', directory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  shell.stdin.on('error', () => {}); // whoever ends the shell has its work done: nothing to tell any more
  const programs = new Set<Program>();
  const tell = () => shell.stdin.write(`${[...programs].map(({ pid }) => pid).join(' ')}\n`);
  return {
    run(name, file, args) {
      const log = join(directory, `${name}.log`);
      const output = openSync(log, 'a');
      const child = spawn(file, args, {
        stdio: ['ignore', output, output],
        detached: true,
        env: { ...process.env, ...sweepingLess },
      });
      closeSync(output);
      const program = describe(name, child, log);
      programs.add(program);
      tell();
      child.once('exit', () => {
        programs.delete(program);
        if (shell.stdin.writable) tell();
      });
      return program;
    },
    running: () => [...programs],
    async end() {
      if (shell.exitCode !== null) return;
      const left = once(shell, 'exit');
      const ended = [...programs].map((program) => program.kill());
      shell.stdin.end();
      await Promise.all([left, ...ended]);
    },
  };
}

/**
 * A control plane lives for a minute or two: until it is large it need not look for memory to give
 * back, which saves a quarter of its work.
 */
const sweepingLess = { GOGC: 'off', GOMEMLIMIT: '640MiB', GOMAXPROCS: '1' };

function describe(name: string, child: ChildProcess, log: string): Program {
  const { pid } = child;
  if (pid === undefined) {
    child.once('error', () => {}); // it repeats what is thrown here
    throw new Error(`${name} could not be started: is ${child.spawnfile} a program?`);
  }
  const exit = once(child, 'exit');
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const kill = async () => {
    child.kill('SIGKILL');
    await exit;
  };
  return {
    name,
    pid,
    hasEnded,
    kill,
    async stop(limitMs) {
      child.kill('SIGTERM');
      const impatience = setTimeout(() => child.kill('SIGKILL'), limitMs);
      await exit;
      clearTimeout(impatience);
    },
    lastLines: () => readFileSync(log, 'utf8').trimEnd().split('\n').slice(-10).join('\n'),
  };
}

const lowestPort = 20_000;
const highestPort = 32_000;

/** Where to look next; other threads and other runs begin elsewhere. */
let nextPort = lowestPort + ((process.pid * 16 + threadId * 64) % 10_000);

/**
 * Ports nobody listens on, below those the system gives to outgoing connections: while an API
 * server restarts, a client that keeps knocking could else be given the very port it knocks at.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const found: number[] = [];
  while (found.length < count) {
    const port = nextPort;
    if (port > highestPort) throw new Error(`No free port up to ${highestPort} on 127.0.0.1.`);
    nextPort += 1;
    if (await isFree(port)) found.push(port);
  }
  return found;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
