import { folderOf, isThere, make, sweep, type Part } from './parts/cache.ts';
import { findParts } from './parts/parts.ts';

/** Fetches and builds what is not there yet, all of it side by side, and says how long it took. */
const startedAt = performance.now();
const secondsSince = (time: number) => ((performance.now() - time) / 1000).toFixed(1);

await sweep();
const missing = Object.values(await findParts()).filter((part) => !isThere(part));
if (missing.length > 0)
  console.log(`To be made once: ${missing.map(({ name }) => name).join(', ')}.`);
await Promise.all(missing.map(attempt));
console.log(`Agents, services and Collector: found or made in ${secondsSince(startedAt)} s.`);

/** What fails leaves the others at their work: the next run goes on from there. */
async function attempt(part: Part): Promise<void> {
  const begunAt = performance.now();
  try {
    await make(part);
    console.log(`${folderOf(part)} is there after ${secondsSince(begunAt)} s.`);
  } catch (error) {
    console.error(`${part.name} cannot be had. It takes ${part.needs}. ${String(error)}`);
    process.exitCode = 1;
  }
}
