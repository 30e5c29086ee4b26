import { setTimeout as pause } from 'node:timers/promises';

/** A bound, and no wait: a loaded machine needs patience. */
export const patienceMs = 120_000;

export interface Wait {
  /** What is waited for, as it should read in the failure: `the Deployment is complete`. */
  readonly what: string;
  /** Default: `patienceMs`. */
  readonly timeoutMs?: number;
  /** Between two questions, where each is dear. */
  readonly pauseMs?: number;
}

/** Who waits for long asks less often: the one that is asked has little to share, too. */
const pauses = { firstMs: 20, growth: 1.3, longestMs: 400 };

/**
 * Asks again until there is an answer, and returns it.
 *
 * No answer is `undefined`, `false` or an error; the failure tells the last error, too.
 */
export async function until<T>(
  condition: () => Promise<T | undefined | false> | T | undefined | false,
  { what, timeoutMs = patienceMs, pauseMs: fixedMs }: Wait,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let pauseMs = fixedMs ?? pauses.firstMs;
  let cause: unknown;
  while (performance.now() < deadline) {
    try {
      const answer = await condition();
      if (answer !== undefined && answer !== false) return answer;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await pause(pauseMs);
    pauseMs = fixedMs ?? Math.min(pauseMs * pauses.growth, pauses.longestMs);
  }
  const last = cause instanceof Error ? `\nThe last time: ${cause.message}` : '';
  throw new Error(`Waited ${timeoutMs} ms, and still not: ${what}.${last}`, { cause });
}
