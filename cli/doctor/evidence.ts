import type { JsonObject } from '../../domain/json.ts';
import { kinds, placeOf, type Kind } from '../../domain/diagnose/cluster.ts';
import type { Decide } from '../look/assess.ts';
import type { Named } from '../look/files.ts';
import type { Records } from '../look/records.ts';

export type ByKind = Readonly<Record<Kind, readonly JsonObject[]>>;

/** Everything that was read, wherever it comes from. */
export interface Gathered {
  readonly byKind: ByKind;
  /** What a judgement is made of. */
  readonly records: Records;
  /** Where it was found out on the way. */
  readonly decide?: Decide;
  readonly sees: (kind: Kind, namespace?: string) => boolean;
  /** Kinds that could not be read. */
  readonly denied: readonly string[];
  readonly lacking: readonly { readonly account: string; readonly right: string }[];
  /** Whether it shows the cluster as it is now. */
  readonly isLive: boolean;
}

export function sortedByKind(items: readonly Named[]): ByKind {
  const grouped = Map.groupBy(items, ({ kind }) => kind);
  const of = (kind: Kind) => (grouped.get(kind) ?? []).map(({ json }) => json);
  return byKindFrom(of);
}

export const byKindFrom = (of: (kind: Kind) => readonly JsonObject[]): ByKind =>
  Object.fromEntries(kinds.map((kind) => [kind, of(kind)])) as unknown as ByKind;

/**
 * What a dump does not hold may not have been asked for. A kind was looked at where one of it is there.
 * Every cluster has Services, so whoever dumped those dumped what is dumped with them; and of a
 * namespace in which nothing is seen nothing is known.
 */
export function sightOf(byKind: ByKind): Gathered['sees'] {
  const hasServices = byKind.Service.length > 0;
  const inhabited = new Set(
    kinds.flatMap((kind) => byKind[kind].map((json) => placeOf(json).split('/')[0] ?? '')),
  );
  return (kind, namespace) => {
    const isWide = hasServices && dumpedWithServices.has(kind);
    if (byKind[kind].length === 0 && !isWide) return false;
    return namespace === undefined || inhabited.has(namespace);
  };
}

/** Secrets and ConfigMaps are seldom written down with the rest. */
const dumpedWithServices: ReadonlySet<Kind> = new Set<Kind>([
  'MutatingWebhookConfiguration',
  'Deployment',
  'Pod',
]);
