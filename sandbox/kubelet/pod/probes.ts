import type { V1Probe } from '@kubernetes/client-node';
import { get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Program } from './programs.ts';

/** The program of a container, and what a probe needs of it. */
export interface Running extends Program {
  portOf(port: number | string): number;
  /** Starts one more program where this one is. */
  startBeside(words: readonly string[]): Program;
}

/** Asks again and again, and says what it is each time that a threshold is reached, until the signal. */
export async function* verdicts(
  probe: V1Probe,
  running: Running,
  signal: AbortSignal,
): AsyncGenerator<boolean> {
  const { initialDelaySeconds = 0, periodSeconds = 10 } = probe;
  const { successThreshold = 1, failureThreshold = 3 } = probe;
  let last = false;
  let alike = 0;
  await pauseUnless(signal, initialDelaySeconds * 1000);
  while (!signal.aborted) {
    const isWell = await passes(probe, running);
    if (signal.aborted) return;
    alike = isWell === last ? alike + 1 : 1;
    last = isWell;
    if (alike >= (isWell ? successThreshold : failureThreshold)) yield isWell;
    await pauseUnless(signal, periodSeconds * 1000);
  }
}

/** A pause that the signal cuts short. */
export const pauseUnless = (signal: AbortSignal, ms: number): Promise<void> =>
  pause(ms, undefined, { signal }).catch(() => {});

async function passes({ exec, httpGet, timeoutSeconds = 1 }: V1Probe, running: Running) {
  const timeoutMs = timeoutSeconds * 1000;
  if (httpGet) return answers(running.portOf(httpGet.port), httpGet.path ?? '/', timeoutMs);
  const program = running.startBeside(exec?.command ?? ['false']);
  const impatience = setTimeout(() => program.signal('SIGKILL'), timeoutMs);
  const exitCode = await program.exit;
  clearTimeout(impatience);
  return exitCode === 0;
}

function answers(port: number, path: string, timeoutMs: number): Promise<boolean> {
  const signal = AbortSignal.timeout(timeoutMs);
  const options = { host: '127.0.0.1', port, path, agent: false as const, signal };
  return new Promise((resolve) => {
    const request = get(options, (response) => {
      const code = response.statusCode ?? 0;
      response.on('error', () => {}).resume();
      resolve(code >= 200 && code < 400);
    });
    request.on('error', () => resolve(false));
  });
}
