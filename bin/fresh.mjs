import { readFileSync, statSync } from 'node:fs';

const root = new URL('..', import.meta.url);

/** In a bundle: what it was made of, and since when nothing of that may have changed. */
export const origin = 'origin.json';

/** Whether a clone's bundle is what its sources would make. */
export function isFresh() {
  try {
    const told = readFileSync(new URL(`dist/bundle/${origin}`, root), 'utf8');
    const { madeAt, sources } = JSON.parse(told);
    return sources.every((path) => statSync(new URL(path, root)).mtimeMs < madeAt);
  } catch {
    return false;
  }
}
