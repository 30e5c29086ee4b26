import { get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/** People who use the shop all the while. */
export interface Customers {
  readonly counts: () => { readonly answered: number; readonly failed: number };
  stop(): Promise<void>;
}

const everyMs = 50;

export function sendCustomers(url: string): Customers {
  const end = new AbortController();
  let answered = 0;
  let failed = 0;
  const coming = (async () => {
    while (!end.signal.aborted) {
      if (await isAnswered(url)) answered += 1;
      else failed += 1;
      await pause(everyMs);
    }
  })();
  return {
    counts: () => ({ answered, failed }),
    async stop() {
      end.abort();
      await coming;
    },
  };
}

const isAnswered = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = get(url, { agent: false, timeout: 5_000 }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode === 200));
      response.on('error', () => resolve(false));
    });
    asked.on('error', () => resolve(false)).on('timeout', () => asked.destroy());
  });
