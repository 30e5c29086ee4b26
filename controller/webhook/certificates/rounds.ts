import type { Time } from '../../kube/pace.ts';

/** `unsettled`: something stood in the way, and the next look should come soon. */
export type Look = () => Promise<'settled' | 'unsettled'>;

export interface Pace {
  readonly lookMs: number;
  readonly retryMs: number;
}

export interface Rounds {
  /** Looks again and again until the signal is given. */
  run(signal: AbortSignal): Promise<void>;
  /** Ends the pause: something has changed. */
  wake(): void;
}

export function createRounds(look: Look, { lookMs, retryMs }: Pace, time: Time): Rounds {
  let pause = new AbortController();
  return {
    run: async (signal) => {
      while (!signal.aborted) {
        pause = new AbortController();
        const outcome = await look();
        const ms = outcome === 'settled' ? lookMs : retryMs;
        await time.wait(ms, AbortSignal.any([pause.signal, signal]));
      }
    },
    wake: () => pause.abort(),
  };
}
