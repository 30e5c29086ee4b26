import { readDump, type Named } from '../look/files.ts';
import { objectsOf } from '../look/objects.ts';
import { recordsOf } from '../look/records.ts';
import type { Problem } from '../manifest/model.ts';
import { sightOf, sortedByKind, type Gathered } from './evidence.ts';

export type FilesRead =
  | { readonly kind: 'gathered'; readonly gathered: Gathered }
  | { readonly kind: 'unread'; readonly problems: readonly Problem[] };

/** Reads what was written down of a cluster. */
export async function fromFiles(
  paths: readonly string[],
  stdin: () => Promise<Uint8Array>,
): Promise<FilesRead> {
  const { items, problems } = await readDump(paths, stdin);
  if (problems.length > 0) return { kind: 'unread', problems };
  return { kind: 'gathered', gathered: gatheredIn(items) };
}

export function gatheredIn(items: readonly Named[]): Gathered {
  const byKind = sortedByKind(items);
  const records = recordsOf(objectsOf(items));
  return { byKind, records, sees: sightOf(byKind), denied: [], lacking: [], isLive: false };
}
