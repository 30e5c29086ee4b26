import type { Seconds } from '../../domain/restart/records/metadata.ts';
import type { Time } from '../kube/pace.ts';

/**
 * The API server's clock, read off the dates of its answers: markers, revisions and pods carry its
 * time, and what is compared with them must be of the same clock.
 */
export interface ServerClock {
  readonly now: () => Seconds;
  readonly note: (date: string, sentAt: number) => void;
}

/** A date is cut to whole seconds. */
const cutMs = 1_000;

export function createServerClock(time: Time): ServerClock {
  /** Of the server's clock before our monotonic one: it is at least so much. */
  let leadMs: number | undefined;
  return {
    now: () => {
      const ms = leadMs === undefined ? time.wall() : time.now() + leadMs;
      return Math.floor(ms / 1_000);
    },
    note: (date, sentAt) => {
      const ms = Date.parse(date);
      if (Number.isNaN(ms)) return;
      const least = ms - time.now();
      const most = ms + cutMs - sentAt;
      // What no longer fits was another server's, or the clock has been put right.
      const fits = leadMs !== undefined && leadMs <= most;
      leadMs = fits ? Math.max(leadMs ?? least, least) : least;
    },
  };
}
