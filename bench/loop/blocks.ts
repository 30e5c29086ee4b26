/** How long the event loop was held up. */
export interface Blocks {
  readonly longestWallMs: number;
  readonly longestCpuMs: number;
  /** Of how late a timer is that is due each millisecond. */
  readonly p99Ms: number;
}

/**
 * A timer that is due each millisecond fires as soon as the event loop gets to it, so the time
 * between two of its ticks is how long nothing else could run. The CPU of this very thread in that
 * time tells our own work from the waiting for a core of a machine that is busy.
 */
export function observeBlocks(
  /** Asked at the end of each block. */
  counts: () => boolean = () => true,
): { readonly end: () => Blocks } {
  let cpu = process.threadCpuUsage();
  let at = performance.now();
  let longestWallMs = 0;
  let longestCpuMs = 0;
  const late: number[] = [];
  const timer = setInterval(() => {
    const { user, system } = process.threadCpuUsage(cpu);
    const wallMs = performance.now() - at;
    if (counts()) {
      longestWallMs = Math.max(longestWallMs, wallMs);
      longestCpuMs = Math.max(longestCpuMs, (user + system) / 1_000);
      late.push(Math.max(0, wallMs - 1));
    }
    cpu = process.threadCpuUsage();
    at = performance.now();
  }, 1);
  return {
    end: () => {
      clearInterval(timer);
      const sorted = Float64Array.from(late).toSorted();
      return {
        longestWallMs,
        longestCpuMs,
        p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
      };
    },
  };
}
