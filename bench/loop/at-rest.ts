import { execFile, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from '../../test/cluster/plane/client.ts';
import { end, memoryOf, start } from '../webhook/programs.ts';
import type { Judged, Seen } from './controller.ts';
import { startWebhook } from './installation.ts';
import type { Delays, Question, Ready } from './plane.ts';
import type { Population } from './population.ts';
import { ask } from './talk.ts';

/** Where the programs of this bench are, as they are shipped: each in one file. */
export interface Programs {
  readonly directory: string;
  readonly controller: string;
  readonly retrofit: string;
}

export interface Figures {
  readonly readyMs: number;
  readonly first: Seen;
  readonly judged: readonly Judged[];
  /** Milliseconds until the restart of a workload whose owner has just allowed it. */
  readonly words: readonly number[];
  /** Of one that has a new pod without the agent: only a newer proof of the webhook lets it go on. */
  readonly bare: readonly number[];
  /** The same for a namespace that has just been given an Instrumentation: the first, and the last. */
  readonly given: readonly (readonly number[])[];
  readonly during: Seen;
  readonly nowMb: number;
  readonly mostMb: number;
  readonly looks: Readonly<Record<'status' | 'plan', readonly number[]>>;
}

const judgements = 5;
const samples = Number(process.env['SAMPLES'] ?? 200);
const barePods = 10;
const looks = 3;

/** A large cluster in the sandbox, of which nearly all is as it should be. */
export async function measureAtRest(programs: Programs, workloads: number): Promise<Figures> {
  const children: ChildProcess[] = [];
  try {
    const sizes = [String(workloads), String(samples)];
    const plane = start([join(import.meta.dirname, 'plane.ts'), ...sizes], 0);
    children.push(plane);
    const { population, ...access } = await readyOf(plane);
    const kubeconfig = join(programs.directory, 'sandbox.kubeconfig');
    await writeFile(kubeconfig, access.kubeconfig);
    const client = createClient(access);
    const program = programs.retrofit;
    children.push(await startWebhook(client, { program, kubeconfig }, false));
    await client.close();

    const startedAt = performance.now();
    const controller = start(['--max-semi-space-size=8', programs.controller, kubeconfig], 1);
    children.push(controller);
    controller.stdout?.resume();
    await ask(controller, { ask: 'begin' });
    await ask(controller, { ask: 'ready' });
    const readyMs = performance.now() - startedAt;
    const first = await ask<Seen>(controller, { ask: 'end' });
    const judged = await judgeAgain(controller);
    await ask(controller, { ask: 'begin' });
    const delays = await clockRestarts(plane, population);
    const during = await ask<Seen>(controller, { ask: 'end' });
    const memory = memoryOf(controller);
    const times = {
      status: await look(programs, kubeconfig, 'status'),
      plan: await look(programs, kubeconfig, 'plan'),
    };
    return { readyMs, first, judged, ...delays, during, ...memory, looks: times };
  } finally {
    await Promise.all(children.map(end));
  }
}

async function readyOf(plane: ChildProcess): Promise<Ready> {
  if (plane.stdout === null) throw new Error('The server has no output.');
  const [line] = (await once(createInterface(plane.stdout), 'line')) as [string];
  return JSON.parse(line) as Ready;
}

async function judgeAgain(controller: ChildProcess): Promise<readonly Judged[]> {
  const judged: Judged[] = [];
  for (let turn = 0; turn < judgements; turn += 1) {
    judged.push(await ask<Judged>(controller, { ask: 'judge' }));
    await pause(500);
  }
  return judged;
}

/** One after the other: what is measured is how soon the loop hears and acts, and not how much at once. */
async function clockRestarts(
  plane: ChildProcess,
  { observed, covered, late }: Population,
): Promise<Pick<Figures, 'words' | 'bare' | 'given'>> {
  const clock = async (question: Question, restMs: number) => {
    const { ms } = await ask<Delays>(plane, question);
    await pause(restMs);
    return ms;
  };
  const words: number[] = [];
  for (const workload of observed) words.push(...(await clock({ ask: 'word', workload }, 50)));
  const bare: number[] = [];
  for (const workload of covered.slice(0, barePods))
    bare.push(...(await clock({ ask: 'bare pod', workload }, 50)));
  const given: (readonly number[])[] = [];
  for (const namespace of late)
    given.push(await clock({ ask: 'Instrumentation', namespace }, 2_000));
  return { words, bare, given };
}

/** What a person waits for at a terminal. */
async function look(
  { retrofit }: Programs,
  kubeconfig: string,
  command: 'status' | 'plan',
): Promise<readonly number[]> {
  const times: number[] = [];
  for (let turn = 0; turn < looks; turn += 1) {
    const startedAt = performance.now();
    const words = [retrofit, command, '--kubeconfig', kubeconfig];
    await new Promise<void>((resolve, reject) => {
      execFile(process.execPath, words, { maxBuffer: 2 ** 28 }, (error, _stdout, stderr) => {
        if (error && error.code !== 1) reject(new Error(stderr));
        else resolve();
      });
    });
    times.push(performance.now() - startedAt);
  }
  return times;
}
