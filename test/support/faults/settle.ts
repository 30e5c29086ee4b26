/** Waits until something is so; fails, saying what it waited for, when it does not come about. */
export async function until(what: string, isSo: () => boolean, limitMs = 60_000): Promise<void> {
  const endsAt = performance.now() + limitMs;
  while (!isSo()) {
    if (performance.now() > endsAt) throw new Error(`waited in vain for: ${what}`);
    await new Promise((done) => setTimeout(done, 5));
  }
}

/** Numbers that look like chance and are the same in each run with the same seed. */
export function seededDice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
