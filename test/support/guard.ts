import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';

/** Paths below the root, with the text of the sources among them. */
export type Tree = ReadonlyMap<string, string>;

export interface Rule {
  readonly title: string;
  readonly offences: (tree: Tree) => readonly string[];
  /** A file that breaks the rule, to see that it is caught. */
  readonly planted: readonly [path: string, text: string];
}

/** What is in Git or about to be, as the working tree has it. */
export function readTree(root: string): Tree {
  const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  const paths = listed.split('\0').filter((path) => path !== '');
  return new Map(
    paths.map((path) => [path, isSource(path) ? readSource(posix.join(root, path)) : '']),
  );
}

const isSource = (path: string) => path.endsWith('.ts');

/** A file that another process removes meanwhile has nothing to answer for. */
function readSource(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Who may import whom. A folder that is not named on the right may not be imported from the left. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  crds: [],
  config: [],
  sandbox: [],
  domain: ['crds'],
  metrics: ['domain'],
  controller: ['domain', 'crds', 'metrics', 'config'],
  cli: ['domain', 'crds', 'config', 'controller/kube'],
  docs: ['domain', 'crds', 'config', 'metrics'],
};

/** Places that start what their folder may not know. */
const exceptions: Readonly<Record<string, readonly string[]>> = {
  'cli/run.ts': ['controller/run.ts'],
  'cli/look': ['controller/loop/kinds.ts', 'controller/loop/allowance.ts'],
  'cli/demo': ['controller/run.ts', 'sandbox'],
};

const exceptionsFor = (from: string): readonly string[] =>
  Object.entries(exceptions).flatMap(([place, more]) => (isBelow(from, place) ? more : []));

/** The one place for each package; elsewhere only its types are seen. */
const homes: Readonly<Record<string, RegExp>> = {
  '@kubernetes/client-node': /^controller\/kube\//,
  'p-queue': /^controller\/loop\//,
  'prom-client': /^metrics\//,
  winston: /^controller\/log\.ts$/,
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

function importsOf(tree: Tree): readonly Import[] {
  const statement = /^(?:import|export)\s+(?<type>type\s)?[^;]*?from\s+'(?<to>[^']+)'/gm;
  return product(tree).flatMap(([from, text]) =>
    [...text.matchAll(statement)].map(({ groups }) => {
      const to = groups?.['to'] ?? '';
      const path = to.startsWith('.') ? posix.normalize(posix.join(posix.dirname(from), to)) : to;
      return { from, to: path, typeOnly: groups?.['type'] !== undefined };
    }),
  );
}

const folderOf = (path: string) => path.split('/')[0] ?? '';

const product = (tree: Tree) =>
  [...tree].filter(([path]) => isSource(path) && folderOf(path) in mayImport);

const isOurs = (path: string) => path.endsWith('.ts');

const arrow = ({ from, to }: Import) => `${from} -> ${to}`;

const isBelow = (path: string, place: string) => path === place || path.startsWith(`${place}/`);

function filesWith(tree: Tree, pattern: RegExp, except: RegExp = /^$/): readonly string[] {
  return product(tree)
    .filter(([path, text]) => pattern.test(text) && !except.test(path))
    .map(([path]) => path);
}

/** Comments may speak of what code may not do. */
const withoutComments = (tree: Tree): Tree =>
  new Map(
    [...tree].map(([path, text]) => [
      path,
      text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, ''),
    ]),
  );

function cycles(tree: Tree): readonly string[] {
  const edges = Map.groupBy(importsOf(tree), ({ from }) => from);
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
    if (done.has(path) || trail.includes(path)) return;
    for (const { to } of edges.get(path) ?? []) visit(to, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return found;
}

const mirrored = new Set(['domain', 'metrics', 'config']);

const entriesOf = (tree: Tree) => {
  const entries = new Map<string, Set<string>>();
  for (const path of tree.keys()) {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const folder = parts.slice(0, depth).join('/');
      entries.set(folder, (entries.get(folder) ?? new Set()).add(parts[depth] ?? ''));
    }
  }
  return entries;
};

export const rules: readonly Rule[] = [
  {
    title: 'folders import only what lies beneath them',
    offences: (tree) =>
      importsOf(tree)
        .filter(({ from, to }) => isOurs(to) && folderOf(from) !== folderOf(to))
        .filter(({ from, to }) => {
          const allowed = [...(mayImport[folderOf(from)] ?? []), ...exceptionsFor(from)];
          return !allowed.some((place) => isBelow(to, place));
        })
        .map(arrow),
    planted: ['domain/planted.ts', "import { images } from '../config/images.ts';"],
  },
  {
    title: 'injection knows nothing of restarts',
    offences: (tree) =>
      importsOf(tree)
        .filter(
          ({ from, to }) => isBelow(from, 'domain/injection') && isBelow(to, 'domain/restart'),
        )
        .map(arrow),
    planted: ['domain/injection/planted.ts', "import { judge } from '../restart/judge.ts';"],
  },
  {
    title: 'each package has one home; elsewhere only its types are seen',
    offences: (tree) =>
      importsOf(tree)
        .filter(({ from, to, typeOnly }) => !typeOnly && homes[to]?.test(from) === false)
        .map(arrow),
    planted: ['cli/planted.ts', "import { KubeConfig } from '@kubernetes/client-node';"],
  },
  {
    title: 'the domain reads no clock, no dice and no machine',
    offences: (tree) => {
      const impure =
        /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.|\bfetch\(|\bconsole\.|\bawait\b/;
      return filesWith(withoutComments(tree), impure).filter((path) => isBelow(path, 'domain'));
    },
    planted: ['domain/planted.ts', 'export const now = () => Date.now();'],
  },
  {
    title: 'the domain hashes in one place',
    offences: (tree) =>
      importsOf(tree)
        .filter(
          ({ from, to }) =>
            isBelow(from, 'domain') && to === 'node:crypto' && from !== 'domain/injection/stamp.ts',
        )
        .map(arrow),
    planted: ['domain/planted.ts', "import { hash } from 'node:crypto';"],
  },
  {
    title: 'arguments and environment are read in one place, and nothing ends the process',
    offences: (tree) => [
      ...filesWith(
        withoutComments(tree),
        /\bprocess\.(?:env|argv)\b/,
        /^(?:cli\/main|crds\/render|docs\/render)\.ts$/,
      ),
      ...filesWith(withoutComments(tree), /\bprocess\.exit\(/),
    ],
    planted: ['config/planted.ts', "export const home = process.env['HOME'];"],
  },
  {
    title: 'imports form no cycle',
    offences: cycles,
    planted: ['domain/planted.ts', "import { planted } from './planted.ts';"],
  },
  {
    title: 'a file exports what it holds, by name',
    offences: (tree) => [
      ...filesWith(tree, /^export default\b/m),
      ...product(tree)
        .filter(
          ([, text]) =>
            text.trim() !== '' &&
            text.replaceAll(/^export [^;]*? from '[^']+';$/gm, '').trim() === '',
        )
        .map(([path]) => path),
    ],
    planted: ['domain/planted.ts', "export { reasons } from './reasons.ts';\n"],
  },
  {
    title: 'a file has at most 250 lines',
    offences: (tree) =>
      product(tree)
        .filter(([path, text]) => path !== 'crds/types.ts' && text.split('\n').length > 251)
        .map(([path]) => path),
    planted: ['domain/planted.ts', '\n'.repeat(300)],
  },
  {
    title: 'a folder has at most 12 entries',
    offences: (tree) =>
      [...entriesOf(tree)]
        .filter(
          ([folder, names]) =>
            names.size > 12 &&
            folder !== 'test' &&
            !isBelow(folder, 'docs') &&
            !isBelow(folder, 'test/fixtures'),
        )
        .map(([folder]) => folder),
    planted: ['domain/injection/languages/planted.ts', 'export const planted = 1;'],
  },
  {
    title: 'every file of the core, the metrics and the settings has its mirror among the tests',
    offences: (tree) =>
      product(tree)
        .map(([path]) => path)
        .filter((path) => mirrored.has(folderOf(path)))
        .filter((path) => !tree.has(`test/${path.replace(/\.ts$/, '.test.ts')}`)),
    planted: ['metrics/planted.ts', 'export const planted = 1;'],
  },
];
