import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem, SourceFile } from './manifest/model.ts';

export interface Sources {
  readonly files: readonly SourceFile[];
  readonly problems: readonly Problem[];
}

const largestFile = 64 * 1024 * 1024;

/** Reads files, folders and `-`, each file once, in the order given and by name inside folders. */
export async function readSources(
  paths: readonly string[],
  stdin: () => Promise<Uint8Array>,
): Promise<Sources> {
  const files: SourceFile[] = [];
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const path of paths) {
    try {
      for (const found of await listed(path, seen)) {
        files.push(await read(found, stdin));
      }
    } catch (error) {
      problems.push({ file: path, ...explain(error) });
    }
  }
  return { files, problems };
}

/** Something wrong with a file as a whole. */
class Unreadable extends Error {
  readonly path: string;
  readonly remedy: string | undefined;

  constructor(path: string, sentence: string, remedy?: string) {
    super(sentence);
    this.path = path;
    this.remedy = remedy;
  }
}

async function listed(path: string, seen: Set<string>): Promise<readonly string[]> {
  if (path === '-') return isFirst(path, seen) ? [path] : [];
  const found = await stat(path);
  if (!found.isDirectory()) return (await isNew(path, seen)) ? [path] : [];
  const manifests = await manifestsIn(path, new Set());
  if (manifests.length === 0) {
    throw new Unreadable(path, 'The folder holds no file that ends in .yaml, .yml or .json.');
  }
  const unseen: string[] = [];
  for (const manifest of manifests) if (await isNew(manifest, seen)) unseen.push(manifest);
  return unseen;
}

/** What is hidden, as `.git` is, and what package managers bring along, is nobody's manifest. */
async function manifestsIn(folder: string, entered: Set<string>): Promise<readonly string[]> {
  if (!(await isNew(folder, entered))) return [];
  const found: string[] = [];
  const names = await readdir(folder);
  for (const name of names.toSorted()) {
    if (name.startsWith('.') || name === 'node_modules') continue;
    const path = join(folder, name);
    const isFolder = (await stat(path)).isDirectory();
    if (isFolder) found.push(...(await manifestsIn(path, entered)));
    else if (/\.(?:ya?ml|json)$/i.test(name)) found.push(path);
  }
  return found;
}

async function isNew(path: string, seen: Set<string>): Promise<boolean> {
  return isFirst(await realpath(path), seen);
}

function isFirst(name: string, seen: Set<string>): boolean {
  const { size } = seen;
  return seen.add(name).size > size;
}

async function read(path: string, stdin: () => Promise<Uint8Array>): Promise<SourceFile> {
  if (path === '-') return { path: '<stdin>', text: decode('<stdin>', await stdin()) };
  const { size } = await stat(path);
  if (size > largestFile) throw tooLarge(path);
  return { path, text: decode(path, await readFile(path)) };
}

const tooLarge = (path: string) =>
  new Unreadable(
    path,
    'The file is larger than 64 MiB.',
    'Split it, or give its parts one by one.',
  );

function decode(path: string, bytes: Uint8Array): string {
  if (bytes.length > largestFile) throw tooLarge(path);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new Unreadable(path, 'The file is not text in UTF-8.', 'Save it in UTF-8.');
  }
}

function explain(error: unknown): Partial<Problem> & { readonly sentence: string } {
  if (error instanceof Unreadable) {
    const { path, message, remedy } = error;
    return { file: path, sentence: message, ...(remedy === undefined ? {} : { remedy }) };
  }
  if (!(error instanceof Error && 'code' in error)) throw error;
  const sentence = failures[String(error.code)];
  const file = 'path' in error && typeof error.path === 'string' ? { file: error.path } : {};
  return { ...file, sentence: sentence ?? `It cannot be read: ${error.message}.` };
}

const failures: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file or folder.',
  EACCES: 'It may not be read.',
  ELOOP: 'It is a link that leads to itself.',
};
