import test from 'ava';
import { listAt } from '../../../../domain/json.ts';
import {
  admitted,
  containerOf,
  environmentOf,
  valueOf,
  type Scene,
} from '../../../support/build.ts';

const volume = 'opentelemetry-auto-instrumentation-nodejs';
const directory = '/otel-auto-instrumentation-nodejs';
const option = ` --require ${directory}/autoinstrumentation.js`;

test('an init container copies the agent into the volume', (t) => {
  t.deepEqual(containerOf(admitted('nodejs'), volume), {
    name: volume,
    image: 'ghcr.io/open-telemetry/opentelemetry-operator/autoinstrumentation-nodejs:0.78.0',
    command: ['cp', '-r', '/autoinstrumentation/.', directory],
    resources: {
      limits: { cpu: '500m', memory: '256Mi' },
      requests: { cpu: '50m', memory: '128Mi' },
    },
    volumeMounts: [{ name: volume, mountPath: directory }],
  });
  t.deepEqual(listAt(containerOf(admitted('nodejs')), 'volumeMounts'), [
    { name: volume, mountPath: directory },
  ]);
});

const options = test.macro((t, scene: Scene, expected: string) => {
  t.is(valueOf(admitted('nodejs', scene), 'NODE_OPTIONS'), expected);
});

const having = (name: string, value: string) => ({ env: [{ name, value }] });

test('Node is told to load the agent first', options, {}, option);
test(
  'options that are there come first',
  options,
  { container: having('NODE_OPTIONS', '--max-old-space-size=512') },
  `--max-old-space-size=512${option}`,
);

test('metrics are exported, unless somebody says where to', (t) => {
  t.is(valueOf(admitted('nodejs'), 'OTEL_METRICS_EXPORTER'), 'otlp');
  const none = having('OTEL_METRICS_EXPORTER', 'none');
  t.is(valueOf(admitted('nodejs', { container: none }), 'OTEL_METRICS_EXPORTER'), 'none');
  t.is(valueOf(admitted('nodejs', { spec: { nodejs: none } }), 'OTEL_METRICS_EXPORTER'), 'none');
  t.is(valueOf(admitted('nodejs', { spec: none }), 'OTEL_METRICS_EXPORTER'), 'none');
});

test('the agent’s variables stand before those of the SDK', (t) => {
  const lines = environmentOf(admitted('nodejs')).map((line) => line.split(/=| from /)[0]);
  t.deepEqual(lines.slice(0, 5), [
    'OTEL_NODE_IP',
    'OTEL_POD_IP',
    'NODE_OPTIONS',
    'OTEL_METRICS_EXPORTER',
    'OTEL_SERVICE_NAME',
  ]);
});
