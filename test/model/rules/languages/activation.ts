import type { Environment } from '../sdk/environment.ts';

/** Agents that an init container copies into a volume of the pod. */
export type Copied = 'java' | 'nodejs' | 'python' | 'dotnet';

interface Place {
  readonly mountPath: string;
  readonly platform: string;
  readonly hasExtensions: boolean;
}

/** The variables that switch an agent on. False where the container must do without it. */
export const activate: Readonly<Record<Copied, (env: Environment, place: Place) => boolean>> = {
  java: (env, { mountPath, hasExtensions }) => {
    const agent = ` -javaagent:${mountPath}/javaagent.jar`;
    const extensions = ` -Dotel.javaagent.extensions=${mountPath}/extensions`;
    return addOption(env, 'JAVA_TOOL_OPTIONS', hasExtensions ? agent + extensions : agent);
  },
  nodejs: (env, { mountPath }) => {
    const isOn = addOption(env, 'NODE_OPTIONS', ` --require ${mountPath}/autoinstrumentation.js`);
    env.appendIfAbsent('OTEL_METRICS_EXPORTER', 'otlp');
    return isOn;
  },
  python: (env) => {
    env.appendIfAbsent('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/protobuf');
    for (const signal of ['TRACES', 'METRICS', 'LOGS'])
      env.appendIfAbsent(`OTEL_${signal}_EXPORTER`, 'otlp');
    return true;
  },
  dotnet: (env, { mountPath, platform }) => {
    const library = platform.includes('musl') ? 'linux-musl' : 'linux';
    const native = 'OpenTelemetry.AutoInstrumentation.Native.so';
    const hook = 'OpenTelemetry.AutoInstrumentation.StartupHook.dll';
    env.appendIfAbsent('CORECLR_ENABLE_PROFILING', '1');
    env.appendIfAbsent('CORECLR_PROFILER', '{918728DD-259F-4A6A-AC2B-B85E1B658318}');
    env.appendIfAbsent('CORECLR_PROFILER_PATH', `${mountPath}/${library}/${native}`);
    const isHooked = addItem(env, 'DOTNET_STARTUP_HOOKS', `${mountPath}/net/${hook}`);
    const isAdded = addItem(env, 'DOTNET_ADDITIONAL_DEPS', `${mountPath}/AdditionalDeps`);
    env.appendIfAbsent('OTEL_DOTNET_AUTO_HOME', mountPath);
    return addItem(env, 'DOTNET_SHARED_STORE', `${mountPath}/store`) && isHooked && isAdded;
  },
};

/** Absent, the variable holds the option with the blank before it. */
const addOption = (env: Environment, name: string, option: string) =>
  env.join({ name, alone: option, around: (value) => value + option, reference: 'kept' });

const addItem = (env: Environment, name: string, item: string) =>
  env.join({ name, alone: item, around: (value) => `${value}:${item}`, reference: 'kept' });

/** Python's path comes before anything for all languages is added, so nothing said there counts. */
export function setPath(env: Environment): boolean {
  const directory = '/otel-auto-instrumentation-python';
  const loader = `${directory}/opentelemetry/instrumentation/auto_instrumentation`;
  return env.join({
    name: 'PYTHONPATH',
    alone: `${loader}:${directory}`,
    around: (value) => `${loader}:${value}:${directory}`,
    reference: 'spoilt',
  });
}
