import { setImmediate as breathe } from 'node:timers/promises';
import type { Time } from '../../kube/pace.ts';

/** To be asked between two pieces of work: ends at once, or when other work has had its turn. */
export type Pause = () => Promise<void>;

/** Other work waits no longer than this for ours. */
const sliceMs = 8;

export function createPause(time: Pick<Time, 'now'>): Pause {
  let began = time.now();
  return async () => {
    if (time.now() - began <= sliceMs) return;
    await breathe();
    began = time.now();
  };
}
