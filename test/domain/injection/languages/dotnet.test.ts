import test from 'ava';
import { annotations as keys } from '../../../../crds/names.ts';
import { listAt, type JsonObject } from '../../../../domain/json.ts';
import {
  admitted,
  containerOf,
  environmentOf,
  notesOf,
  podOf,
  refusalsOf,
  valueOf,
} from '../../../support/build.ts';

const volume = 'opentelemetry-auto-instrumentation-dotnet';
const directory = '/otel-auto-instrumentation-dotnet';
const profiler = '{918728DD-259F-4A6A-AC2B-B85E1B658318}';
const library = (folder: string) =>
  `${directory}/${folder}/OpenTelemetry.AutoInstrumentation.Native.so`;
const hook = `${directory}/net/OpenTelemetry.AutoInstrumentation.StartupHook.dll`;

test('an init container copies the agent into the volume', (t) => {
  t.deepEqual(containerOf(admitted('dotnet'), volume), {
    name: volume,
    image: 'ghcr.io/open-telemetry/opentelemetry-operator/autoinstrumentation-dotnet:1.16.0',
    command: ['cp', '-r', '/autoinstrumentation/.', directory],
    resources: {
      limits: { cpu: '500m', memory: '256Mi' },
      requests: { cpu: '50m', memory: '128Mi' },
    },
    volumeMounts: [{ name: volume, mountPath: directory }],
  });
  t.deepEqual(listAt(containerOf(admitted('dotnet')), 'volumeMounts'), [
    { name: volume, mountPath: directory },
  ]);
});

test('the runtime is told to load the agent, in the operator’s order', (t) => {
  t.deepEqual(environmentOf(admitted('dotnet')).slice(2, 9), [
    'CORECLR_ENABLE_PROFILING=1',
    `CORECLR_PROFILER=${profiler}`,
    `CORECLR_PROFILER_PATH=${library('linux')}`,
    `DOTNET_STARTUP_HOOKS=${hook}`,
    `DOTNET_ADDITIONAL_DEPS=${directory}/AdditionalDeps`,
    `OTEL_DOTNET_AUTO_HOME=${directory}`,
    `DOTNET_SHARED_STORE=${directory}/store`,
  ]);
});

const on = (runtime: string) => ({ annotations: { [keys.dotnetRuntime]: runtime } });

for (const [runtime, folder] of [
  ['', 'linux'],
  ['linux-x64', 'linux'],
  ['linux-arm64', 'linux'],
  ['linux-musl-x64', 'linux-musl'],
  ['linux-musl-arm64', 'linux-musl'],
] as const) {
  test(`the runtime "${runtime}" loads the library of ${folder}`, (t) => {
    t.is(valueOf(admitted('dotnet', on(runtime)), 'CORECLR_PROFILER_PATH'), library(folder));
  });
}

for (const runtime of ['win-x64', 'LINUX-X64', 'linux', 'constructor']) {
  test(`the runtime "${runtime}" is refused, and the pod stays as it is`, (t) => {
    const admission = admitted('dotnet', on(runtime));
    t.deepEqual(refusalsOf(admission), [`UnsupportedPlatform ${runtime}`]);
    t.deepEqual(podOf(admission).initContainers, []);
    t.deepEqual(podOf(admission).volumes, []);
  });
}

const having = (name: string, value: string) => ({ env: [{ name, value }] });

for (const [name, ours] of [
  ['DOTNET_STARTUP_HOOKS', hook],
  ['DOTNET_ADDITIONAL_DEPS', `${directory}/AdditionalDeps`],
  ['DOTNET_SHARED_STORE', `${directory}/store`],
] as const) {
  test(`${name} is a list to which ours is added`, (t) => {
    const admission = admitted('dotnet', { container: having(name, '/mine') });
    t.is(valueOf(admission, name), `/mine:${ours}`);
  });
}

const endpoint = { exporter: { endpoint: 'http://collector:4318' } };
const kept = test.macro((t, name: string, value: string, notes: readonly string[]) => {
  const admission = admitted('dotnet', { container: having(name, value), spec: endpoint });
  t.is(valueOf(admission, name), value);
  t.deepEqual(notesOf(admission), notes);
});

test('another profiler is kept, and told', kept, 'CORECLR_PROFILER', '{mine}', [
  'ProfilerKept app',
]);
test('another profiler’s path is kept, and told', kept, 'CORECLR_PROFILER_PATH', '/mine.so', [
  'ProfilerKept app',
]);
test('profiling that is off stays off, and is told', kept, 'CORECLR_ENABLE_PROFILING', '0', [
  'ProfilerKept app',
]);
test('profiling that is on already is nothing to tell', kept, 'CORECLR_ENABLE_PROFILING', '1', []);
test('our own profiler is nothing to tell', kept, 'CORECLR_PROFILER', profiler, []);

const claimed = test.macro(
  (t, container: JsonObject, spec: JsonObject, outcome: 'declined' | 'injected') => {
    const admission = admitted('dotnet', { container, spec });
    t.is(admission.kind, outcome);
    if (outcome === 'declined') {
      t.deepEqual(refusalsOf(admission), ['AnotherAgentPresent app OTEL_DOTNET_AUTO_HOME']);
    }
  },
);

const home = having('OTEL_DOTNET_AUTO_HOME', '/mine');
test('who has placed the agent himself is left alone', claimed, home, {}, 'declined');
test(
  'who has the language’s settings place the agent is left alone',
  claimed,
  {},
  { dotnet: home },
  'declined',
);
test('a place that is told for all languages is kept', claimed, {}, home, 'injected');
