import { isDeepStrictEqual } from 'node:util';
import type { Fields, Metadata } from '../api.ts';

/**
 * What a lifecycle wants done, in this order. A patch or a deletion holds only for that very object,
 * not for another of its name; what follows a refused change is left for the next look.
 */
export type Change =
  | { readonly kind: 'create'; readonly plural: string; readonly body: object }
  | {
      readonly kind: 'patch' | 'status' | 'delete';
      readonly plural: string;
      readonly of: Metadata;
      readonly body?: Fields;
    }
  /** Nothing may happen until then, and yet something may be due. */
  | { readonly kind: 'look'; readonly at: number };

interface Known {
  readonly metadata: Metadata;
  readonly status?: object;
}

export const create = (plural: string, body: object): Change => ({ kind: 'create', plural, body });

export const remove = (plural: string, { metadata: of }: Known): Change => ({
  kind: 'delete',
  plural,
  of,
});

export const patch = (plural: string, { metadata: of }: Known, body: Fields): Change => ({
  kind: 'patch',
  plural,
  of,
  body,
});

/** These are told even when they are zero; every other zero is absent. */
const told: Readonly<Record<string, RegExp>> = {
  deployments: /^terminatingReplicas$/,
  replicasets: /^(?:terminatingReplicas|replicas)$/,
  statefulsets: /^(?:replicas|availableReplicas)$/,
  daemonsets: /^(?:(?:desired|current)NumberScheduled|numberReady|numberMisscheduled)$/,
};

/** Writes a status if it differs from the one that is there. */
export function writeStatus(plural: string, known: Known, next: Fields): readonly Change[] {
  const before = (known.status ?? {}) as Fields;
  const isZero = (name: string, value: unknown) => value === 0 && !told[plural]?.test(name);
  const changed = Object.entries(next)
    .map(([name, value]) => [name, isZero(name, value) ? undefined : value] as const)
    .filter(([name, value]) => !isDeepStrictEqual(before[name], value))
    .map(([name, value]) => [name, value ?? null] as const);
  if (changed.length === 0) return [];
  const body = { status: Object.fromEntries(changed) };
  return [{ kind: 'status', plural, of: known.metadata, body }];
}
