export interface Limits {
  /** Reviews that are taken at a time. */
  readonly requests: number;
  /** What all of them may hold in memory together. */
  readonly bytes: number;
  /** The longest body of one. An API server stores no object that comes near. */
  readonly body: number;
  readonly connections: number;
}

const mebibyte = 1024 * 1024;

export const usualLimits: Limits = {
  requests: 256,
  bytes: 64 * mebibyte,
  body: 8 * mebibyte,
  connections: 1_000,
};

/** Counts who is inside. Whoever finds it shut is let through without being looked at. */
export interface Gate {
  enter(bytes: number): boolean;
  leave(bytes: number): void;
}

export function createGate({ requests, bytes }: Limits): Gate {
  let inside = 0;
  let held = 0;
  return {
    enter: (size) => {
      if (inside >= requests || held + size > bytes) return false;
      inside += 1;
      held += size;
      return true;
    },
    leave: (size) => {
      inside -= 1;
      held -= size;
    },
  };
}

/** Knows who is still inside, wanted or not. */
export interface Presence {
  /** Counts somebody in; what it returns counts him out. */
  entered(): () => void;
  inside(): number;
  emptied(): Promise<void>;
}

export function createPresence(): Presence {
  let inside = 0;
  let whenEmpty: (() => void) | undefined;
  const leave = () => {
    inside -= 1;
    if (inside === 0) whenEmpty?.();
  };
  return {
    entered: () => {
      inside += 1;
      return leave;
    },
    inside: () => inside,
    emptied: () =>
      new Promise((resolve) => {
        whenEmpty = resolve;
        if (inside === 0) resolve();
      }),
  };
}
