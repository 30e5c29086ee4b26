import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { promisify } from 'node:util';
import anyTest, { type TestFn } from 'ava';

const test = anyTest.serial as TestFn;
const run = promisify(execFile);
const root = join(import.meta.dirname, '..');

interface PackageFile {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly bin: { readonly retrofit: string };
}

const packageFile = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageFile;

/** What the package is made of; what is built here must not be found by those who run the sources. */
const ingredients = [
  'package.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'tsconfig.json',
  'tsconfig.build.json',
  'bin',
  'cli',
  'config',
  'controller',
  'crds',
  'domain',
  'metrics',
  'sandbox',
].filter((name) => existsSync(join(root, name)));

let directory: string;
const unpacked = () => join(directory, 'node_modules/otel-retrofit');

const retrofit = (...words: readonly string[]) =>
  run(process.execPath, [join(unpacked(), packageFile.bin.retrofit), ...words], {
    cwd: directory,
    env: { PATH: process.env['PATH'] },
  });

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    statSync(join(folder, file)).isFile(),
  );

/** A package is laid where npm would lay it, beside what it says that it needs and nothing else. */
test.before('the package is packed and unpacked', async () => {
  directory = await mkdtemp(join(tmpdir(), 'retrofit-package-'));
  const workshop = join(directory, 'workshop');
  await mkdir(workshop);
  for (const name of ingredients)
    await cp(join(root, name), join(workshop, name), { recursive: true });
  await symlink(join(root, 'node_modules'), join(workshop, 'node_modules'));
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', directory], {
    cwd: workshop,
  });
  await mkdir(unpacked(), { recursive: true });
  const tarball = join(directory, stdout.trim().split('\n').at(-1) ?? '');
  await run('tar', ['-xzf', tarball, '-C', unpacked(), '--strip-components=1']);
  for (const name of Object.keys(packageFile.dependencies)) {
    const place = join(directory, 'node_modules', name);
    await mkdir(dirname(place), { recursive: true });
    await symlink(join(root, 'node_modules', name), place);
  }
  await rm(workshop, { recursive: true });
});

test('it holds the program, its papers, and nothing else', (t) => {
  const papers = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'];
  const program =
    /^(?:bin\/retrofit\.js|dist\/package\.json|dist\/(?:cli|config|controller|crds|domain|metrics)\/.+\.js)$/;
  const files = filesIn(unpacked());
  t.deepEqual(
    papers.filter((name) => !files.includes(name)),
    [],
  );
  t.deepEqual(
    files.filter((file) => !program.test(file) && !papers.includes(file)),
    [],
  );
  const bytes = files.reduce((sum, file) => sum + statSync(join(unpacked(), file)).size, 0);
  t.log(`${files.length} files, ${Math.round(bytes / 1024)} KB`);
  t.true(bytes < 1.5e6);
});

test('every file and package that the program asks for is there', (t) => {
  const statement = /(?:\bfrom\s*|^import\s*|\bimport\(\s*)'(?<to>[^'\n]+)'/gm;
  const code = filesIn(unpacked()).filter((file) => file.endsWith('.js'));
  const missing = code.flatMap((file) =>
    [...readFileSync(join(unpacked(), file), 'utf8').matchAll(statement)]
      .map(({ groups }) => groups?.['to'] ?? '')
      .filter((to) => !isThere(to, file))
      .map((to) => `${file}: ${to}`),
  );
  t.deepEqual(missing, []);
});

function isThere(to: string, from: string): boolean {
  if (to.startsWith('node:')) return true;
  if (to.startsWith('.')) return existsSync(join(unpacked(), posix.dirname(from), to));
  const [scope = '', name = ''] = to.split('/');
  return (scope.startsWith('@') ? `${scope}/${name}` : scope) in packageFile.dependencies;
}

interface Lock {
  readonly packages: Readonly<Record<string, Needs & { readonly bin?: object }>>;
}

interface Needs {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const neededBy = ({ dependencies, optionalDependencies, peerDependencies }: Needs) =>
  Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });

test('who installs it gets no Node with it, not even by what it needs', (t) => {
  const packed = JSON.parse(readFileSync(join(unpacked(), 'package.json'), 'utf8')) as Needs;
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
  const installed = new Set(neededBy(packed));
  for (const name of installed)
    for (const more of neededBy(packages[`node_modules/${name}`] ?? {})) installed.add(more);
  t.true(installed.size > Object.keys(packageFile.dependencies).length);
  t.deepEqual(
    [...installed].filter((name) => 'node' in (packages[`node_modules/${name}`]?.bin ?? {})),
    [],
  );
});

test('its command explains itself', async (t) => {
  const { stdout } = await retrofit('--help');
  t.regex(stdout, /^Usage: retrofit /m);
  const { stdout: ofRun } = await retrofit('run', '--help');
  t.regex(ofRun, /retrofit run/);
});

test('its command injects', async (t) => {
  const sample = join(root, 'config/samples/java.yaml');
  const { stdout } = await retrofit('inject', sample);
  t.regex(stdout, /otel-retrofit\.dev\/injected/);
});

test.after.always('nothing is left', async () => {
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
});
