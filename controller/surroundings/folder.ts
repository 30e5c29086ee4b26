import { watch } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { names } from '../../crds/names.ts';
import { readInstrumentation } from '../../domain/injection/instrumentation/read.ts';
import type { Defaults } from '../../domain/injection/match.ts';
import { readLimitRange } from '../../domain/injection/pod/limit-range.ts';
import { isObject, listAt, objectAt, textAt, type JsonObject } from '../../domain/json.ts';
import type { Time } from '../kube/pace.ts';
import { createBook, namespaceOf, type Book } from './book.ts';
import type { Surroundings } from './surroundings.ts';

export interface FolderOptions {
  readonly directory: string;
  readonly defaults: Defaults;
  readonly time: Time;
  /** Told once of what cannot be read; what it held before stays out until it can. */
  readonly onProblem: (file: string, problem: string) => void;
}

/** Notifications tell of most changes at once; for those they miss, the files are read again now and then. */
const pauseMs = 2_000;

/** Namespaces and Instrumentations from manifests, in place of a cluster. */
export function fromFolder({ directory, defaults, time, onProblem }: FolderOptions): Surroundings {
  const book = createBook(defaults);
  const complete = Promise.withResolvers<void>();
  let readAt: number | undefined;
  let last = '';
  let flaws: readonly Problem[] = [];
  let told = new Set<string>();

  const tell = (problems: readonly Problem[]) => {
    const fresh = problems.filter((one) => !told.has(one.join()));
    told = new Set(problems.map((one) => one.join()));
    for (const [file, problem] of fresh) onProblem(file, problem);
  };
  const look = async () => {
    const reading = await readAll(directory);
    if (reading === undefined) {
      tell([[directory, 'The folder cannot be read.']]);
      return;
    }
    const content = JSON.stringify(reading.files);
    if (content !== last) {
      last = content;
      book.clear();
      flaws = reading.files.flatMap((file) => fill(book, file));
    }
    tell([...reading.problems, ...flaws]);
    readAt = time.wall();
    complete.resolve();
  };
  return {
    worldOf: book.worldOf,
    fingerprint: book.fingerprint,
    missing: () => (readAt === undefined ? ['The manifests have not been read yet.'] : []),
    caches: () => [{ resource: 'manifests', isSynced: readAt !== undefined, lastEventAt: readAt }],
    run: async (signal) => {
      let changed = new AbortController();
      const watcher = watch(directory, { recursive: true, signal }, () => changed.abort());
      watcher.on('error', () => undefined);
      while (!signal.aborted) {
        changed = new AbortController();
        await look();
        await time.wait(pauseMs, AbortSignal.any([signal, changed.signal]));
      }
    },
    complete: complete.promise,
  };
}

type Problem = readonly [file: string, problem: string];
type File = readonly [path: string, text: string];

interface Reading {
  readonly files: readonly File[];
  readonly problems: readonly Problem[];
}

/** Nothing when the folder itself cannot be read: then what is known stays known. */
async function readAll(directory: string): Promise<Reading | undefined> {
  const listed = await readdir(directory, { recursive: true }).catch(() => undefined);
  if (listed === undefined) return undefined;
  const files: File[] = [];
  const problems: Problem[] = [];
  for (const path of listed.filter((one) => /\.(?:ya?ml|json)$/.test(one)).toSorted()) {
    try {
      files.push([path, await readFile(join(directory, path), 'utf8')]);
    } catch {
      problems.push([path, 'The file cannot be read.']);
    }
  }
  return { files, problems };
}

/** Takes what a file holds, and says what of it cannot be taken. */
function fill(book: Book, [file, text]: File): readonly Problem[] {
  const [values, problems] = file.endsWith('.json') ? readJson(text) : readYaml(text);
  for (const value of values) add(book, value);
  return problems.map((problem) => [file, problem]);
}

type Values = readonly [values: readonly unknown[], problems: readonly string[]];

function readJson(text: string): Values {
  try {
    return [[JSON.parse(text)], []];
  } catch {
    return [[], ['The file is no JSON.']];
  }
}

function readYaml(text: string): Values {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return [[], []];
  const values: unknown[] = [];
  const problems: string[] = [];
  for (const document of documents) {
    try {
      const [error] = document.errors;
      if (error !== undefined) throw error;
      values.push(document.toJS());
    } catch (error) {
      problems.push(error instanceof Error ? firstLine(error) : 'The document cannot be read.');
    }
  }
  return [values, problems];
}

/** What follows the first line is the text of the file, which may hold secrets. */
const firstLine = ({ message }: Error) => message.split('\n', 1)[0] ?? '';

function add(book: Book, value: unknown): void {
  if (!isObject(value)) return;
  const kind = textAt(value, 'kind');
  const version = textAt(value, 'apiVersion') ?? '';
  if (kind?.endsWith('List') === true) {
    for (const item of listAt(value, 'items') ?? []) add(book, item);
  } else if (kind === 'Namespace' && version === 'v1') addNamespace(book, value);
  else if (kind === 'LimitRange' && version === 'v1') addLimitRange(book, value);
  else if (kind === names.kind && version.startsWith(`${names.group}/`)) {
    addInstrumentation(book, value);
  }
}

function addInstrumentation(book: Book, value: JsonObject): void {
  const instrumentation = readInstrumentation(value);
  if (instrumentation === undefined) return;
  const { namespace, name } = instrumentation;
  book.putInstrumentation(`${namespace}/${name}`, instrumentation);
}

function addNamespace(book: Book, value: JsonObject): void {
  const metadata = objectAt(value, 'metadata') ?? {};
  const name = textAt(metadata, 'name');
  if (name !== undefined) book.putNamespace(name, namespaceOf(metadata));
}

function addLimitRange(book: Book, value: JsonObject): void {
  const namespace = textAt(objectAt(value, 'metadata') ?? {}, 'namespace') ?? '';
  const read = readLimitRange(value);
  if (read !== undefined) book.putLimitRange(`${namespace}/${read.name}`, read);
}
