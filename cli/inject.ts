import { admit, patchOf } from '../domain/injection/admit.ts';
import type { Language } from '../domain/injection/instrumentation/settings.ts';
import { hintsFor, unknownLanguages } from './manifest/hints.ts';
import { itemsOf } from './manifest/items.ts';
import type { Item, ManifestFile, Problem } from './manifest/model.ts';
import { parseFile } from './manifest/parse.ts';
import { readWorkload, type Workload } from './manifest/workloads.ts';
import {
  isInstrumentation,
  isNamespace,
  surroundings,
  type NamespaceAnnotation,
  type Surroundings,
} from './manifest/world.ts';
import { readSources } from './read.ts';
import { wasRefused, type Report, type Result } from './report/report.ts';
import type { Edit } from './rewrite/edits.ts';
import { rewrite } from './rewrite/rewrite.ts';

export interface InjectOptions {
  readonly paths: readonly string[];
  readonly namespace: string;
  readonly namespaceAnnotations: readonly NamespaceAnnotation[];
  /** Files and folders whose Instrumentations count and are not written. */
  readonly instrumentationPaths: readonly string[];
  readonly disabled: readonly Language[];
}

export type Injected =
  | { readonly kind: 'badInput'; readonly problems: readonly Problem[] }
  | {
      readonly kind: 'done' | 'refused';
      /** Written when they are asked for: that takes most of the time, and a report does without. */
      readonly files: readonly RewrittenFile[];
      readonly report: Report;
    };

export interface RewrittenFile {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  /** What leads from the one to the other. */
  readonly edits: readonly Edit[];
}

/** What would be injected into the workloads of some manifests: the manifests with it, and why not elsewhere. */
export async function inject(
  options: InjectOptions,
  stdin: () => Promise<Uint8Array>,
): Promise<Injected> {
  const given = await load(options.paths, stdin);
  const told = await load(options.instrumentationPaths, stdin);
  const known = told.items.filter((item) => isInstrumentation(item));
  const around = surroundings([...known, ...given.items], options);
  const read = given.items.map((item) => readWorkload(item, options.namespace));
  const problems = [
    ...given.problems,
    ...told.problems,
    ...withoutAny(options.instrumentationPaths, known, told.problems),
    ...around.problems,
    ...read.flatMap((one) => (one.kind === 'unreadable' ? one.problems : [])),
  ];
  if (problems.length > 0) return { kind: 'badInput', problems: inOrder(problems) };

  const results = read.flatMap((one): readonly Result[] => {
    if (one.kind === 'workload') return [decide(one.workload, around)];
    return one.kind === 'elsewhere' ? [one] : [];
  });
  const report = { results, hints: hintsOf(results, given.items), known: around.known };
  return {
    kind: results.some(wasRefused) ? 'refused' : 'done',
    report,
    get files() {
      return given.files.map((file) => rewritten(file, results));
    },
  };
}

/** As a person reads: file by file and from above, files in the order in which they were found. */
function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const files = [...new Set(problems.map(({ file }) => file))];
  return files.flatMap((file) =>
    problems
      .filter((problem) => problem.file === file)
      .toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0)),
  );
}

interface Loaded {
  readonly files: readonly ManifestFile[];
  readonly items: readonly Item[];
  readonly problems: readonly Problem[];
}

async function load(paths: readonly string[], stdin: () => Promise<Uint8Array>): Promise<Loaded> {
  const sources = await readSources(paths, stdin);
  const parsed = sources.files.map(parseFile);
  const found = parsed.map(({ file }) => itemsOf(file));
  return {
    files: parsed.map(({ file }) => file),
    items: found.flatMap(({ items }) => items),
    problems: [...sources.problems, ...[...parsed, ...found].flatMap(({ problems }) => problems)],
  };
}

/** Who names a file of Instrumentations and none is in it has named the wrong one. */
function withoutAny(
  paths: readonly string[],
  known: readonly Item[],
  problems: readonly Problem[],
): readonly Problem[] {
  const [file] = paths;
  if (file === undefined || known.length > 0 || problems.length > 0) return [];
  return [{ file, sentence: 'expected an Instrumentation, found none' }];
}

function decide(workload: Workload, { worldOf }: Surroundings): Result {
  const admission = admit(workload.pod, worldOf(workload.namespace), workload.owner);
  return { kind: 'workload', workload, admission };
}

function hintsOf(results: readonly Result[], items: readonly Item[]): readonly Problem[] {
  return [
    ...items
      .filter((item) => isNamespace(item))
      .flatMap((item) => unknownLanguages(item, ['metadata', 'annotations'])),
    ...results.flatMap((result) =>
      hintsFor(result.workload, result.kind === 'elsewhere' ? result.reference : undefined),
    ),
  ];
}

/** A workload that was refused stays as it was: a mark in a manifest would help nobody. */
function rewritten(file: ManifestFile, results: readonly Result[]): RewrittenFile {
  const changes = results.flatMap((result) => {
    if (result.kind !== 'workload' || result.admission.kind !== 'injected') return [];
    const { item, at, pod } = result.workload;
    if (item.file !== file) return [];
    const operations = patchOf(pod, result.admission);
    const { document } = item;
    return [{ document, at: [...item.at, ...at], pod: result.admission.pod, operations }];
  });
  const { text, edits } = rewrite(file, changes);
  return { path: file.path, before: file.text, after: text, edits };
}
