import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { admit, patchOf } from '../../domain/injection/admit.ts';
import type { JsonObject } from '../../domain/json.ts';
import { fixtures } from '../support/fixtures.ts';
import { images } from '../../config/images.ts';
import { readInstrumentation } from '../../domain/injection/instrumentation/read.ts';
import type { World } from '../../domain/injection/match.ts';
import { indexInstrumentations } from '../../domain/injection/selector.ts';

const root = join(import.meta.dirname, '../..');

const inOrder = (items: Iterable<string>) => [...items].toSorted((a, b) => (a < b ? -1 : 1));

interface Row {
  readonly id: string;
  readonly folders: readonly string[];
  readonly titles: readonly string[];
}

/** The rows of the tables: an id first, what shows the difference last. */
const rows = readFileSync(join(root, 'docs/compatibility.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line): Row => {
    const [id = '', operator, here, why, shown = ''] = line.split('|').slice(1, -1);
    if (!operator?.trim() || !here?.trim() || !why?.trim()) throw new Error(`${id}: an empty cell`);
    return {
      id: id.replaceAll('`', '').trim(),
      folders: [...shown.matchAll(/`(?<folder>[^`]+)`/g)].map((found) => found[1] ?? ''),
      titles: [...shown.matchAll(/"(?<title>[^"]+)"/g)].map((found) => found[1] ?? ''),
    };
  });

/** The differences that a fixture says it shows, in the comment above its pod. */
const shownBy = new Map(
  fixtures().map(({ name, folder }) => {
    const ids = /^# Differs: (?<ids>.+)$/m.exec(readFileSync(join(folder, 'pod.yaml'), 'utf8'));
    return [name, ids?.groups?.['ids']?.split(', ') ?? []] as const;
  }),
);

const tests = globSync('test/**/*.test.ts', { cwd: root })
  .map((path) => readFileSync(join(root, path), 'utf8'))
  .join('\n');

test('every difference from the operator has an id of its own', (t) => {
  t.true(rows.length > 50);
  t.is(new Set(rows.map(({ id }) => id)).size, rows.length);
  for (const { id } of rows) t.regex(id, /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/);
});

test('every difference is shown by a fixture or a test that exists', (t) => {
  for (const { id, folders, titles } of rows) {
    t.true(folders.length + titles.length > 0, id);
    for (const folder of folders) t.true(shownBy.has(folder), `${id}: ${folder}`);
    for (const title of titles) t.true(tests.includes(`test('${title}',`), `${id}: ${title}`);
  }
});

test('a fixture that shows a difference is named by its row, and says so itself', (t) => {
  const named = rows.flatMap(({ id, folders }) => folders.map((folder) => `${id}: ${folder}`));
  const said = [...shownBy].flatMap(([name, ids]) => ids.map((id) => `${id}: ${name}`));
  t.deepEqual(inOrder(said), inOrder(named));
});

test('a worked example differs only by the rows that its fixture names', (t) => {
  for (const { name, folder } of fixtures()) {
    for (const path of globSync('stated.yaml', { cwd: folder })) {
      const { row, differs = [] } = parse(readFileSync(join(folder, path), 'utf8')) as {
        readonly row?: string;
        readonly differs?: readonly { readonly row: string }[];
      };
      const used = new Set([...(row === undefined ? [] : [row]), ...differs.map((one) => one.row)]);
      t.deepEqual(inOrder(used), inOrder(shownBy.get(name) ?? []), name);
    }
  }
});

test('every fixture says in a sentence what it is about', (t) => {
  for (const { name, folder } of fixtures()) {
    t.regex(readFileSync(join(folder, 'pod.yaml'), 'utf8'), /^# .+\.\n/, name);
  }
});

const instrumentation = readInstrumentation({ metadata: { name: 'shop', namespace: 'shop' } });

const world: World = {
  namespace: { name: 'shop', annotations: {} },
  instrumentations: indexInstrumentations(instrumentation === undefined ? [] : [instrumentation]),
  defaults: { images, disabled: [] },
};

const asking = (annotations: JsonObject, spec: JsonObject): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    annotations: { 'instrumentation.opentelemetry.io/inject-java': 'true', ...annotations },
  },
  spec,
});

test('whatever is sent as a pod, the answer lets it in', (t) => {
  for (const json of [undefined, null, 7, 'pod', [], {}, { spec: [] }, { metadata: 'x' }]) {
    t.is(admit(json, world).kind, 'untouched');
  }
  for (const spec of [{}, { containers: 'app' }, { containers: [{ image: 'app' }] }]) {
    const pod = asking({}, spec);
    const admission = admit(pod, world);
    t.is(admission.kind === 'declined' && admission.reason, 'PodUnreadable');
    t.deepEqual(
      patchOf(pod, admission).map(({ op, path }) => `${op} ${path}`),
      ['add /metadata/annotations/otel-retrofit.dev~1declined'],
    );
  }
});

test('a pod too large to be judged in time is declined as that', (t) => {
  const names = Array.from({ length: 2_000 }, (_, index) => `app-${index}`);
  const list = { 'instrumentation.opentelemetry.io/java-container-names': names.join(',') };
  const containers = names.map((name) => ({ name, image: 'app:1' }));
  const admission = admit(asking(list, { containers }), world);
  t.is(admission.kind === 'declined' && admission.reason, 'TooLarge');
});

test('fields that nobody here knows come out as they went in', (t) => {
  const pod = asking(
    {},
    {
      nodeWish: { near: ['sea'], count: '0.5Gi', empty: {} },
      containers: [
        {
          name: 'app',
          image: 'app:1',
          mood: { good: true },
          env: [{ name: 'LOG', value: 'info', colour: 'blue' }],
          volumeMounts: [{ name: 'own', mountPath: '/own', shade: 3 }],
        },
      ],
      volumes: [{ name: 'own', cloud: { kind: 'cirrus' } }],
    },
  );
  const admission = admit(pod, world);
  t.is(admission.kind, 'injected');
  for (const { op, path } of patchOf(pod, admission)) {
    t.not(op, 'remove', path);
    t.notRegex(path, /nodeWish|mood|colour|shade|cloud/);
  }
});
