import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { isAlias, parse, parseAllDocuments, parseDocument, visit } from 'yaml';
import { example, statusExample } from '../../crds/prose.ts';
import { renderReference } from '../../crds/reference.ts';
import { renderTypes } from '../../crds/render.ts';
import {
  type CustomResourceDefinition,
  namedShapes,
  rootOf,
  type Rule,
  shapeOf,
  walk,
} from '../../crds/schema.ts';
import { check } from './check.ts';

const source = readFileSync('crds/instrumentations.yaml', 'utf8');
const crd = parse(source) as CustomResourceDefinition;
const root = rootOf(crd);
const nodes = walk(root);
const rules: Rule[] = nodes.flatMap(({ schema }) => schema['x-kubernetes-validations'] ?? []);

const fixtures = 'test/fixtures/instrumentations';
const read = (folder: string) =>
  readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
const reasonIn = (text: string) => /^# refused: (?<reason>.+)\n/.exec(text)?.groups?.['reason'];

test('the types are what the schema renders to', (t) => {
  t.true(readFileSync('crds/types.ts', 'utf8') === renderTypes(crd), 'stale: npm run render');
});

test('the reference page is what the schema renders to', (t) => {
  const page = readFileSync('docs/reference/instrumentation.md', 'utf8');
  t.true(page === renderReference(crd), 'stale: npm run render');
});

test('every field says what it does', (t) => {
  const mute = nodes.filter(({ schema }) => (schema.description ?? '').trim() === '');
  t.deepEqual(
    mute.map(({ path }) => path),
    ['metadata'],
  );
});

test('nothing has a default: it would be written into what a user wrote', (t) => {
  t.deepEqual(
    nodes.filter(({ schema }) => 'default' in schema).map(({ path }) => path),
    [],
  );
});

test('every part of the schema has a type, and no open members beside named ones', (t) => {
  for (const { path, schema } of nodes) {
    const isQuantity = schema['x-kubernetes-int-or-string'] === true;
    t.is(schema.type === undefined, isQuantity, path);
    t.is(schema.anyOf !== undefined, isQuantity, path);
    t.false(schema.properties !== undefined && schema.additionalProperties !== undefined, path);
    t.is(schema.items !== undefined, schema.type === 'array', path);
    for (const name of schema.required ?? []) t.true(name in (schema.properties ?? {}), path);
  }
});

test('integers carry no format: the API server of Kubernetes 1.34.0 warns of it', (t) => {
  const formats = new Set(nodes.flatMap(({ schema }) => schema.format ?? []));
  t.deepEqual([...formats], ['date-time']);
});

test('the YAML is written out in full', (t) => {
  const aliases: unknown[] = [];
  visit(parseDocument(source), {
    Alias: (_, node) => void aliases.push(isAlias(node) ? node.source : node),
  });
  t.deepEqual(aliases, []);
});

test('variables, resources and claims have one shape wherever they stand', (t) => {
  const shapes = new Map([...namedShapes(root)].map(([shape, { name }]) => [name, shape]));
  const places = [
    [/\.(?:env|attrs)\[\]$/, 'EnvVar', 10],
    [/\.(?:resources|resourceRequirements)$/, 'ResourceRequirements', 7],
    [/[sS]ecurityContext$/, 'SecurityContext', 2],
    [/\.volumeClaimTemplate$/, 'PersistentVolumeClaimTemplate', 7],
  ] as const;
  for (const [pattern, name, count] of places) {
    const found = nodes.filter(
      ({ path }) => pattern.test(path) && !path.includes('volumeClaimTemplate.'),
    );
    t.is(found.length, count, name);
    t.true(
      found.every(({ schema }) => shapeOf(schema) === shapes.get(name)),
      name,
    );
  }
});

test('every rule names the field that it refuses', (t) => {
  for (const { path, schema } of nodes) {
    for (const { fieldPath, message } of schema['x-kubernetes-validations'] ?? []) {
      t.true(message.startsWith(`${path}${fieldPath ?? ''} `), message);
    }
  }
  t.is(rules.length, 5 + 7);
});

test('kubectl shows what the operator showed, and then whether pods have it', (t) => {
  t.deepEqual(crd.spec.versions[0].additionalPrinterColumns.map(({ name }) => name).slice(0, 8), [
    'Age',
    'Endpoint',
    'Sampler',
    'Sampler Arg',
    'Ready',
    'Covered',
    'Pods',
    'Current',
  ]);
});

for (const { name, text } of read(join(fixtures, 'valid'))) {
  test(`an API server takes ${name}`, (t) => {
    t.deepEqual(check(parse(text), root.schema), []);
  });
}

for (const { name, text } of read(join(fixtures, 'invalid'))) {
  const faults = check(parse(text), root.schema);
  const promised = reasonIn(text) ?? 'no reason on the first line';
  if (faults.length > 0) {
    test(`an API server refuses ${name} for the reason on its first line`, (t) => {
      t.true(
        faults.some((fault) => fault.includes(promised)),
        faults.join('\n'),
      );
    });
  } else {
    // Only an API server evaluates CEL; test/cluster asks one.
    test(`the reason on the first line of ${name} is the message of a rule`, (t) => {
      t.true(
        rules.some(({ message }) => message.includes(promised)),
        promised,
      );
    });
  }
}

test('every rule has an object that it refuses', (t) => {
  const reasons = read(join(fixtures, 'invalid')).map(({ text }) => reasonIn(text) ?? '-');
  const untried = rules.filter(({ message }) => !reasons.some((one) => message.includes(one)));
  t.deepEqual(untried, []);
});

test('every enumeration, pattern and length of the spec has an object that it refuses', (t) => {
  const wanted = new Set(
    nodes
      .filter(({ path }) => path.startsWith('spec.'))
      .filter(({ schema }) => schema['x-kubernetes-int-or-string'] !== true)
      .flatMap(({ path, schema }) => [
        ...(schema.enum === undefined ? [] : [`${path} enum`]),
        ...(schema.pattern === undefined ? [] : [`${path} pattern`]),
        ...(schema.maxLength === undefined ? [] : [`${path} length`]),
      ]),
  );
  const reasons = read(join(fixtures, 'invalid')).map(({ text }) => reasonIn(text) ?? '');
  for (const reason of reasons) {
    const path = reason.replace(/\[\d+\]/g, '[]').split(/[: ]/, 1)[0] ?? '';
    if (reason.includes('Unsupported value')) wanted.delete(`${path} enum`);
    if (reason.includes('should match')) wanted.delete(`${path} pattern`);
    if (reason.includes('Too long')) wanted.delete(`${path} length`);
  }
  t.deepEqual([...wanted], []);
});

for (const { name, text } of read('config/samples')) {
  test(`the sample ${name} holds a Namespace, a valid Instrumentation and workloads`, (t) => {
    const objects = parseAllDocuments(text).map((document) => document.toJS() as { kind: string });
    t.deepEqual(
      [...new Set(objects.map(({ kind }) => kind))],
      ['Namespace', 'Instrumentation', 'Deployment'],
    );
    const instrumentation = objects.find(({ kind }) => kind === 'Instrumentation');
    t.deepEqual(check(instrumentation, root.schema), []);
  });
}

test('the examples of the reference page are valid', (t) => {
  t.deepEqual(check(parse(example), root.schema), []);
  t.deepEqual(check(parse(statusExample), root.schema), []);
});
