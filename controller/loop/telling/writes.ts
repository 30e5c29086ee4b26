import PQueue from 'p-queue';

/** Carries writes that nobody waits for, a few at a time. */
export interface Writes {
  readonly add: (write: () => Promise<void>) => void;
  /** What has not begun is dropped. */
  readonly ended: () => Promise<void>;
}

const atOnce = 4;
/** As many as there are workloads in a large cluster, when there is something to say of each. */
const mostWaiting = 5_000;

/** How many found no room is told once, when there is room again. */
export function createWrites(onDropped: (count: number) => void): Writes {
  const queue = new PQueue({ concurrency: atOnce });
  let dropped = 0;
  queue.addEventListener('next', () => {
    if (dropped === 0 || queue.size > mostWaiting / 2) return;
    onDropped(dropped);
    dropped = 0;
  });
  return {
    add: (write) => {
      if (queue.size < mostWaiting) void queue.add(write);
      else dropped += 1;
    },
    ended: async () => {
      queue.clear();
      await queue.onIdle();
    },
  };
}
