import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import anyTest, { type TestFn } from 'ava';
import { request } from 'undici';
import { build, type Image } from '../image/build.ts';
import { copyOf, environmentOf, stagesOf, valueOf } from '../image/dockerfile.ts';
import { openKeeper, type Keeper } from '../../cluster/plane/programs.ts';
import { until } from '../../cluster/until.ts';

const test = anyTest.serial as TestFn;
const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');
const isRoot = process.getuid?.() === 0;
const nobody = 65_532;

let directory: string;
let keeper: Keeper;
let image: Image;

const app = () => join(image.root, 'app');

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    statSync(join(folder, file)).isFile(),
  );

test('the ignore file lets through what the Dockerfile copies, and nothing else', (t) => {
  const [first] = stagesOf(readFileSync(join(root, 'Dockerfile'), 'utf8'));
  const copied = first?.steps
    .filter(({ word }) => word === 'COPY')
    .flatMap((step) => copyOf(step).sources);
  const lines = readFileSync(join(root, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  t.deepEqual(lines.toSorted(), ['*', ...(copied ?? []).map((source) => `!${source}`)].toSorted());
});

test('the steps of the Dockerfile build the image in an empty folder', async (t) => {
  directory = await mkdtemp(join(tmpdir(), 'retrofit-image-'));
  keeper = openKeeper(directory);
  image = await build(directory);
  t.true(existsSync(join(app(), 'main.mjs')));
});

test('it holds JavaScript and text alone, so it is one for every architecture', (t) => {
  const files = filesIn(image.root);
  t.deepEqual(
    files.filter((file) => !/^app\/[\w.-]+\.(?:mjs|mjs\.map|txt|json)$/.test(file)),
    [],
  );
  t.deepEqual(
    image.stage.steps.filter(({ word }) => word === 'RUN'),
    [],
  );
  const code = files.filter((file) => file.endsWith('.mjs'));
  const bytes = code.reduce((sum, file) => sum + statSync(join(image.root, file)).size, 0);
  t.log(`${code.length} files of code, ${(bytes / 1e6).toFixed(2)} MB`);
  t.true(bytes < 4e6);
});

interface Bill {
  readonly bomFormat: string;
  readonly components: readonly { readonly purl: string }[];
}

test('its bill of materials names what it is made of, and no tool that made it', (t) => {
  const bill = JSON.parse(readFileSync(join(app(), 'sbom.json'), 'utf8')) as Bill;
  const named = new Set(bill.components.map(({ purl }) => decodeURIComponent(purl)));
  const licences = readFileSync(join(app(), 'LICENSES.txt'), 'utf8');
  const bundled = [...licences.matchAll(/^(?<name>@?[a-z][\w./-]*) (?<version>\d+\.\S+) \(/gm)];
  t.is(bill.bomFormat, 'CycloneDX');
  t.true(bundled.length > 10);
  t.deepEqual(
    bundled
      .map(({ groups }) => `pkg:npm/${groups?.['name']}@${groups?.['version']}`)
      .filter((purl) => !named.has(purl)),
    [],
  );
  t.deepEqual(
    [...named].filter((purl) => /\/(?:ava|esbuild|typescript|node-linux-\w+)@/.test(purl)),
    [],
  );
});

test('it runs as a user who is nobody', (t) => {
  t.is(valueOf(image.stage, 'USER'), `${nobody}:${nobody}`);
  t.regex(image.stage.from, /^gcr\.io\/distroless\/nodejs24-[a-z0-9]+:nonroot/);
});

/** As the image would: its entry point, its environment, nothing else of ours. */
function command(...words: readonly string[]): readonly string[] {
  const [node, entry] = JSON.parse(valueOf(image.stage, 'ENTRYPOINT')) as [string, string];
  if (node !== '/nodejs/bin/node') throw new Error(`No Node is at ${node}.`);
  const variables = Object.entries(environmentOf(image.stage)).map(
    ([name, value]) => `${name}=${value}`,
  );
  return [
    '-i',
    ...variables,
    ...asNobody(),
    process.execPath,
    ...readOnly,
    join(image.root, entry),
    ...words,
  ];
}

/** Whoever starts the tests as root can become nobody; everybody else is unprivileged already. */
const asNobody = () =>
  isRoot
    ? [
        '/usr/bin/setpriv',
        `--reuid=${nobody}`,
        `--regid=${nobody}`,
        '--clear-groups',
        '--no-new-privs',
        '--bounding-set=-all',
      ]
    : [];

/** Node itself then refuses to write anywhere, as a read-only root file system does. */
const readOnly = ['--permission', '--allow-fs-read=*', '--allow-addons', '--allow-worker'];

test('it starts in a moment, and writes nowhere', async (t) => {
  await chmod(directory, 0o755);
  for (const file of filesIn(image.root)) await chmod(join(image.root, file), 0o444);
  await chown(app(), process.getuid?.() ?? 0, process.getgid?.() ?? 0);
  const { stdout } = await run('/usr/bin/env', command('run', '--help'));
  t.regex(stdout, /--webhook-port|settings/);
});

interface Line {
  readonly msg: string;
  readonly [field: string]: unknown;
}

test('it serves under the restrictions that the manifest asks for', async (t) => {
  const settings = {
    manifests: join(root, 'config/samples'),
    'bind-address': '127.0.0.1',
    'webhook-port': 0,
    'probe-port': 0,
    'metrics-port': 0,
    'stop-delay-ms': 0,
  };
  const words = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, String(value)]);
  const startedAt = performance.now();
  const program = keeper.run('product', '/usr/bin/env', command('run', ...words));
  const { probePort } = await until(
    () => {
      if (program.hasEnded()) throw new Error(program.lastLines());
      return linesOf(join(directory, 'product.log')).find(({ msg }) => msg === 'serving');
    },
    { what: 'it serves' },
  );
  const elapsedMs = performance.now() - startedAt;
  await until(
    async () => {
      const { statusCode, body } = await request(`http://127.0.0.1:${Number(probePort)}/readyz`);
      await body.dump();
      return statusCode === 200;
    },
    { what: 'it is ready' },
  );
  const status = readFileSync(`/proc/${program.pid}/status`, 'utf8');
  const cpuMs = spentBy(program.pid);
  const rssMb = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
  t.log(
    `served after ${elapsedMs.toFixed(0)} ms, ${cpuMs} of them at work, ${rssMb.toFixed(0)} MB`,
  );
  t.true(rssMb < 90);
  if (isRoot) {
    t.regex(status, new RegExp(`^Uid:\\s+${nobody}\\s+${nobody}`, 'm'));
    t.regex(status, /^CapEff:\s+0+$/m);
  }
  await program.stop(10_000);
  t.is(linesOf(join(directory, 'product.log')).at(-1)?.msg, 'stopped');
});

const linesOf = (path: string): readonly Line[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Line);

test.after.always('nothing is left', async () => {
  await keeper?.end();
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
});

/** Processor time, which a busy machine leaves as it is; the name may hold anything but this bracket. */
function spentBy(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
