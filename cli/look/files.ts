import { isObject, listAt, objectIn, textAt, type JsonObject } from '../../domain/json.ts';
import { itemsOf } from '../manifest/items.ts';
import type { Problem, SourceFile } from '../manifest/model.ts';
import { parseFile } from '../manifest/parse.ts';
import { readSources } from '../read.ts';

/** An object, by the kind that it has or that its list gives it. */
export interface Named {
  readonly kind: string;
  readonly json: JsonObject;
}

export interface Dump {
  readonly items: readonly Named[];
  readonly problems: readonly Problem[];
}

/** Reads what was written down of a cluster. */
export async function readDump(
  paths: readonly string[],
  stdin: () => Promise<Uint8Array>,
): Promise<Dump> {
  const sources = await readSources(paths, stdin);
  const read = sources.files.map(objectsIn);
  return {
    items: read.flatMap(({ items }) => items),
    problems: [...sources.problems, ...read.flatMap(({ problems }) => problems)],
  };
}

/** JSON is YAML too, and one object of it is read far sooner by itself. */
function objectsIn(file: SourceFile): Dump {
  const json = file.text.trimStart().startsWith('{') ? objectIn(file.text) : undefined;
  if (json !== undefined) return { items: unfold(json), problems: [] };
  const { file: manifest, problems } = parseFile(file);
  const found = itemsOf(manifest);
  return { items: found.items, problems: [...problems, ...found.problems] };
}

function unfold(json: JsonObject, assumed = ''): readonly Named[] {
  const kind = textAt(json, 'kind') ?? assumed;
  const listed = kind.endsWith('List') ? listAt(json, 'items') : undefined;
  if (listed === undefined) return [{ kind, json }];
  return listed.filter(isObject).flatMap((item) => unfold(item, kind.slice(0, -'List'.length)));
}
