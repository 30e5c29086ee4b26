import { readDump } from '../look/files.ts';
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
  const sorted = sortedByKind(items);
  const sees = sightOf(sorted.byKind);
  return {
    kind: 'gathered',
    gathered: { ...sorted, sees, hidden: [], denied: [], lacking: [], isLive: false },
  };
}
