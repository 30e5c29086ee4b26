import test from 'ava';
import { behaviourFindings } from '../../../../domain/diagnose/workload/behaviour.ts';
import type { JsonObject } from '../../../../domain/json.ts';
import { inject, type Scene } from '../../../cli/doctor/cluster.ts';
import { cartIn, clusterOf, keysOf } from '../support.ts';

function said(scene: Scene) {
  const cluster = clusterOf(scene);
  return behaviourFindings(cartIn(cluster), cluster);
}

const withVariable = (language: string, name: string, value: string) =>
  keysOf(
    said({
      workloads: [
        {
          annotations: { [inject(language)]: 'true' },
          container: { env: [{ name, value }] },
        },
      ],
    }),
  );

test('a variable that switches agents off is named, in the container or in the Instrumentation', (t) => {
  t.deepEqual(withVariable('nodejs', 'OTEL_TRACES_EXPORTER', 'none'), ['SwitchedOff']);
  t.deepEqual(withVariable('java', 'OTEL_JAVAAGENT_ENABLED', 'false'), ['SwitchedOff']);
  const env = [{ name: 'OTEL_SDK_DISABLED', value: 'true' }];
  t.is(said({ instrumentations: [{ spec: { env } }] })[0]?.detail, 'app: OTEL_SDK_DISABLED=true');
});

const isolated = (language: string, ...command: string[]) =>
  said({ workloads: [{ annotations: { [inject(language)]: 'true' }, container: { command } }] })
    .filter((one) => one.check === 'PythonIsolated')
    .map(({ detail }) => detail);

test('Python that does not look for its agent is named with the option', (t) => {
  for (const [option, ...command] of [
    ['-I', 'python', '-I', 'app.py'],
    ['-BE', '/usr/bin/python3.14', '-u', '-BE', 'app.py'],
    ['-S', 'python', '-X', 'dev', '-W', 'error', '-S', 'app.py'],
    ['-ISc', 'sh', '-c', 'cd /app && exec python3 -ISc pass'],
  ] as const)
    t.deepEqual(isolated('python', ...command), [`app: ${option}`], command.join(' '));
  for (const command of [
    ['python', 'app.py', '-I'],
    ['python', '-m', 'app', '-E'],
    ['python', '-WError', '-XImporttime', 'app.py'],
    ['python', '-c', 'pass', '-S'],
    ['gunicorn', '-S', 'app'],
    [],
  ])
    t.deepEqual(isolated('python', ...command), [], command.join(' '));
  t.deepEqual(isolated('java', 'python', '-I', 'app.py'), []);
});

test('a variable of another language switches nothing off', (t) => {
  t.deepEqual(withVariable('nodejs', 'OTEL_JAVAAGENT_ENABLED', 'false'), []);
});

test('an exporter that Python’s image does not have switches all of it off', (t) => {
  for (const [name, value] of [
    ['OTEL_TRACES_EXPORTER', 'jaeger'],
    ['OTEL_METRICS_EXPORTER', 'console, otlp_proto_grpc'],
    ['OTEL_LOGS_EXPORTER', 'zipkin_json'],
    ['OTEL_EXPORTER_OTLP_METRICS_PROTOCOL', 'grpc'],
  ] as const)
    t.true(withVariable('python', name, value).includes('SwitchedOff'), `${name}=${value}`);
  for (const [name, value] of [
    ['OTEL_TRACES_EXPORTER', 'otlp,console'],
    ['OTEL_LOGS_EXPORTER', 'otlp_proto_http'],
    ['OTEL_EXPORTER_OTLP_METRICS_PROTOCOL', 'http/protobuf'],
  ] as const)
    t.false(withVariable('python', name, value).includes('SwitchedOff'), `${name}=${value}`);
  t.deepEqual(withVariable('java', 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'grpc'), []);
});

test('who has switched the logging of Python off is told nothing of it', (t) => {
  t.deepEqual(withVariable('python', 'OTEL_PYTHON_DISABLED_INSTRUMENTATIONS', 'logging,flask'), []);
});

const withSources = (...envFrom: JsonObject[]) =>
  said({
    workloads: [{ container: { envFrom } }],
    more: [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'options', namespace: 'shop' },
        data: { OPTIONS: '--trace-warnings', NODE_OPTIONS: '--trace-exit' },
      },
    ],
  });

test('a ConfigMap that holds the variable is named, by its prefix too', (t) => {
  const plain = withSources({ configMapRef: { name: 'options' } });
  t.is(plain[0]?.detail, 'app: NODE_OPTIONS of ConfigMap/shop/options');
  const prefixed = withSources({ prefix: 'NODE_', configMapRef: { name: 'options' } });
  t.deepEqual(keysOf(prefixed), ['EnvironmentReplaced']);
  t.deepEqual(withSources({ prefix: 'X_', configMapRef: { name: 'options' } }), []);
});

test('what cannot be seen may hold the variable, and that is a note', (t) => {
  const [found] = withSources({ secretRef: { name: 'hidden' } });
  t.is(found?.check, 'HiddenEnvironment');
  t.is(found?.level, 'note');
});
