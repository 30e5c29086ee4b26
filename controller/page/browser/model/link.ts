import type { Delta, Overview } from '../../wire.ts';

/** How it stands with the server. */
export type LinkState = 'opening' | 'live' | 'lost' | 'resting';

export interface Ears {
  readonly onOverview: (overview: Overview) => void;
  readonly onDelta: (delta: Delta) => void;
  readonly onState: (state: LinkState) => void;
}

const retryMs = 5_000;
/** Beats come three times in that time. */
const silenceMs = 45_000;

/** Reads everything once, then what changes. Whoever does not look is not told, and reads it anew. */
export class Link {
  readonly #ears: Ears;
  #source: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What was asked for in an earlier turn comes too late. */
  #turn = 0;

  constructor(ears: Ears) {
    this.#ears = ears;
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.#leave('resting');
      else if (this.#source === undefined) void this.open();
    });
  }

  async open(): Promise<void> {
    const turn = (this.#turn += 1);
    try {
      const response = await fetch('/state.json');
      if (!response.ok) throw new Error(`the server answered ${response.status}`);
      const overview = (await response.json()) as Overview;
      if (turn !== this.#turn) return;
      this.#ears.onOverview(overview);
      this.#listen(overview.version);
    } catch {
      if (turn === this.#turn) this.#comeBack();
    }
  }

  #listen(version: string): void {
    const source = new EventSource(`/events?after=${encodeURIComponent(version)}`);
    this.#source = source;
    const hear = ({ data }: MessageEvent<string>) => {
      this.#watch();
      this.#ears.onDelta(JSON.parse(data) as Delta);
    };
    source.addEventListener('delta', hear);
    source.addEventListener('beat', hear);
    source.addEventListener('open', () => {
      this.#watch();
      this.#ears.onState('live');
    });
    source.addEventListener('reset', () => {
      this.#leave('live');
      void this.open();
    });
    source.addEventListener('error', () => {
      // It asks again by itself, and is then told what it has missed; only a refusal is final.
      if (source.readyState === EventSource.CLOSED) this.#comeBack();
      else this.#ears.onState('lost');
    });
  }

  #watch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#comeBack(), silenceMs);
  }

  #leave(state: LinkState): void {
    this.#turn += 1;
    this.#source?.close();
    this.#source = undefined;
    clearTimeout(this.#timer);
    this.#ears.onState(state);
  }

  #comeBack(): void {
    this.#leave('lost');
    this.#timer = setTimeout(() => void this.open(), retryMs);
  }
}
