import { listAt, type JsonObject } from '../../json.ts';
import type { Environment } from '../pod/environment.ts';

/** An agent that the container starts with already. */
export interface PresentAgent {
  readonly name: string;
  /** Ours by another way, or one that leaves no room for ours. */
  readonly excludes: boolean;
}

interface Sign {
  readonly name: string;
  readonly pattern: RegExp;
  readonly excludes?: true;
}

interface Search {
  readonly variables: readonly string[];
  readonly signs: readonly Sign[];
}

/** By its file, or by its folder where the file is called like any agent; a hotel is none. */
const ownJar =
  /-javaagent:[^\s,=:]{0,500}(?:opentelemetry|(?<![a-z])otel)(?:[^\s,=:/]{0,200}|[^\s,=:]{0,300}\/(?:java-?)?agent[^\s,=:/]{0,100})(?=$|[\s,=:])/im;
const agentJar = (file: string) => new RegExp(`-javaagent:[^\\s,=:]{0,500}(?:${file})`, 'i');
const word = (text: string) => new RegExp(`(?:^|[\\s/;&|"'(=:])(?:${text})(?:$|[\\s/;&|"')=:])`);

const searches: Readonly<Record<'java' | 'nodejs' | 'python' | 'dotnet', Search>> = {
  java: {
    variables: [
      'JAVA_TOOL_OPTIONS',
      'JDK_JAVA_OPTIONS',
      '_JAVA_OPTIONS',
      'JAVA_OPTS',
      'CATALINA_OPTS',
    ],
    signs: [
      { name: 'OpenTelemetry', pattern: ownJar, excludes: true },
      { name: 'Datadog', pattern: agentJar('dd-java-agent') },
      { name: 'New Relic', pattern: agentJar('newrelic') },
      { name: 'Elastic APM', pattern: agentJar('elastic-apm-agent') },
      { name: 'AppDynamics', pattern: agentJar('appdynamics|appagent') },
      { name: 'Application Insights', pattern: agentJar('applicationinsights') },
      { name: 'SkyWalking', pattern: agentJar('skywalking') },
      { name: 'Glowroot', pattern: agentJar('glowroot') },
    ],
  },
  nodejs: {
    variables: ['NODE_OPTIONS'],
    signs: [
      {
        name: 'OpenTelemetry',
        pattern:
          /@opentelemetry\/auto-instrumentations-node|otel-auto-instrumentation|@splunk\/otel|@elastic\/opentelemetry-node/,
        excludes: true,
      },
      { name: 'Datadog', pattern: word('dd-trace') },
      { name: 'New Relic', pattern: word('newrelic') },
      { name: 'Elastic APM', pattern: word('elastic-apm-node') },
      { name: 'Instana', pattern: /@instana\/collector/ },
      { name: 'AppDynamics', pattern: word('appdynamics') },
    ],
  },
  python: {
    variables: ['PYTHONPATH'],
    signs: [
      {
        name: 'OpenTelemetry',
        pattern: word('opentelemetry-instrument|splunk-py-trace'),
        excludes: true,
      },
      {
        name: 'OpenTelemetry',
        pattern: /opentelemetry[./]instrumentation[./]auto_instrumentation/,
        excludes: true,
      },
      { name: 'Datadog', pattern: word('ddtrace-run') },
      { name: 'New Relic', pattern: word('newrelic-admin') },
    ],
  },
  dotnet: {
    variables: ['DOTNET_STARTUP_HOOKS', 'CORECLR_PROFILER'],
    signs: [
      { name: 'OpenTelemetry', pattern: /OpenTelemetry\.AutoInstrumentation/, excludes: true },
      { name: 'Datadog', pattern: /846F5F1C-F9AE-4B07-969E-05C26BC060D8/i, excludes: true },
      { name: 'New Relic', pattern: /36032161-FFC0-4B61-B559-F6C5D41BAE5A/i, excludes: true },
      { name: 'Elastic APM', pattern: /FA65FE15-F085-4681-9B20-95E04F6C03CC/i, excludes: true },
      { name: 'AppDynamics', pattern: /57e1aa68-2229-41aa-9931-a6e93bbc64d8/i, excludes: true },
    ],
  },
};

/** The agent that a container's command or own variables start, if one of the known ones does. */
export function presentAgent(
  language: keyof typeof searches,
  container: JsonObject,
  env: Environment,
): PresentAgent | undefined {
  const { variables, signs } = searches[language];
  const words = [...(listAt(container, 'command') ?? []), ...(listAt(container, 'args') ?? [])];
  const values = variables.map((name) => env.plain(name) ?? '');
  const text = [...words.filter((item) => typeof item === 'string'), ...values].join('\n');
  const found = signs.find(({ pattern }) => pattern.test(text));
  return found === undefined ? undefined : { name: found.name, excludes: found.excludes === true };
}
