import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import {
  appendFile,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { promisify } from 'node:util';
import anyTest, { type TestFn } from 'ava';
import { FakeApi } from './support/faults/api.ts';
import { makeCertificates } from './support/faults/certificate.ts';
import { serve } from './support/faults/serve.ts';
import { startProxy } from './support/faults/way.ts';

const test = anyTest.serial as TestFn;
const run = promisify(execFile);
const root = join(import.meta.dirname, '..');

interface PackageFile {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly bin: { readonly retrofit: string };
}

const packageFile = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageFile;

/** What the package is made of; it is packed where nobody else is at work. */
const ingredients = [
  'package.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'tsconfig.json',
  'bin',
  'cli',
  'config',
  'controller',
  'crds',
  'domain',
  'metrics',
  'sandbox',
].filter((name) => existsSync(join(root, name)));

/** Nobody listens at a port that asks for a privilege, neither an API server nor a proxy. */
const nobody = '127.0.0.1:1';
const ways = ['http', 'https', 'socks5'];
const nobodysKubeconfig = {
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [
    { name: 'gone', cluster: { server: `https://${nobody}` } },
    ...ways.map((way) => ({
      name: way,
      cluster: { server: 'https://there', 'proxy-url': `${way}://${nobody}` },
    })),
  ],
  users: [{ name: 'me', user: { token: 'mine' } }],
  contexts: [
    { name: 'here', context: { cluster: 'gone', user: 'me' } },
    ...ways.map((way) => ({ name: way, context: { cluster: way, user: 'me' } })),
  ],
  'current-context': 'here',
};

let directory: string;
const workshop = () => join(directory, 'workshop');
const unpacked = () => join(directory, 'node_modules/otel-retrofit');

/** The Node that npm itself runs on is the one that whoever installs the package has. */
const theirs = process.env['npm_node_execpath'] ?? process.execPath;

const retrofitOn = (node: readonly string[], ...words: readonly string[]) => {
  const [program = theirs, ...options] = node;
  return run(program, [...options, join(unpacked(), packageFile.bin.retrofit), ...words], {
    cwd: directory,
    env: { PATH: process.env['PATH'] },
  }).catch(
    (failure: { readonly code: number; readonly stdout: string; readonly stderr: string }) =>
      failure,
  );
};

const retrofit = (...words: readonly string[]) => retrofitOn([theirs], ...words);

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    statSync(join(folder, file)).isFile(),
  );

/** A package is laid where npm would lay it, beside nothing else. */
test.before('the package is packed and unpacked', async () => {
  directory = await mkdtemp(join(tmpdir(), 'retrofit-package-'));
  await mkdir(workshop());
  for (const name of ingredients)
    await cp(join(root, name), join(workshop(), name), { recursive: true });
  await symlink(join(root, 'node_modules'), join(workshop(), 'node_modules'));
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', directory], {
    cwd: workshop(),
  });
  await mkdir(unpacked(), { recursive: true });
  const tarball = join(directory, stdout.trim().split('\n').at(-1) ?? '');
  await run('tar', ['-xzf', tarball, '-C', unpacked(), '--strip-components=1']);
  await writeFile(join(directory, 'kubeconfig'), JSON.stringify(nobodysKubeconfig));
});

test('it holds the program, its papers, and nothing else', (t) => {
  const papers = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'];
  const program = /^(?:bin\/(?:older|retrofit)\.js|dist\/bundle\/[\w.-]+\.(?:mjs|txt))$/;
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
  t.true(bytes < 2.5e6);
});

test('every file that the program asks for is there, and it asks for no package', (t) => {
  const statement = /(?:\}\s*from|\bimport)\s*\(?\s*["'](?<to>[@\w./:-]+)["']/g;
  const code = filesIn(unpacked()).filter((file) => /\.m?js$/.test(file));
  const missing = code.flatMap((file) =>
    [...readFileSync(join(unpacked(), file), 'utf8').matchAll(statement)]
      .map(({ groups }) => groups?.['to'] ?? '')
      .filter((to) => !isThere(to, file))
      .map((to) => `${file}: ${to}`),
  );
  t.deepEqual(missing, []);
});

const isThere = (to: string, from: string): boolean =>
  to.startsWith('node:') ||
  (to.startsWith('.') && existsSync(join(unpacked(), posix.dirname(from), to)));

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

/** What has come to the language since the oldest Node that is promised. */
const young = [
  'delete Promise.withResolvers; delete Promise.try; delete Map.groupBy; delete Object.groupBy;',
  'delete Array.fromAsync; delete RegExp.escape; delete globalThis.Iterator;',
  "for (const name of ['union', 'intersection', 'difference', 'symmetricDifference', 'isSubsetOf',",
  "  'isSupersetOf', 'isDisjointFrom']) delete Set.prototype[name];",
  'const walking = Object.getPrototypeOf(Object.getPrototypeOf([].values()));',
  "for (const name of ['map', 'filter', 'take', 'drop', 'flatMap', 'reduce', 'toArray', 'forEach',",
  "  'some', 'every', 'find']) delete walking[name];",
].join(' ');

const nodes = {
  'the Node that npm runs on': [theirs],
  'a Node whose language is that of Node 20': [
    process.execPath,
    `--import=data:text/javascript,${encodeURIComponent(young)}`,
  ],
};

for (const [name, node] of Object.entries(nodes)) {
  test(`${name} runs each of its commands`, async (t) => {
    const folder = join(root, 'test/fixtures/doctor/the-mistakes-of-a-first-day');
    for (const [words, shown] of [
      [['run', '--help'], /retrofit run/],
      [['inject', join(root, 'config/samples/java.yaml')], /otel-retrofit\.dev\/injected/],
      [['status', '-f', join(folder, 'cluster.yaml')], /^Deployment\/shop\/stock /m],
      [['plan', '-f', join(folder, 'cluster.yaml')], /restart/],
      [['doctor', '-f', join(folder, 'cluster.yaml')], /AnnotationMisplaced/],
      [['status', '--kubeconfig', join(directory, 'kubeconfig')], /ECONNREFUSED/],
      [['doctor', '--kubeconfig', join(directory, 'kubeconfig')], /ECONNREFUSED/],
      ...ways.map(
        (way) =>
          [
            ['status', '--kubeconfig', join(directory, 'kubeconfig'), '--context', way],
            /ECONNREFUSED/,
          ] as const,
      ),
    ] as const) {
      const { stdout, stderr } = await retrofitOn(node, ...words);
      t.regex(stdout + stderr, shown, words.join(' '));
    }
  });
}

test('it asks a cluster through the proxy that the kubeconfig names', async (t) => {
  const certificates = await makeCertificates();
  const [served, proxy] = [await serve(new FakeApi(), certificates), await startProxy()];
  t.teardown(() => Promise.all([served.stop(), proxy.stop()]));
  const cluster = {
    server: served.url,
    'certificate-authority-data': Buffer.from(certificates.ca).toString('base64'),
    'proxy-url': proxy.url,
  };
  const file = join(directory, 'behind');
  const clusters = [{ name: 'gone', cluster }];
  await writeFile(file, JSON.stringify({ ...nobodysKubeconfig, clusters }));
  const { stderr } = await retrofit('status', '--kubeconfig', file);
  t.is(stderr, '');
  t.deepEqual([...new Set(proxy.asked)], [new URL(served.url).host]);
});

test('what is run again is not compiled again, and where nothing can be kept it runs all the same', async (t) => {
  const kept = join(unpacked(), 'dist/bundle/compiled');
  const first = await retrofitOn([process.execPath], '--version');
  t.true(filesIn(kept).length > 0);
  await rm(kept, { recursive: true });
  await writeFile(kept, 'no folder');
  t.deepEqual(await retrofitOn([process.execPath], '--version'), first);
});

test('a clone runs its bundle, and its sources as soon as they say something else', async (t) => {
  const file = (path: string) => join(workshop(), path);
  const help = async () => {
    const { stdout, stderr } = await run(process.execPath, [file('bin/retrofit.js'), '--help']);
    return { text: stdout.split('\n').at(2), isBundled: stderr === 'bundled\n' };
  };
  await appendFile(file('dist/bundle/main.mjs'), "\nconsole.error('bundled');\n");
  const before = 'Puts OpenTelemetry agents into Kubernetes workloads.';
  t.deepEqual(await help(), { text: before, isBundled: true });

  const source = await readFile(file('cli/program.ts'), 'utf8');
  await writeFile(file('cli/program.ts'), source.replace(before, 'It was changed.'));
  t.deepEqual(await help(), { text: 'It was changed.', isBundled: false });

  await run(process.execPath, [file('bin/bundle.js'), '--if-stale'], { cwd: workshop() });
  const bundled = await readFile(file('dist/bundle/main.mjs'), 'utf8');
  t.true(bundled.includes('It was changed.'));
  await appendFile(file('dist/bundle/main.mjs'), "\nconsole.error('bundled');\n");
  t.deepEqual(await help(), { text: 'It was changed.', isBundled: true });
  await run(process.execPath, [file('bin/bundle.js'), '--if-stale'], { cwd: workshop() });
  t.deepEqual(await help(), { text: 'It was changed.', isBundled: true });

  await writeFile(file('cli/program.ts'), source);
  await utimes(file('cli/program.ts'), 0, 0);
  t.deepEqual(await help(), { text: before, isBundled: false });

  // As if it were written again while it is bundled.
  const soon = Date.now() / 1_000 + 600;
  await utimes(file('cli/program.ts'), soon, soon);
  await run(process.execPath, [file('bin/bundle.js'), '--if-stale'], { cwd: workshop() });
  await appendFile(file('dist/bundle/main.mjs'), "\nconsole.error('bundled');\n");
  t.deepEqual(await help(), { text: before, isBundled: false });
});

test.after.always('nothing is left', async () => {
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
});
