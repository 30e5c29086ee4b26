import { isObject, listAt, textAt, type JsonObject } from '../../domain/json.ts';
import { itemsOf } from '../manifest/items.ts';
import type { Problem, SourceFile } from '../manifest/model.ts';
import { parseFile } from '../manifest/parse.ts';
import { readSources } from '../read.ts';
import { sightOf, sortedByKind, type Gathered, type Named } from './evidence.ts';

export type FilesRead =
  | { readonly kind: 'gathered'; readonly gathered: Gathered }
  | { readonly kind: 'unread'; readonly problems: readonly Problem[] };

/** Reads what was written down of a cluster. */
export async function fromFiles(
  paths: readonly string[],
  stdin: () => Promise<Uint8Array>,
): Promise<FilesRead> {
  const sources = await readSources(paths, stdin);
  const read = sources.files.map(objectsIn);
  const problems = [...sources.problems, ...read.flatMap((one) => one.problems)];
  if (problems.length > 0) return { kind: 'unread', problems };
  const sorted = sortedByKind(read.flatMap(({ items }) => items));
  const sees = sightOf(sorted.byKind);
  return {
    kind: 'gathered',
    gathered: { ...sorted, sees, denied: [], lacking: [], isLive: false },
  };
}

interface Read {
  readonly items: readonly Named[];
  readonly problems: readonly Problem[];
}

/** JSON is YAML too, and is read far sooner by itself. */
function objectsIn(file: SourceFile): Read {
  const json = file.text.trimStart().startsWith('{') ? parsed(file.text) : undefined;
  if (json !== undefined) return { items: unfold(json), problems: [] };
  const { file: manifest, problems } = parseFile(file);
  const found = itemsOf(manifest);
  return { items: found.items, problems: [...problems, ...found.problems] };
}

/** Several documents in a row, as `kubectl -o json` does not write them, are left to the other reader. */
function parsed(text: string): JsonObject | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

function unfold(json: JsonObject, assumed = ''): readonly Named[] {
  const kind = textAt(json, 'kind') ?? assumed;
  const listed = kind.endsWith('List') ? listAt(json, 'items') : undefined;
  if (listed === undefined) return [{ kind, json }];
  return listed.filter(isObject).flatMap((item) => unfold(item, kind.slice(0, -'List'.length)));
}
