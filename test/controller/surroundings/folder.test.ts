import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { machineTime } from '../../../controller/kube/pace.ts';
import { fromFolder } from '../../../controller/surroundings/folder.ts';
import type { Surroundings } from '../../../controller/surroundings/surroundings.ts';
import { theDefaults } from '../../support/build.ts';
import { eventually } from '../webhook/support.ts';

const instrumentation = (name: string, namespace = 'shop') => `
apiVersion: opentelemetry.io/v1alpha1
kind: Instrumentation
metadata: { name: ${name}, namespace: ${namespace} }
spec: { exporter: { endpoint: 'http://otel.obs:4318' } }
`;

interface Place {
  readonly directory: string;
  readonly around: Surroundings;
  readonly problems: string[];
}

/** A folder that is being read until the test ends. */
function read(t: ExecutionContext, files: Readonly<Record<string, string>>): Place {
  const root = mkdtempSync(join(tmpdir(), 'retrofit-folder-'));
  const directory = join(root, 'manifests');
  mkdirSync(directory);
  mkdirSync(join(directory, 'below'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  const problems: string[] = [];
  const around = fromFolder({
    directory,
    defaults: theDefaults(),
    time: machineTime,
    onProblem: (file, problem) => problems.push(`${file}: ${problem}`),
  });
  const end = new AbortController();
  const running = around.run(end.signal);
  t.teardown(async () => {
    end.abort();
    await running;
    rmSync(root, { recursive: true });
  });
  return { directory, around, problems };
}

const namesIn = ({ around }: Place, namespace = 'shop') => [
  ...(around.worldOf(namespace).instrumentations.in(namespace)?.keys() ?? []),
];

test('LimitRanges come from manifests too', async (t) => {
  const place = read(t, {
    'limits.yaml': [
      'apiVersion: v1',
      'kind: LimitRange',
      'metadata: {name: small, namespace: shop}',
      'spec: {limits: [{type: Pod, max: {cpu: 1}}]}',
    ].join('\n'),
  });
  await place.around.complete;
  const [small, ...others] = place.around.worldOf('shop').namespace.limits ?? [];
  t.deepEqual([small?.name, small?.bounds.length, others], ['small', 1, []]);
  t.deepEqual(place.problems, []);
});

test('Instrumentations and namespaces come from YAML, JSON and lists, in folders below too', async (t) => {
  const list = {
    kind: 'List',
    apiVersion: 'v1',
    items: [
      {
        apiVersion: 'opentelemetry.io/v1alpha1',
        kind: 'Instrumentation',
        metadata: { name: 'b', namespace: 'shop' },
      },
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { team: 'cart' } } },
    ],
  };
  const place = read(t, {
    'a.yaml': `${instrumentation('a')}---${instrumentation('elsewhere', 'web')}`,
    'b.json': JSON.stringify(list),
    'below/c.yml': instrumentation('c'),
    'notes.txt': instrumentation('none'),
  });
  await place.around.complete;
  t.deepEqual(namesIn(place), ['a', 'b', 'c']);
  t.deepEqual(namesIn(place, 'web'), ['elsewhere']);
  t.deepEqual(place.around.worldOf('shop').namespace.labels, { team: 'cart' });
  t.deepEqual(place.around.worldOf('unknown').namespace, {
    name: 'unknown',
    annotations: {},
    labels: {},
    limits: undefined,
  });
  t.deepEqual(place.problems, []);
});

test('kinds of other groups that bear the same names are not taken', async (t) => {
  const stranger = instrumentation('a').replace('opentelemetry.io/', 'opentelemetry.io.example/');
  const place = read(t, {
    'a.yaml': stranger,
    'b.yaml':
      'apiVersion: other.example/v1\nkind: Namespace\nmetadata: {name: shop, labels: {a: b}}',
  });
  await place.around.complete;
  t.deepEqual(namesIn(place), []);
  t.deepEqual(place.around.worldOf('shop').namespace.labels, {});
});

test('what changes in the folder counts soon, and changes what the probe answers', async (t) => {
  const place = read(t, { 'a.yaml': instrumentation('a') });
  await place.around.complete;
  const before = place.around.fingerprint();
  writeFileSync(join(place.directory, 'b.yaml'), instrumentation('b'));
  await eventually('the new file counts', () => namesIn(place).length === 2);
  t.not(place.around.fingerprint(), before);
  rmSync(join(place.directory, 'b.yaml'));
  await eventually('the removed file is forgotten', () => namesIn(place).length === 1);
  t.is(place.around.fingerprint(), before);
});

test('a file that cannot be read is told of once, and the others count', async (t) => {
  const place = read(t, {
    'bad.yaml': 'a: [',
    'worse.json': '{',
    'good.yaml': instrumentation('a'),
  });
  await place.around.complete;
  t.deepEqual(namesIn(place), ['a']);
  t.is(place.problems.length, 2);
  t.regex(place.problems.join('\n'), /^bad\.yaml: [^\n]+\nworse\.json: The file is no JSON\.$/);
  writeFileSync(join(place.directory, 'more.yaml'), instrumentation('b'));
  await eventually('the new file counts', () => namesIn(place).length === 2);
  t.is(place.problems.length, 2);
});

test('aliases that would fill the memory are a problem of their file', async (t) => {
  const levels = Array.from({ length: 9 }, (_, index) =>
    index === 0
      ? 'l0: &l0 [a, a, a, a, a, a, a, a, a]'
      : `l${index}: &l${index} [${Array.from({ length: 9 }, () => `*l${index - 1}`).join(', ')}]`,
  );
  const place = read(t, { 'bomb.yaml': levels.join('\n'), 'good.yaml': instrumentation('a') });
  await place.around.complete;
  t.deepEqual(namesIn(place), ['a']);
  t.regex(place.problems.join(), /^bomb\.yaml: /);
});

test('without its folder nothing is known, and once it was read it stays known', async (t) => {
  const place = read(t, { 'a.yaml': instrumentation('a') });
  await place.around.complete;
  renameSync(place.directory, `${place.directory}-gone`);
  await eventually('the loss is told', () => place.problems.length > 0);
  t.deepEqual(place.problems, [`${place.directory}: The folder cannot be read.`]);
  t.deepEqual(namesIn(place), ['a']);
  t.deepEqual(place.around.missing(), []);
  renameSync(`${place.directory}-gone`, place.directory);

  const absent = fromFolder({
    directory: join(place.directory, 'absent'),
    defaults: theDefaults(),
    time: machineTime,
    onProblem: () => undefined,
  });
  const end = new AbortController();
  const running = absent.run(end.signal);
  t.deepEqual(absent.missing(), ['The manifests have not been read yet.']);
  t.false(absent.caches()[0]?.isSynced);
  end.abort();
  await running;
});
