import PQueue from 'p-queue';
import type { FaultKey } from '../../../domain/faults.ts';

/** Carries writes that nobody waits for, a few at a time. */
export interface Writes {
  readonly add: (write: () => Promise<void>) => void;
  /** What has not begun is dropped. */
  readonly ended: () => Promise<void>;
}

const atOnce = 4;
const mostWaiting = 2_000;

export function createWrites(onFull: (fault: FaultKey) => void): Writes {
  const queue = new PQueue({ concurrency: atOnce });
  return {
    add: (write) => {
      if (queue.size < mostWaiting) void queue.add(write);
      else onFull('QueueFull');
    },
    ended: async () => {
      queue.clear();
      await queue.onIdle();
    },
  };
}
