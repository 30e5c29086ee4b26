import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from '../../test/cluster/plane/client.ts';
import { end, memoryOf, start } from '../webhook/programs.ts';
import type { Judged, Seen } from './controller.ts';
import { startWebhook } from './installation.ts';
import type { Delays, Ready } from './plane.ts';
import { ask } from './talk.ts';

/** Where the programs of this bench are, as they are shipped: each in one file. */
export interface Programs {
  readonly directory: string;
  readonly controller: string;
  readonly retrofit: string;
}

export interface Figures {
  readonly workloads: number;
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
  const plane = start(
    [join(import.meta.dirname, 'plane.ts'), String(workloads), String(samples)],
    0,
  );
  const children = [plane];
  try {
    if (plane.stdout === null) throw new Error('The server has no output.');
    const [line] = (await once(createInterface(plane.stdout), 'line')) as [string];
    const { population, ...access } = JSON.parse(line) as Ready;
    const kubeconfig = join(programs.directory, 'sandbox.kubeconfig');
    await writeFile(kubeconfig, access.kubeconfig);
    const client = createClient(access);
    const program = programs.retrofit;
    children.push(await startWebhook(client, { program, kubeconfig }, false));
    await client.close();

    const startedAt = performance.now();
    const flags = ['--max-semi-space-size=8'];
    const controller = start([...flags, programs.controller, kubeconfig], 1);
    children.push(controller);
    controller.stdout?.resume();
    await ask(controller, { ask: 'begin' });
    await ask(controller, { ask: 'ready' });
    const readyMs = performance.now() - startedAt;
    const first = await ask<Seen>(controller, { ask: 'end' });
    const judged: Judged[] = [];
    for (let turn = 0; turn < judgements; turn += 1) {
      judged.push(await ask<Judged>(controller, { ask: 'judge' }));
      await pause(500);
    }
    await ask(controller, { ask: 'begin' });
    const words: number[] = [];
    for (const workload of population.observed) {
      words.push(...(await ask<Delays>(plane, { ask: 'word', workload })).ms);
      await pause(50);
    }
    const bare: number[] = [];
    for (const workload of population.covered.slice(0, barePods)) {
      bare.push(...(await ask<Delays>(plane, { ask: 'bare pod', workload })).ms);
      await pause(50);
    }
    const given: (readonly number[])[] = [];
    for (const namespace of population.late) {
      given.push((await ask<Delays>(plane, { ask: 'Instrumentation', namespace })).ms);
      await pause(2_000);
    }
    const during = await ask<Seen>(controller, { ask: 'end' });
    const memory = memoryOf(controller);
    const times = {
      status: await look(programs, kubeconfig, 'status'),
      plan: await look(programs, kubeconfig, 'plan'),
    };
    return {
      workloads,
      readyMs,
      first,
      judged,
      words,
      bare,
      given,
      during,
      ...memory,
      looks: times,
    };
  } finally {
    await Promise.all(children.map(end));
  }
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
