import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import test from 'ava';
import { applyPatch, diffLines } from 'diff';
import { parse } from 'yaml';
import { inject, type Injected, type InjectOptions } from '../../cli/inject.ts';
import { itemsOf } from '../../cli/manifest/items.ts';
import { parseFile } from '../../cli/manifest/parse.ts';
import { readWorkload } from '../../cli/manifest/workloads.ts';
import { readCommand } from '../../cli/program.ts';
import { unifiedDiff } from '../../cli/report/diff.ts';
import { stream } from '../../cli/report/manifests.ts';
import { reportJson, yamlText } from '../../cli/report/structured.ts';
import { tableOf, type Paint } from '../../cli/report/table.ts';
import { cases, expected, inputOf, root, type Case } from './cases.ts';

type Done = Exclude<Injected, { kind: 'badInput' }>;

const silent = { out: () => undefined, error: () => undefined };
const asWritten: Paint = (_look, text) => text;
const done = cases().filter(
  ({ folder, words }) => !words.includes('--help') && (expected(folder).exit ?? 0) < 2,
);

/** What a command asks of `inject`, with its paths as seen from here. */
function optionsOf(words: readonly string[], folder = ''): InjectOptions {
  const asked = readCommand(words, '', silent);
  if (asked.kind !== 'inject') throw new Error(`${words.join(' ')} does not inject`);
  const at = (path: string) => (path === '-' ? path : join(folder, path));
  return {
    ...asked.options,
    paths: asked.options.paths.map(at),
    instrumentationPaths: asked.options.instrumentationPaths.map(at),
  };
}

async function injected(options: InjectOptions, stdin = ''): Promise<Done> {
  const found = await inject(options, () => Promise.resolve(Buffer.from(stdin)));
  if (found.kind === 'badInput') throw new Error(found.problems[0]?.sentence);
  return found;
}

const outcomes = new Map<string, Promise<Done>>();

/** The same command as in the case's folder, without a process of its own; several tests look at what comes out. */
function injectCase(one: Case): Promise<Done> {
  const { name, words, folder } = one;
  const known =
    outcomes.get(name) ?? injected(optionsOf(words, folder), inputOf(one)).then(writtenOnce);
  outcomes.set(name, known);
  return known;
}

/** Of itself it writes its files each time that they are asked for. */
const writtenOnce = ({ files, ...others }: Done): Done => ({ ...others, files });

const injectText = (text: string): Promise<Done> => injected(optionsOf(['inject', '-']), text);

for (const one of done) {
  test(`what ${one.name} writes says what admission decided, and nothing else`, async (t) => {
    const { files, report } = await injectCase(one);
    for (const { path, before, after } of files) {
      const written = parseFile({ path, text: after });
      t.deepEqual(written.problems, []);
      const was = itemsOf(parseFile({ path, text: before }).file).items;
      const is = itemsOf(written.file).items;
      t.is(is.length, was.length);
      for (const [index, item] of is.entries()) {
        const old = was[index];
        const result = report.results.find(
          ({ workload }) =>
            workload.item.file.path === path &&
            workload.item.document === item.document &&
            JSON.stringify(workload.item.at) === JSON.stringify(item.at),
        );
        if (result?.kind === 'workload' && result.admission.kind === 'injected') {
          const read = readWorkload(item, 'default');
          t.true(read.kind === 'workload');
          if (read.kind === 'workload') t.deepEqual(read.workload.pod, result.admission.pod);
        } else {
          t.deepEqual(item.json, old?.json ?? {});
        }
      }
    }
  });

  test(`what ${one.name} does not touch keeps every byte`, async (t) => {
    const { files, report } = await injectCase(one);
    t.true(files.length > 0);
    for (const { path, before, after } of files) {
      const changed = new Set(
        report.results
          .filter(({ workload }) => workload.item.file.path === path)
          .filter((result) => result.kind === 'workload' && result.admission.kind === 'injected')
          .map(({ workload }) => workload.item.document),
      );
      const { documents } = parseFile({ path, text: before }).file;
      for (const [index, { yaml }] of documents.entries()) {
        const [start, , end] = yaml.range;
        if (!changed.has(index)) t.true(after.includes(before.slice(start, end)));
      }
      if (changed.size === 0) t.is(after, before);
    }
  });

  test(`what ${one.name} writes asks for nothing more`, async (t) => {
    const { files } = await injectCase(one);
    const whole = stream(files);
    const again = await injected({ ...optionsOf(one.words, one.folder), paths: ['-'] }, whole);
    t.is(stream(again.files), whole);
  });

  test(`the diff of ${one.name} leads from its input to its output`, async (t) => {
    const { files } = await injectCase(one);
    for (const file of files) {
      const patch = unifiedDiff([file], asWritten);
      t.is(patch === '' ? file.after : applyPatch(file.before, patch), file.after);
    }
  });

  test(`the reports of ${one.name} agree`, async (t) => {
    const { report } = await injectCase(one);
    t.deepEqual(parse(yamlText(report)), reportJson(report));
    const table = tableOf(report, asWritten);
    for (const { workload } of report.results) t.true(table.includes(workload.name));
  });
}

test('a changed line is the line of a changed value', async (t) => {
  const broker = done.find(({ name }) => name === 'apps/message-broker');
  t.truthy(broker);
  if (broker === undefined) return;
  const { files } = await injectCase(broker);
  const removed = files.flatMap(({ before, after }) =>
    diffLines(before, after)
      .filter((part) => part.removed)
      .flatMap(({ value }) => value.trimEnd().split('\n')),
  );
  t.deepEqual(
    removed.map((line) => line.trim()),
    ['-Dcom.sun.management.jmxremote', '-Djava.rmi.server.hostname=127.0.0.1'],
  );
});

const workload = `apiVersion: v1
kind: Pod
metadata:
  name: asks
  annotations: {instrumentation.opentelemetry.io/inject-sdk: agents}
spec:
  containers:
    - name: app
---
apiVersion: opentelemetry.io/v1alpha1
kind: Instrumentation
metadata: {name: agents}
`;

for (const path of globSync(join(root, 'untouched/*')).toSorted()) {
  const name = basename(path);

  test(`${name} comes out byte for byte`, async (t) => {
    const { files } = await injected(optionsOf(['inject', path]));
    t.deepEqual(Buffer.from(stream(files)), readFileSync(path));
  });

  test(`${name} stays as it is beside a workload that changes`, async (t) => {
    const text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
    const before = text.startsWith('%') ? '' : `${text}${text.endsWith('\n') ? '' : '\n'}---\n`;
    const after = `...\n${text}`;
    const { files } = await injectText(before + workload + after);
    const written = stream(files);
    t.not(written, before + workload + after);
    t.true(written.startsWith(before));
    t.true(written.endsWith(after));
  });
}

test('files are joined so that none changes another', async (t) => {
  const texts: readonly string[] = [
    'a: 1',
    'b: 2\n',
    '---\nc: 3\n...\n',
    '# note\n---\nd: 4\r\n',
    '%YAML 1.2\n---\ne: 5\n---\n',
    '\uFEFFf: 6',
  ];
  const files = texts.map((text) => ({ path: '', before: text, after: text }));
  const { file, problems } = parseFile({ path: '', text: stream(files) });
  t.deepEqual(problems, []);
  t.deepEqual(
    file.documents.map(({ json }) => json).filter((json) => json !== null),
    [{ a: 1 }, { b: 2 }, { c: 3 }, { d: 4 }, { e: 5 }, { f: 6 }],
  );
  t.is(
    stream(files),
    'a: 1\n---\nb: 2\n---\nc: 3\n...\n# note\n---\nd: 4\r\n...\n%YAML 1.2\n---\ne: 5\n---\nf: 6',
  );
});

test('a file of Windows is joined with its own line ends', (t) => {
  const files = ['a: 1\r\nb: 2', 'c: 3'].map((text) => ({ path: '', before: text, after: text }));
  t.is(stream(files), 'a: 1\r\nb: 2\r\n---\r\nc: 3');
});

const mainIn = (namespace: string) => `metadata: {name: main, namespace: ${namespace}}`;
const cartIn = (namespace: string) => [
  'apiVersion: v1',
  'kind: Pod',
  'metadata:',
  `  {name: cart, namespace: ${namespace}, annotations: {instrumentation.opentelemetry.io/inject-java: 'shop/main'}}`,
  'spec: {containers: [{name: app, image: app}]}',
];

test('a LimitRange among the manifests decides in its namespace, and no other', async (t) => {
  const documents = [
    ['apiVersion: opentelemetry.io/v1alpha1', 'kind: Instrumentation', mainIn('shop')],
    [
      'apiVersion: v1',
      'kind: LimitRange',
      mainIn('shop'),
      'spec: {limits: [{type: Container, max: {cpu: 1m}}]}',
    ],
    cartIn('shop'),
    cartIn('web'),
  ];
  const { report } = await injectText(documents.map((lines) => lines.join('\n')).join('\n---\n'));
  t.deepEqual(
    report.results.map((result) => result.kind === 'workload' && result.admission.kind),
    ['declined', 'injected'],
  );
});
