import { isDeepStrictEqual } from 'node:util';
import { isObject, type Json } from '../../domain/json.ts';
import type { Operation } from '../../domain/injection/patch.ts';
import type { ManifestFile, Path } from '../manifest/model.ts';
import { parseDocuments, plain } from '../manifest/parse.ts';
import { applyEdits, type Edit } from './edits.ts';
import { editsAnew, editsInPlace } from './write.ts';

/** What is to become of one pod in a file. */
export interface Change {
  readonly document: number;
  /** The way to the pod inside its document. */
  readonly at: Path;
  readonly pod: Json;
  /** The operations that lead there. */
  readonly operations: readonly Operation[];
}

export interface Rewritten {
  readonly text: string;
  /** What was done to the text to get there. */
  readonly edits: readonly Edit[];
}

/**
 * A file's text with its pods changed. Only the lines that must change do; the result is read again
 * and compared, and a document whose layout defeats us is written out anew.
 */
export function rewrite(file: ManifestFile, changes: readonly Change[]): Rewritten {
  if (changes.length === 0) return { text: file.text, edits: [] };
  const wanted = file.documents.map(({ json }, document) =>
    changes
      .filter((change) => change.document === document)
      .reduce((whole, { at, pod }) => replaceAt(whole, at, pod), json),
  );
  const inPlace = attempt(file.text, changes, new Set());
  const wrong = mismatches(inPlace.text, wanted);
  if (wrong.size === 0) return inPlace;
  const anew = attempt(file.text, changes, wrong);
  if (mismatches(anew.text, wanted).size === 0) return anew;
  throw new Error(`The text written for ${file.path} does not say what it should.`);
}

function attempt(text: string, changes: readonly Change[], anew: ReadonlySet<number>): Rewritten {
  const edits = parseDocuments(text).flatMap((yaml, document) => {
    const ofDocument = changes.filter((change) => change.document === document);
    if (ofDocument.length === 0) return [];
    return anew.has(document)
      ? editsAnew(yaml, ofDocument, text)
      : editsInPlace(yaml, ofDocument, text);
  });
  return { text: applyEdits(text, edits), edits };
}

/** The documents that do not say what they should. */
function mismatches(text: string, wanted: readonly Json[]): ReadonlySet<number> {
  const documents = parseDocuments(text, { keepSourceTokens: false });
  const all = wanted.map((_json, index) => index);
  if (documents.length !== wanted.length) return new Set(all);
  return new Set(
    all.filter((index) => {
      const yaml = documents[index];
      const isRead = yaml !== undefined && yaml.errors.length === 0;
      return !isRead || !isDeepStrictEqual(plain(yaml), wanted[index]);
    }),
  );
}

function replaceAt(whole: Json, [key, ...rest]: Path, value: Json): Json {
  if (key === undefined) return value;
  if (Array.isArray(whole)) {
    return (whole as readonly Json[]).map((item, index) =>
      index === key ? replaceAt(item, rest, value) : item,
    );
  }
  if (!isObject(whole)) return whole;
  return { ...whole, [key]: replaceAt(whole[key] ?? null, rest, value) };
}
