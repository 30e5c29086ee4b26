import type { Environment, Extension } from '../pod/environment.ts';
import { copiedAgent } from './copied.ts';

const directory = '/otel-auto-instrumentation-dotnet';
const profiler = '{918728DD-259F-4A6A-AC2B-B85E1B658318}';

/** The image carries the files for its own architecture, so only the C library makes a difference. */
const libraries = {
  'linux-x64': 'linux',
  'linux-arm64': 'linux',
  'linux-musl-x64': 'linux-musl',
  'linux-musl-arm64': 'linux-musl',
} as const;

const isRuntime = (platform: string): platform is keyof typeof libraries =>
  Object.hasOwn(libraries, platform);

const listed = (name: string, alone: string): Extension => ({
  name,
  alone,
  around: (current) => `${current}:${alone}`,
});

export const dotnet = copiedAgent({
  language: 'dotnet',
  name: 'opentelemetry-auto-instrumentation-dotnet',
  directory,
  requests: { cpu: '50m', memory: '128Mi' },
  supports: (platform) => platform === undefined || isRuntime(platform),
  copy: () => ['cp', '-r', '/autoinstrumentation/.', directory],
  claimed: ['OTEL_DOTNET_AUTO_HOME'],
  activate: ({ platform = 'linux-x64' }) => {
    const library = isRuntime(platform) ? libraries[platform] : 'linux';
    return [
      { name: 'CORECLR_ENABLE_PROFILING', value: '1' },
      { name: 'CORECLR_PROFILER', value: profiler },
      {
        name: 'CORECLR_PROFILER_PATH',
        value: `${directory}/${library}/OpenTelemetry.AutoInstrumentation.Native.so`,
      },
      listed(
        'DOTNET_STARTUP_HOOKS',
        `${directory}/net/OpenTelemetry.AutoInstrumentation.StartupHook.dll`,
      ),
      listed('DOTNET_ADDITIONAL_DEPS', `${directory}/AdditionalDeps`),
      { name: 'OTEL_DOTNET_AUTO_HOME', value: directory },
      listed('DOTNET_SHARED_STORE', `${directory}/store`),
    ];
  },
  notes: (env) => (keepsProfiler(env) ? [{ reason: 'ProfilerKept' }] : []),
});

const keepsProfiler = (env: Environment) =>
  env.has('CORECLR_PROFILER_PATH') ||
  (env.has('CORECLR_PROFILER') && env.plain('CORECLR_PROFILER') !== profiler) ||
  (env.has('CORECLR_ENABLE_PROFILING') && env.plain('CORECLR_ENABLE_PROFILING') !== '1');
