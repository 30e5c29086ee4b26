import type { Container } from '../../case.ts';
import type { Environment } from '../sdk/environment.ts';

/** Our way alone: agents that leave no room for another, by what they look like here. */
const signs = {
  java: {
    variables: [
      'JAVA_TOOL_OPTIONS',
      'JDK_JAVA_OPTIONS',
      '_JAVA_OPTIONS',
      'JAVA_OPTS',
      'CATALINA_OPTS',
    ],
    pattern:
      /-javaagent:[^\s,=:]*(?:opentelemetry|(?<![a-z])otel)(?:[^\s,=:/]*|[^\s,=:]*\/(?:java-?)?agent[^\s,=:/]*)(?=$|[\s,=:])/im,
  },
  nodejs: {
    variables: ['NODE_OPTIONS'],
    pattern:
      /(?:@opentelemetry\/auto-instrumentations-node|@splunk\/otel|otel-auto-instrumentation)/,
  },
  python: {
    variables: ['PYTHONPATH'],
    pattern:
      /(?:^|[\s/;&|"'(=:])opentelemetry-instrument(?:$|[\s/;&|"')=:])|opentelemetry[./]instrumentation[./]auto_/m,
  },
  dotnet: {
    variables: ['DOTNET_STARTUP_HOOKS', 'CORECLR_PROFILER'],
    pattern:
      /OpenTelemetry\.AutoInstrumentation|846F5F1C-F9AE-4B07-969E-05C26BC060D8|36032161-FFC0/i,
  },
} as const;

export function isAgentPresent(
  language: keyof typeof signs,
  { command = [], args = [] }: Container,
  env: Environment,
): boolean {
  const { variables, pattern } = signs[language];
  const values = variables.map((name) => env.plain(name) ?? '');
  return pattern.test([...command, ...args, ...values].join('\n'));
}
