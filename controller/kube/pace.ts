import { setTimeout as sleep } from 'node:timers/promises';
import { Fault, faultOf } from './fault.ts';

/** The clocks, as an argument, so that a test can stop them, skew them and let them jump. */
export interface Time {
  /** Milliseconds that only grow: the one clock that decides anything. */
  now(): number;
  /** Milliseconds since 1970: for people and for records, since it may jump. */
  wall(): number;
  /** Ends after the time has passed or the signal was given, whichever is first; never fails. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A number from 0 up to, not including, 1. */
export type Dice = () => number;

export const machineTime: Time = {
  now: () => performance.now(),
  wall: () => Date.now(),
  wait: async (ms, signal) => {
    await sleep(ms, undefined, signal ? { signal } : {}).catch(() => undefined);
  },
};

export interface Range {
  readonly floorMs: number;
  readonly ceilingMs: number;
}

/**
 * The pause after a number of failures in a row: even the first is drawn from a range, because
 * everybody who watches loses the same server in the same instant.
 */
export function backOff(failures: number, { floorMs, ceilingMs }: Range, dice: Dice): number {
  const reach = Math.min(ceilingMs, floorMs * 2 ** Math.min(failures + 1, 30));
  return floorMs + dice() * (reach - floorMs);
}

/** How patient a reflector is. */
export interface ReflectorLimits {
  /** A page is parsed in one go, which blocks all else: 250 pods take some 12 ms. */
  readonly pageSize: number;
  readonly pageMs: number;
  /** Until a watch has been granted or refused. */
  readonly headMs: number;
  /**
   * Silence after which a stream counts as dead. Of a kind that has objects bookmarks come each
   * minute or so; of one that has none an API server may say nothing for minutes.
   */
  readonly silenceMs: number;
  /** The same while the first events come, when there is no reason to be silent. */
  readonly initialSilenceMs: number;
  /** How long a watch is asked for, drawn anew each time, so that not all end at once. */
  readonly watchSeconds: { readonly least: number; readonly most: number };
  /** A server that forgets its own limit is reminded by ours. */
  readonly overtimeMs: number;
  /** A stream that ends before this is a failure, lest we ask without pause. */
  readonly shortMs: number;
  readonly pauses: Range;
  /** How long a server may show an older state before we believe that etcd was restored. */
  readonly restoredAfterMs: number;
  /** Answers "no such kind" in a row before what is known of it is given up. */
  readonly absences: number;
}

export const usualLimits: ReflectorLimits = {
  pageSize: 250,
  pageMs: 60_000,
  headMs: 30_000,
  silenceMs: 240_000,
  initialSilenceMs: 30_000,
  watchSeconds: { least: 300, most: 600 },
  overtimeMs: 30_000,
  shortMs: 1_000,
  pauses: { floorMs: 800, ceilingMs: 30_000 },
  restoredAfterMs: 60_000,
  absences: 3,
};

/** The clocks of a lease. */
export interface LeaseDurations {
  /** Others wait so long without a sign of life before they take the lease. */
  readonly leaseMs: number;
  readonly renewMs: number;
  readonly retryMs: number;
  /**
   * The holder itself stops writing so long after its last renewal was sent. The rest of the lease
   * is for what is then under way: a write has 5 s, so it ends well before anybody else begins.
   */
  readonly fenceMs: number;
  readonly callMs: number;
}

export const usualDurations: LeaseDurations = {
  leaseMs: 15_000,
  renewMs: 5_000,
  retryMs: 2_000,
  fenceMs: 8_000,
  callMs: 5_000,
};

export type Priority = 'lease' | 'normal' | 'spare';

/** The client's own limit, so that a mistake of ours cannot become an overload of the cluster. */
export interface Flow {
  /**
   * Ends when the call may leave. The lease never waits: to lose it costs more calls than it takes.
   * What is spare takes only what nobody else has use for.
   */
  pass(priority: Priority, signal?: AbortSignal): Promise<void>;
}

export interface FlowLimits {
  readonly perSecond: number;
  readonly burst: number;
  /** More callers than this may not wait: a queue without a bound hides a mistake until memory ends. */
  readonly waiting: number;
}

export const usualFlow: FlowLimits = { perSecond: 50, burst: 100, waiting: 2_000 };

export function createFlow(limits: FlowLimits, time: Time): Flow {
  const purse = createPurse(limits, time);
  const lines = {
    normal: createLine(limits.waiting, (signal) => purse.take(0, signal)),
    // While others wait the purse is empty, and after them it is half full before one of these goes.
    spare: createLine(limits.waiting, (signal) => purse.take(limits.burst / 2, signal)),
  };
  return {
    pass: async (priority, signal) => {
      if (priority === 'lease') purse.owe();
      else await lines[priority](signal);
    },
  };
}

/** Tokens that come back with time: each call costs one. */
function createPurse({ burst, perSecond }: FlowLimits, time: Time) {
  let tokens = burst;
  let countedAt = time.now();
  const refill = () => {
    const now = time.now();
    tokens = Math.min(burst, tokens + ((now - countedAt) * perSecond) / 1_000);
    countedAt = now;
  };
  return {
    owe: () => {
      refill();
      tokens -= 1;
    },
    take: async (left: number, signal?: AbortSignal) => {
      const lacking = () => Math.min(left + 1, Math.max(1, burst)) - tokens;
      refill();
      while (lacking() > 0) {
        await time.wait(Math.ceil((lacking() * 1_000) / perSecond), signal);
        if (signal?.aborted) return;
        refill();
      }
      tokens -= 1;
    },
  };
}

/** Callers in the order in which they came. */
function createLine(most: number, take: (signal?: AbortSignal) => Promise<void>) {
  let waiting = 0;
  let turn: Promise<unknown> = Promise.resolve();
  return async (signal?: AbortSignal): Promise<void> => {
    if (waiting >= most) throw new Fault('QueueFull');
    waiting += 1;
    const mine = turn.then(() => take(signal));
    turn = mine;
    await mine.finally(() => (waiting -= 1));
  };
}

/** How long a call may take, and who may end it sooner. Real time: it limits real waiting. */
export interface Limit {
  readonly signal: AbortSignal;
  /** Fails when the limit does: credentials that hang listen to no signal. */
  readonly passed: Promise<never>;
  /** A stream may last: from its head on only the caller's signal ends it. */
  liftDeadline(): void;
  lift(): void;
}

export function limitOf(deadlineMs: number, signal?: AbortSignal): Limit {
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(new Fault('TimedOut')), deadlineMs);
  const follow = () =>
    ending.abort(signal?.reason instanceof Fault ? signal.reason : new Fault('Cancelled'));
  const passed = new Promise<never>((_, reject) => {
    ending.signal.addEventListener('abort', () => reject(faultOf(ending.signal.reason)));
  });
  passed.catch(() => undefined);
  if (signal?.aborted) follow();
  else signal?.addEventListener('abort', follow, { once: true });
  const liftDeadline = () => clearTimeout(timer);
  return {
    signal: ending.signal,
    passed,
    liftDeadline,
    lift: () => {
      liftDeadline();
      signal?.removeEventListener('abort', follow);
    },
  };
}
