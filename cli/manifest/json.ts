import { isScalar, visit, type Document } from 'yaml';
import type { ManifestFile, Problem } from './model.ts';

/** YAML understands more than JSON does: a file that calls itself JSON is held to its name. */
export function checkJson(file: ManifestFile, documents: readonly Document.Parsed[]) {
  if (!file.path.toLowerCase().endsWith('.json')) return [];
  try {
    JSON.parse(file.text.replace(/^\uFEFF/, ''));
    return [];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const told = /position (?<offset>\d+)/.exec(error.message)?.groups?.['offset'];
    const offset = told === undefined ? firstForeigner(documents) : Number(told);
    const sentence = 'This is not JSON, although the file is called so.';
    const remedy = 'Correct it, or call the file .yaml if that is what it is.';
    const problem: Problem = { file: file.path, ...file.placeAt(offset), sentence, remedy };
    return [problem];
  }
}

/** Where the first value stands that only YAML knows. */
function firstForeigner(documents: readonly Document.Parsed[]): number {
  let found: number | undefined;
  for (const document of documents) {
    visit(document, {
      Node: (_key, node) => {
        if (isScalar(node) && isJsonScalar(node)) return undefined;
        if (!isScalar(node) && 'flow' in node && node.flow) return undefined;
        found ??= node.range?.[0] ?? undefined;
        return visit.BREAK;
      },
    });
  }
  return found ?? 0;
}

const isJsonScalar = ({ type, source }: { readonly type?: string; readonly source?: string }) =>
  type === 'QUOTE_DOUBLE' || /^(?:true|false|null|-?\d[\d.eE+-]*)$/.test(source ?? '');
