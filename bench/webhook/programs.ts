import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import type { Order, Outcome } from './load.ts';

/** Server and load each have a core of their own, where the machine can be told so. */
const isPinned = existsSync('/usr/bin/taskset') && availableParallelism() > 1;

export function start(args: readonly string[], core?: number): ChildProcess {
  const pin = isPinned && core !== undefined ? ['taskset', '-c', String(core)] : [];
  const command = [...pin, process.execPath, ...args];
  const [file = '', ...rest] = command;
  return spawn(file, rest, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
}

export interface Serving {
  readonly child: ChildProcess;
  readonly webhookPort: number;
  readonly probePort: number;
}

/** A server that says in a line of its log on which ports it serves. */
export async function serve(args: readonly string[]): Promise<Serving> {
  const child = start(args, 0);
  if (child.stdout === null) throw new Error('The server has no output.');
  const ports = new Promise<Omit<Serving, 'child'>>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The server ended with ${code}.`)));
    createInterface(child.stdout ?? process.stdin).on('line', (line) => {
      if (line.includes('"msg":"serving"')) resolve(JSON.parse(line) as Omit<Serving, 'child'>);
    });
  });
  return { child, ...(await ports) };
}

/** What a program says first: that it is there, and where. */
export async function firstLineOf(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('The program has no output.');
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`The program ended with ${code}.`);
  });
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), died]);
  return line as string;
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** Sends one order to the load generator and returns what came of it. */
export async function measure(load: ChildProcess, order: Order): Promise<Outcome> {
  const answer = once(load, 'message');
  load.send(order);
  const [outcome] = (await answer) as [Outcome];
  return outcome;
}

const tickMs = 10;

/** Time of all processors that a process has spent, as the system counts it. */
export function spentMs({ pid }: ChildProcess): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

/** Memory that a process holds now, and the most that it has held. */
export function memoryOf({ pid }: ChildProcess): {
  readonly nowMb: number;
  readonly mostMb: number;
} {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mb = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
  return { nowMb: mb('VmRSS'), mostMb: mb('VmHWM') };
}

/** Bytes in use after a collection, of a program that `heap.ts` was loaded into. */
export async function heapOf(child: ChildProcess): Promise<number> {
  const answer = once(child, 'message');
  child.send('heap');
  const [bytes] = (await answer) as [number];
  return bytes;
}

/** Milliseconds from the start of a program until it says that it is ready. */
export async function timeToReady(args: readonly string[], probePort: number): Promise<number> {
  const startedAt = performance.now();
  const child = start(args, 0);
  child.stdout?.resume();
  while (!(await isReady(probePort))) {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}.`);
    await pause(5);
  }
  const elapsed = performance.now() - startedAt;
  await end(child);
  return elapsed;
}

function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(
      { host: '127.0.0.1', port, path: '/readyz', agent: false },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    asked.on('error', () => resolve(false));
    asked.end();
  });
}
