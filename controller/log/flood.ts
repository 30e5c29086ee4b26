import type { Time } from '../kube/pace.ts';

export interface FloodLimits {
  /** How many lines of one message an interval may have. */
  readonly lines: number;
  readonly intervalMs: number;
}

/** Messages are constant, so there are few; beyond this somebody puts names into them. */
const mostMessages = 1000;

interface Count {
  readonly startedAt: number;
  readonly end: AbortController;
  lines: number;
  leftOut: number;
}

/**
 * Lets the first lines of a message through, and tells at the end of the interval how many more
 * there were: a thousand lines that say the same hide the one that says something else.
 */
export class Flood {
  readonly #counts = new Map<string, Count>();
  readonly #limits: FloodLimits;
  readonly #time: Time;
  readonly #tell: (key: string, leftOut: number) => void;

  constructor(limits: FloodLimits, time: Time, tell: (key: string, leftOut: number) => void) {
    this.#limits = limits;
    this.#time = time;
    this.#tell = tell;
  }

  admits(key: string): boolean {
    const count = this.#current(key);
    if (count.lines < this.#limits.lines) {
      count.lines += 1;
      return true;
    }
    count.leftOut += 1;
    if (count.leftOut === 1) void this.#endLater(key, count);
    return false;
  }

  /** Ends all intervals now. */
  close(): void {
    for (const [key, count] of this.#counts) this.#finish(key, count);
  }

  #current(key: string): Count {
    const now = this.#time.now();
    const count = this.#counts.get(key);
    if (count !== undefined && now < count.startedAt + this.#limits.intervalMs) return count;
    if (count !== undefined) this.#finish(key, count);
    if (this.#counts.size >= mostMessages) this.close();
    const fresh = { startedAt: now, end: new AbortController(), lines: 0, leftOut: 0 };
    this.#counts.set(key, fresh);
    return fresh;
  }

  async #endLater(key: string, count: Count): Promise<void> {
    const leftMs = count.startedAt + this.#limits.intervalMs - this.#time.now();
    await this.#time.wait(Math.max(0, leftMs), count.end.signal);
    if (!count.end.signal.aborted) this.#finish(key, count);
  }

  #finish(key: string, count: Count): void {
    count.end.abort();
    if (this.#counts.get(key) === count) this.#counts.delete(key);
    if (count.leftOut > 0) this.#tell(key, count.leftOut);
  }
}
