import {
  LineCounter,
  parseAllDocuments,
  type Document,
  type ParseOptions,
  type YAMLError,
} from 'yaml';
import type { Json } from '../../domain/json.ts';
import { dialect } from './dialect.ts';
import { isTemplate, templateRemedy } from './place.ts';
import { inspect } from './inspect.ts';
import { checkJson } from './json.ts';
import type { ManifestDocument, ManifestFile, Problem, SourceFile } from './model.ts';

export interface Parsed {
  readonly file: ManifestFile;
  readonly problems: readonly Problem[];
}

/** Reads a file's documents, with everything that keeps one from being understood. */
export function parseFile({ path, text }: SourceFile): Parsed {
  const lineCounter = new LineCounter();
  const placeAt = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return { line, column: line === 1 && text.startsWith('\uFEFF') ? col - 1 : col };
  };
  const file = (documents: readonly ManifestDocument[]): ManifestFile => ({
    path,
    text,
    documents,
    placeAt,
  });
  try {
    const documents = parseDocuments(text, { lineCounter });
    const problems = documents.flatMap((yaml) => problemsOf(yaml, file([])));
    if (problems.length === 0) problems.push(...checkJson(file([]), documents));
    if (problems.length > 0) return { file: file([]), problems };
    return { file: file(documents.map((yaml) => ({ yaml, json: plain(yaml) }))), problems: [] };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { file: file([]), problems: [{ file: path, sentence: tooDeep }] };
  }
}

const tooDeep = 'Lists and objects are nested too deeply to be read.';

export function parseDocuments(text: string, options: ParseOptions = {}) {
  const documents = parseAllDocuments(text, {
    schema: dialect,
    keepSourceTokens: true,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
    ...options,
  });
  return [...documents] as readonly Document.Parsed[];
}

/** As JSON: aliases are replaced by copies of what they stand for. */
export function plain(yaml: Document): Json {
  return JSON.parse(JSON.stringify(yaml.toJS({ maxAliasCount: -1 }) ?? null)) as Json;
}

/** Of errors in the grammar only the first counts: it usually causes the others. */
function problemsOf(yaml: Document.Parsed, file: ManifestFile): readonly Problem[] {
  const [first] = yaml.errors;
  return first === undefined ? inspect(yaml, file) : [grammarProblem(first, file)];
}

function grammarProblem({ code, message, pos }: YAMLError, file: ManifestFile): Problem {
  const remedy = isTemplate(file.text, pos[0]) ? templateRemedy : remedies[code];
  const sentence = `This is not YAML: ${message.trim().replace(/\.$/, '')}.`;
  return {
    file: file.path,
    ...file.placeAt(pos[0]),
    sentence: code === 'RESOURCE_EXHAUSTION' ? tooDeep : sentence,
    ...(remedy === undefined ? {} : { remedy }),
  };
}

const remedies: Readonly<Record<string, string | undefined>> = {
  TAB_AS_INDENT: 'Indent with spaces; YAML allows no tabs there.',
  MULTILINE_IMPLICIT_KEY: 'Check that the line ends where it should and that quotes are closed.',
  BLOCK_AS_IMPLICIT_KEY: 'Quote the text if it holds a colon followed by a space.',
};
