import test from 'ava';
import { annotations as keys } from '../../../../crds/names.ts';
import { listAt } from '../../../../domain/json.ts';
import {
  admitted,
  containerOf,
  environmentOf,
  podOf,
  refusalsOf,
  valueOf,
  type Scene,
} from '../../../support/build.ts';

const volume = 'opentelemetry-auto-instrumentation-python';
const directory = '/otel-auto-instrumentation-python';
const loader = `${directory}/opentelemetry/instrumentation/auto_instrumentation`;

test('an init container copies the agent into the volume', (t) => {
  t.deepEqual(containerOf(admitted('python'), volume), {
    name: volume,
    image: 'ghcr.io/open-telemetry/opentelemetry-operator/autoinstrumentation-python:0.64b0',
    command: ['cp', '-r', '/autoinstrumentation/.', directory],
    resources: {
      limits: { cpu: '500m', memory: '256Mi' },
      requests: { cpu: '50m', memory: '64Mi' },
    },
    volumeMounts: [{ name: volume, mountPath: directory }],
  });
  t.deepEqual(listAt(containerOf(admitted('python')), 'volumeMounts'), [
    { name: volume, mountPath: directory },
  ]);
});

const on = (platform: string) => ({ annotations: { [keys.pythonPlatform]: platform } });

const copied = test.macro((t, scene: Scene, source: string) => {
  t.deepEqual(listAt(containerOf(admitted('python', scene), volume), 'command'), [
    'cp',
    '-r',
    source,
    directory,
  ]);
});

test('glibc has files of its own', copied, on('glibc'), '/autoinstrumentation/.');
test('musl has files of its own', copied, on('musl'), '/autoinstrumentation-musl/.');
test('an empty platform is glibc', copied, on(''), '/autoinstrumentation/.');

for (const platform of ['MUSL', ' musl', 'windows', 'toString', '__proto__']) {
  test(`the platform ${JSON.stringify(platform)} is refused, and the pod stays as it is`, (t) => {
    const admission = admitted('python', on(platform));
    t.deepEqual(refusalsOf(admission), [`UnsupportedPlatform ${platform}`]);
    t.deepEqual(podOf(admission).initContainers, []);
    t.deepEqual(podOf(admission).volumes, []);
  });
}

const path = test.macro((t, scene: Scene, expected: string) => {
  t.is(valueOf(admitted('python', scene), 'PYTHONPATH'), expected);
});
const having = (value: string) => ({ env: [{ name: 'PYTHONPATH', value }] });

test('Python finds the loader first and the libraries last', path, {}, `${loader}:${directory}`);
test(
  'a path that is there stands between them',
  path,
  { container: having('/app:/lib') },
  `${loader}:/app:/lib:${directory}`,
);
test(
  'a path of the language’s settings stands between them',
  path,
  { spec: { python: having('/lib') } },
  `${loader}:/lib:${directory}`,
);
test(
  'a path for all languages does not count',
  path,
  { spec: having('/lib') },
  `${loader}:${directory}`,
);

test('Python’s variables are in the operator’s order', (t) => {
  const admission = admitted('python', {
    container: { env: [{ name: 'A', value: '1' }] },
    spec: { env: [{ name: 'B', value: '2' }], python: { env: [{ name: 'C', value: '3' }] } },
  });
  t.deepEqual(environmentOf(admission).slice(0, 10), [
    'OTEL_NODE_IP from status.hostIP',
    'OTEL_POD_IP from status.podIP',
    'A=1',
    'C=3',
    `PYTHONPATH=${loader}:${directory}`,
    'B=2',
    'OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
    'OTEL_TRACES_EXPORTER=otlp',
    'OTEL_METRICS_EXPORTER=otlp',
    'OTEL_LOGS_EXPORTER=otlp',
  ]);
});

for (const name of [
  'OTEL_EXPORTER_OTLP_PROTOCOL',
  'OTEL_TRACES_EXPORTER',
  'OTEL_METRICS_EXPORTER',
  'OTEL_LOGS_EXPORTER',
]) {
  test(`${name} is kept where somebody has set it`, (t) => {
    const env = [{ name, value: 'mine' }];
    t.is(valueOf(admitted('python', { container: { env } }), name), 'mine');
    t.is(valueOf(admitted('python', { spec: { env } }), name), 'mine');
  });
}
