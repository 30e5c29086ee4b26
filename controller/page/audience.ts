import type { ServerResponse } from 'node:http';
import type { Time } from '../kube/pace.ts';
import type { Board } from './board.ts';

export interface AudienceOptions {
  readonly board: Board;
  readonly time: Time;
  /** Told when looking failed; it is tried again. */
  readonly onFailure: (error: unknown) => void;
  readonly limits?: Partial<AudienceLimits> | undefined;
}

export interface AudienceLimits {
  readonly listeners: number;
  /** Changes are told no more often than this. */
  readonly paceMs: number;
  /** So long at most nothing is said. */
  readonly silenceMs: number;
  /** Whoever is behind by more is let go: it comes back and reads everything again. */
  readonly backlogBytes: number;
}

const usual: AudienceLimits = {
  listeners: 64,
  paceMs: 1_000,
  silenceMs: 15_000,
  backlogBytes: 1_048_576,
};

/** Those who listen to changes. While nobody does, nobody looks. */
export class Audience {
  readonly #options: AudienceOptions;
  readonly #limits: AudienceLimits;
  readonly #listeners = new Set<ServerResponse>();
  readonly #ending = new AbortController();
  #telling: Promise<void> | undefined;

  constructor(options: AudienceOptions) {
    this.#options = options;
    this.#limits = { ...usual, ...options.limits };
  }

  get isFull(): boolean {
    return this.#listeners.size >= this.#limits.listeners;
  }

  get size(): number {
    return this.#listeners.size;
  }

  /** Begins with what has changed since the version that the listener knows. */
  join(response: ServerResponse, known: string): void {
    this.#listeners.add(response);
    response.once('close', () => this.#listeners.delete(response));
    const missed = this.#options.board.after(known);
    response.write('retry: 2000\n\n');
    if (missed === undefined) response.write(reset);
    else for (const { version, text } of missed) response.write(event('delta', text, version));
    this.#telling ??= this.#tell();
  }

  async close(): Promise<void> {
    this.#ending.abort();
    for (const listener of this.#listeners) listener.end();
    await this.#telling;
  }

  async #tell(): Promise<void> {
    const { time, board, onFailure } = this.#options;
    const { paceMs, silenceMs } = this.#limits;
    const { signal } = this.#ending;
    let spokeAt = time.now();
    while (this.#listeners.size > 0) {
      await time.wait(paceMs, signal);
      if (signal.aborted) break;
      try {
        const change = board.refresh();
        const isLong = time.now() - spokeAt >= silenceMs;
        if (change === undefined && !isLong) continue;
        spokeAt = time.now();
        this.#say(
          change === undefined
            ? event('beat', board.beat())
            : event('delta', change.text, change.version),
        );
      } catch (error) {
        onFailure(error);
      }
    }
    this.#telling = undefined;
  }

  #say(text: string): void {
    for (const listener of this.#listeners) {
      if (listener.writableLength > this.#limits.backlogBytes) listener.destroy();
      else listener.write(text);
    }
  }
}

const reset = 'event: reset\ndata: {}\n\n';

/** JSON has no line breaks of its own, so one line holds it. */
function event(name: string, text: string | undefined, version?: string): string {
  if (text === undefined) return reset;
  const id = version === undefined ? '' : `id: ${version}\n`;
  return `event: ${name}\n${id}data: ${text}\n\n`;
}
