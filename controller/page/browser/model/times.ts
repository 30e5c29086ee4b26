/** Seconds by the cluster's clock: the browser's own may be wrong. */
export interface Clock {
  readonly now: () => number;
  readonly set: (now: number) => void;
}

export function createClock(): Clock {
  let ahead = 0;
  return {
    now: () => local() + ahead,
    set: (now) => {
      ahead = now - local();
    },
  };
}

const local = () => Date.now() / 1_000;

const units = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
] as const;

/** As short as it can be told: `12 min`, `3 h`, `a moment`. */
export function lasting(seconds: number): string {
  const unit = units.find(([length]) => seconds >= length);
  if (unit !== undefined) return `${Math.floor(seconds / unit[0])} ${unit[1]}`;
  return seconds < 5 ? 'a moment' : `${Math.floor(seconds)} s`;
}

export const ago = (then: number, now: number): string => `${lasting(Math.max(0, now - then))} ago`;

export const ahead = (then: number, now: number): string =>
  then - now < 1 ? 'now' : `in ${lasting(then - now)}`;

export const instant = (at: number): string =>
  new Date(at * 1_000).toISOString().replace('T', ' ').replace('.000Z', ' UTC');
