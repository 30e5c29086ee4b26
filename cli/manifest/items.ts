import { isObject, listAt, textAt, type Json, type JsonObject } from '../../domain/json.ts';
import type { Item, ManifestFile, Path, Problem } from './model.ts';
import { isTemplate, offsetOf, pathText, placeOf, templateRemedy } from './place.ts';

export interface Items {
  readonly items: readonly Item[];
  readonly problems: readonly Problem[];
}

/** The objects of a file; documents that are no objects of Kubernetes and do not pretend to be are passed over. */
export function itemsOf(file: ManifestFile): Items {
  const items: Item[] = [];
  const problems: Problem[] = [];
  for (const [document, { json }] of file.documents.entries()) {
    if (isObject(json)) items.push(...unfold({ file, document, at: [], json }));
    else if (json !== null && !isForeignList(json)) problems.push(noObject(file, document, json));
  }
  return { items, problems };
}

type Unread = Omit<Item, 'apiVersion' | 'kind'>;

function unfold(unread: Unread, assumed: JsonObject = {}): readonly Item[] {
  const { json, at } = unread;
  const apiVersion = textAt(json, 'apiVersion') ?? textAt(assumed, 'apiVersion') ?? '';
  const kind = textAt(json, 'kind') ?? textAt(assumed, 'kind') ?? '';
  const listed = kind.endsWith('List') ? listAt(json, 'items') : undefined;
  if (listed === undefined) return [{ ...unread, apiVersion, kind }];
  const single = kind.slice(0, -'List'.length);
  const ofItems: JsonObject = single === '' ? {} : { apiVersion, kind: single };
  return listed.flatMap((item, index) =>
    isObject(item) ? unfold({ ...unread, at: [...at, 'items', index], json: item }, ofItems) : [],
  );
}

/** Patches and values files may be lists; a list of manifests is a mistake. */
const isForeignList = (json: Json) =>
  Array.isArray(json) &&
  !json.some((item) => isObject(item) && 'apiVersion' in item && 'kind' in item);

function noObject(file: ManifestFile, document: number, json: Json): Problem {
  const found = file.documents[document];
  const place = found === undefined ? {} : placeOf(file, found.yaml, []);
  const expected = 'expected an object with apiVersion and kind';
  if (!Array.isArray(json)) {
    return { file: file.path, ...place, sentence: `${expected}, found ${describe(json)}` };
  }
  const remedy = 'Separate the manifests by lines of "---", or make them the items of a List.';
  return { file: file.path, ...place, sentence: `${expected}, found a list of them`, remedy };
}

export function describe(json: Json | undefined): string {
  if (json === undefined || json === null) return 'nothing';
  if (Array.isArray(json)) return json.length === 0 ? 'an empty list' : 'a list';
  if (isObject(json)) return 'an object';
  const text = JSON.stringify(json);
  const shown = text.length > 60 ? `${text.slice(0, 57)}…"` : text;
  return `the ${typeof json === 'string' ? 'text' : typeof json} ${shown}`;
}

/** A problem at a path inside an object. */
export function problemAt(
  { file, document, at }: Pick<Item, 'file' | 'document' | 'at'>,
  path: Path,
  text: Pick<Problem, 'sentence' | 'remedy'>,
): Problem {
  const whole = [...at, ...path];
  const yaml = file.documents[document]?.yaml;
  const offset = yaml === undefined ? 0 : offsetOf(yaml, whole);
  const remedy = isTemplate(file.text, offset) ? { remedy: templateRemedy } : {};
  return { file: file.path, ...file.placeAt(offset), path: pathText(whole), ...text, ...remedy };
}
