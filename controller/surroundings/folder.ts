import { watch } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { names } from '../../crds/names.ts';
import { readInstrumentation } from '../../domain/injection/instrumentation/read.ts';
import type { Defaults } from '../../domain/injection/match.ts';
import { isObject, listAt, objectAt, textAt, type JsonObject } from '../../domain/json.ts';
import type { Time } from '../kube/pace.ts';
import { createBook, namespaceOf, type Book } from './book.ts';
import type { Surroundings } from './surroundings.ts';

export interface FolderOptions {
  readonly directory: string;
  readonly defaults: Defaults;
  readonly time: Time;
  /** Told of files that cannot be read; what they held before stays out until they can. */
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

  const look = async () => {
    const files = await readAll(directory, onProblem);
    const content = JSON.stringify(files);
    if (content !== last) {
      last = content;
      book.clear();
      for (const [file, text] of files) fill(book, text, (problem) => onProblem(file, problem));
    }
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

type File = readonly [path: string, text: string];

async function readAll(
  directory: string,
  onProblem: FolderOptions['onProblem'],
): Promise<readonly File[]> {
  const listed = await readdir(directory, { recursive: true }).catch(() => {
    onProblem(directory, 'The folder cannot be read.');
    return [];
  });
  const paths = listed.filter((path) => /\.(?:ya?ml|json)$/.test(path)).toSorted();
  const files = await Promise.all(
    paths.map(async (path): Promise<readonly File[]> => {
      try {
        return [[path, await readFile(join(directory, path), 'utf8')]];
      } catch {
        onProblem(path, 'The file cannot be read.');
        return [];
      }
    }),
  );
  return files.flat();
}

function fill(book: Book, text: string, onProblem: (problem: string) => void): void {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return;
  for (const document of documents) {
    const [error] = document.errors;
    if (error !== undefined) onProblem(error.message);
    else add(book, document.toJS());
  }
}

function add(book: Book, value: unknown): void {
  if (!isObject(value)) return;
  const kind = textAt(value, 'kind');
  if (kind?.endsWith('List') === true)
    for (const item of listAt(value, 'items') ?? []) add(book, item);
  else if (kind === 'Namespace') addNamespace(book, value);
  else if (kind === names.kind && textAt(value, 'apiVersion')?.startsWith(names.group) === true) {
    const instrumentation = readInstrumentation(value);
    if (instrumentation === undefined) return;
    book.putInstrumentation(
      `${instrumentation.namespace}/${instrumentation.name}`,
      instrumentation,
    );
  }
}

function addNamespace(book: Book, value: JsonObject): void {
  const metadata = objectAt(value, 'metadata') ?? {};
  const name = textAt(metadata, 'name');
  if (name !== undefined) book.putNamespace(name, namespaceOf(metadata));
}
