import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parse, parseAllDocuments } from 'yaml';
import { explain, validate } from '../../../domain/validate/validate.ts';
import { anInstrumentation, warningsOf } from './support.ts';

const fixtures = 'test/fixtures/instrumentations';

for (const file of readdirSync(`${fixtures}/valid`)) {
  test(`what an API server takes is not refused: ${file}`, (t) => {
    const { errors } = validate(parse(readFileSync(join(fixtures, 'valid', file), 'utf8')));
    t.deepEqual(errors, []);
  });
}

const ruled = readdirSync(`${fixtures}/invalid`).filter((file) =>
  /^(?:sampler-argument(?!-unquoted)|jaeger-remote|volume-size)/.test(file),
);

for (const file of ruled) {
  test(`what a rule of the CRD refuses is refused without one: ${file}`, (t) => {
    const text = readFileSync(join(fixtures, 'invalid', file), 'utf8');
    const instrumentation: unknown = parse(text);
    t.is(validate(instrumentation).errors.length, 1);
  });
}

test('a sampler that no CRD knows is refused', (t) => {
  const { errors } = validate(anInstrumentation({ sampler: { type: 'sometimes' } }));
  t.is(explain(errors), 'spec.sampler.type is no sampler that agents know');
});

test('several errors are told in one sentence', (t) => {
  const twice = { volumeLimitSize: '1Gi', volumeClaimTemplate: { spec: { accessModes: [] } } };
  const sampler = { type: 'traceidratio', argument: '2' };
  const { errors } = validate(anInstrumentation({ sampler, java: twice, go: twice }));
  t.deepEqual(
    errors.map(({ path }) => path),
    ['spec.sampler.argument', 'spec.java.volumeLimitSize', 'spec.go.volumeLimitSize'],
  );
  t.regex(
    explain(errors),
    /^spec\.sampler\.argument must be .*; spec\.java\.volumeLimitSize cannot/,
  );
});

test('the samples that come with the product are without a flaw', (t) => {
  for (const file of readdirSync('config/samples')) {
    const text = readFileSync(join('config/samples', file), 'utf8');
    for (const document of parseAllDocuments(text)) {
      const json = document.toJS() as { kind: string };
      if (json.kind !== 'Instrumentation') continue;
      t.deepEqual(validate(json), { errors: [], warnings: [] }, file);
    }
  }
});

test('what makes pods invalid is told first, with the agents that it costs', (t) => {
  t.deepEqual(
    warningsOf({
      exporter: { endpoint: 'collector:4318' },
      env: [{ name: 'A=B', value: '1' }],
      imagePullPolicy: 'Sometimes',
      java: { resources: { limits: { cpu: '1' }, requests: { cpu: '2' } } },
      python: { volumeClaimTemplate: { spec: { resources: { requests: { storage: '1Gi' } } } } },
    }),
    [
      'spec.env[0].name: is no name a variable can have; pods get no agent',
      'spec.imagePullPolicy: must be Always, IfNotPresent or Never; pods get no agent',
      'spec.java.resources.requests.cpu: is more than the limit; pods get no agent for Java',
      'spec.python.volumeClaimTemplate.spec.accessModes: is required; pods get no agent for Python',
      'spec.exporter.endpoint: has no scheme; begin it with http:// or https://',
    ],
  );
});

test('an Instrumentation that has no name yet is looked at like any other', (t) => {
  const spec = { sampler: { type: 'traceidratio', argument: '2' } };
  t.is(validate({ metadata: { generateName: 'agents-' }, spec }).errors.length, 1);
  t.is(validate({ spec }).errors.length, 1);
});

test('warnings are ASCII, one line each, and short', (t) => {
  const warnings = warningsOf({
    env: [
      { name: 'otel.änderung\n'.repeat(100), value: 'x' },
      { name: 'OTEL_RESOURCE_ATTRIBUTES', valueFrom: { secretKeyRef: { optional: true } } },
    ],
    java: { resources: { limits: { ['x'.repeat(5000)]: '1', 'a\nb’c': 'x' } } },
    sampler: { argument: 'ü' },
  });
  t.true(warnings.length >= 5);
  for (const warning of warnings) t.regex(warning, /^[\x20-\x7e]{10,256}$/);
});

test('warnings never repeat a value', (t) => {
  const secret = 'hidden';
  const warnings = warningsOf({
    exporter: { endpoint: `http://me:${secret}@collector:13133/${secret}/v1/traces` },
    sampler: { type: 'traceidratio', argument: `0x${secret}` },
    env: [
      { name: 'OTEL_SERVICE_NAME', value: secret },
      { name: 'OTEL_EXPORTER_OTLP_PROTOCOL', value: `grpc${secret}` },
      { name: 'TOKEN', value: secret, valueFrom: { secretKeyRef: { name: secret, key: 'a' } } },
    ],
  });
  t.true(warnings.length > 3);
  t.notRegex(warnings.join('\n'), new RegExp(secret));
});

test('there are never so many warnings that nobody reads them', (t) => {
  const env = Array.from({ length: 10_000 }, () => ({ name: 'a b', value: 'x' }));
  const before = process.threadCpuUsage();
  t.is(warningsOf({ env, java: { env }, python: { env } }).length, 20);
  t.true(process.threadCpuUsage(before).user < 1000_000);
});

test('whatever it is given, it answers', (t) => {
  let deep: unknown = 1;
  for (let depth = 0; depth < 10_000; depth += 1) deep = { spec: deep };
  const odd: unknown[] = [
    null,
    1,
    'x',
    [],
    {},
    { spec: [] },
    { spec: { env: {} } },
    { spec: deep },
  ];
  for (const value of ['x', 1, true, [], {}, [[]], [{}], { a: 1 }, null, '\ud800', '__proto__']) {
    const fields = ['exporter', 'sampler', 'env', 'java', 'go', 'nginx', 'resource', 'propagators'];
    for (const field of fields) odd.push(anInstrumentation({ [field]: value }));
    for (const inner of [
      'env',
      'attrs',
      'image',
      'volumeClaimTemplate',
      'volumeLimitSize',
      'resources',
    ])
      odd.push(anInstrumentation({ java: { [inner]: value } }));
    odd.push(anInstrumentation({ exporter: { endpoint: value, tls: value } }));
    odd.push(anInstrumentation({ sampler: { type: 'jaeger_remote', argument: value } }));
    odd.push({ metadata: value, spec: { env: [value] } });
  }
  for (const json of odd) t.notThrows(() => validate(json));
});

test('long texts cost no time', (t) => {
  const before = process.threadCpuUsage();
  for (const long of ['1_'.repeat(1e6), '$('.repeat(1e6), 'a'.repeat(1e6), '0x'.repeat(1e6)]) {
    validate(
      anInstrumentation({
        exporter: { endpoint: `http://${long}`, tls: { ca_file: long } },
        sampler: { type: 'traceidratio', argument: long },
        java: { image: `/autoinstrumentation-java:${long}` },
      }),
    );
    validate(anInstrumentation({ sampler: { type: 'jaeger_remote', argument: long } }));
  }
  t.true(process.threadCpuUsage(before).user < 2000_000);
});
