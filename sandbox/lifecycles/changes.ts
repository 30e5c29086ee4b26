import { isDeepStrictEqual } from 'node:util';
import type { Fields, Json, Metadata } from '../api.ts';

/** An object that a change is about: where it is, and as what it was known when the change was thought of. */
export interface Target {
  readonly plural: string;
  readonly metadata: Metadata;
}

/**
 * What a lifecycle wants done, in this order. A patch holds only for the object as it was known; a
 * deletion only for that very object; what follows a refused change is left for the next look.
 */
export type Change =
  | { readonly kind: 'create'; readonly plural: string; readonly body: object }
  | { readonly kind: 'patch' | 'status'; readonly target: Target; readonly patch: Fields }
  | { readonly kind: 'delete'; readonly target: Target }
  /** Nothing may happen until then, and yet something may be due. */
  | { readonly kind: 'look'; readonly at: number };

/** Why the last attempt on an object failed, as the API server said it. */
export interface Refusal {
  readonly reason: string;
  readonly message: string;
}

export const create = (plural: string, body: object): Change => ({ kind: 'create', plural, body });

export const remove = (plural: string, { metadata }: Omit<Target, 'plural'>): Change => ({
  kind: 'delete',
  target: { plural, metadata },
});

export const patch = (
  plural: string,
  { metadata }: Omit<Target, 'plural'>,
  fields: Fields,
): Change => ({ kind: 'patch', target: { plural, metadata }, patch: fields });

interface WithStatus {
  readonly metadata: Metadata;
  readonly status?: object;
}

/**
 * Writes a status if it differs from the one that is there. Zero counters are absent, as the real
 * controllers leave them out; `always` names those they do not leave out.
 */
export function writeStatus(
  plural: string,
  { metadata, status = {} }: WithStatus,
  next: Fields,
  always: readonly string[] = [],
): readonly Change[] {
  const before = status as Fields;
  const after = Object.entries(next).map(
    ([name, value]) => [name, value === 0 && !always.includes(name) ? undefined : value] as const,
  );
  const changed = after
    .filter(([name, value]) => !isDeepStrictEqual(before[name], value))
    .map(([name, value]): [string, Json] => [name, value ?? null]);
  if (changed.length === 0) return [];
  const fields = { status: Object.fromEntries(changed) };
  return [{ kind: 'status', target: { plural, metadata }, patch: fields }];
}

/** Times in objects have whole seconds. */
export const timeOf = (now: number): string => `${new Date(now).toISOString().slice(0, 19)}Z`;
