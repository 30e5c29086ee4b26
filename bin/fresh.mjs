import { readFileSync, statSync } from 'node:fs';

const root = new URL('..', import.meta.url);

/** In a bundle: each file that it was made of, and when that had been changed last. */
export const origin = 'origin.json';

export const changedAt = (path) => statSync(new URL(path, root)).mtimeMs;

/** Whether a clone's bundle is what its sources would make. */
export function isFresh() {
  try {
    const told = readFileSync(new URL(`dist/bundle/${origin}`, root), 'utf8');
    return Object.entries(JSON.parse(told)).every(([path, at]) => changedAt(path) === at);
  } catch {
    return false;
  }
}
