import { readFileSync, statSync } from 'node:fs';

const root = new URL('..', import.meta.url);

/** Beside the bundle: each file that it was made of, and when that had been changed last. */
export const origin = new URL('dist/origin.json', root);

export const changedAt = (path) => statSync(new URL(path, root)).mtimeMs;

/** Whether a clone's bundle is there, and is what its sources would make. */
export function isFresh() {
  try {
    const told = Object.entries(JSON.parse(readFileSync(origin, 'utf8')));
    return (
      changedAt('dist/bundle/main.mjs') > 0 && told.every(([path, at]) => changedAt(path) === at)
    );
  } catch {
    return false;
  }
}
