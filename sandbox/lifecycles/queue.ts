import { setImmediate as others } from 'node:timers/promises';
import { namespaceOf } from './view.ts';

const recallMs = 20;

/**
 * Keys to look at. Those of one namespace take turns in the order in which they came, so that a
 * ReplicaSet that was told something acts before its Deployment counts. One that waits waits once.
 */
export class Queue {
  readonly #lanes = new Map<string, Set<string>>();
  readonly #later = new Map<string, number>();
  readonly #work: (key: string) => Promise<void>;
  readonly #clock: ReturnType<typeof setInterval>;
  #isClosed = false;

  /** The work never fails. */
  constructor(now: () => number, work: (key: string) => Promise<void>) {
    this.#work = work;
    this.#clock = setInterval(() => this.#recall(now()), recallMs).unref();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#clock);
  }

  add(key: string): void {
    const lane = namespaceOf(key);
    const waiting = this.#lanes.get(lane) ?? new Set();
    waiting.add(key);
    if (this.#lanes.has(lane)) return;
    this.#lanes.set(lane, waiting);
    void this.#workOff(lane, waiting);
  }

  addAt(key: string, at: number): void {
    this.#later.set(key, Math.min(at, this.#later.get(key) ?? Infinity));
  }

  #recall(now: number): void {
    for (const [key, at] of this.#later) if (at <= now) this.add(key);
  }

  /** Never at once: whoever adds a key is in the midst of a write, and others wait to be served. */
  async #workOff(lane: string, waiting: Set<string>): Promise<void> {
    for (const key of waiting) {
      await others();
      if (this.#isClosed) return;
      waiting.delete(key);
      this.#later.delete(key);
      await this.#work(key);
    }
    this.#lanes.delete(lane);
  }
}
