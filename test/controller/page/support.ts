import type { Time } from '../../../controller/kube/pace.ts';
import type { Overview } from '../../../controller/page/wire.ts';

/** A time that passes only when told to. */
export class HandTime implements Time {
  #now = 1_000_000;
  #waiting: { readonly until: number; readonly end: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#now;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ until: this.#now + ms, end: resolve });
      signal?.addEventListener('abort', () => resolve(), { once: true });
      if (signal?.aborted) resolve();
    });
  }

  /** Those who wait go on, one after the other, each as often as there is time for. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#waiting
        .filter(({ until }) => until <= end)
        .toSorted((one, other) => one.until - other.until)[0];
      if (next === undefined) break;
      this.#waiting = this.#waiting.filter((one) => one !== next);
      this.#now = Math.max(this.#now, next.until);
      next.end();
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    }
    this.#now = end;
  }
}

export interface Heard {
  readonly name: string;
  readonly id: string | undefined;
  readonly told: unknown;
}

/** Listens to events as a browser does. */
export class Ear {
  readonly response: Response;
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #ending: AbortController;
  #text = '';

  static async at(
    port: number,
    path: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Ear> {
    const ending = new AbortController();
    const url = `http://127.0.0.1:${port}${path}`;
    return new Ear(await fetch(url, { headers, signal: ending.signal }), ending);
  }

  constructor(response: Response, ending: AbortController) {
    const { body } = response;
    if (body === null) throw new Error('nothing is said');
    this.response = response;
    this.#reader = body.pipeThrough(new TextDecoderStream()).getReader();
    this.#ending = ending;
  }

  /** The next event; nothing when the server has ended the talk. */
  async next(): Promise<Heard | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end >= 0) {
        const heard = eventIn(this.#text.slice(0, end));
        this.#text = this.#text.slice(end + 2);
        if (heard !== undefined) return heard;
        continue;
      }
      const { value, done } = await this.#reader.read();
      if (done) return undefined;
      this.#text += value;
    }
  }

  leave(): void {
    this.#ending.abort();
  }
}

function eventIn(text: string): Heard | undefined {
  const lines = new Map(
    text.split('\n').map((line): [string, string] => {
      const [field = '', ...rest] = line.split(': ');
      return [field, rest.join(': ')];
    }),
  );
  const name = lines.get('event');
  if (name === undefined) return undefined;
  return { name, id: lines.get('id'), told: JSON.parse(lines.get('data') ?? 'null') };
}

export async function overviewAt(port: number): Promise<Overview> {
  const response = await fetch(`http://127.0.0.1:${port}/state.json`);
  return (await response.json()) as Overview;
}
