import test from 'ava';
import { presentAgent } from '../../../../domain/injection/languages/present.ts';
import { Environment } from '../../../../domain/injection/pod/environment.ts';
import type { JsonObject } from '../../../../domain/json.ts';
import { aContainer, notesOf, admitted, refusalsOf } from '../../../support/build.ts';

type Searched = Parameters<typeof presentAgent>[0];

const finds = test.macro(
  (t, language: Searched, differences: JsonObject, expected: string | undefined) => {
    const container = aContainer(differences);
    const found = presentAgent(language, container, new Environment(container, []));
    const text =
      found === undefined ? undefined : `${found.name}${found.excludes ? ' excludes' : ''}`;
    t.is(text, expected);
  },
);

const set = (name: string, value: string) => ({ env: [{ name, value }] });

test(
  'a Java agent of ours in the command excludes another',
  finds,
  'java',
  { command: ['java', '-javaagent:/app/opentelemetry-javaagent.jar', '-jar', 'x.jar'] },
  'OpenTelemetry excludes',
);
test(
  'a Java agent of ours in the arguments excludes another',
  finds,
  'java',
  { args: ['-javaagent:/otel/agent.jar=x=y'] },
  'OpenTelemetry excludes',
);
for (const name of [
  'JAVA_TOOL_OPTIONS',
  'JDK_JAVA_OPTIONS',
  '_JAVA_OPTIONS',
  'JAVA_OPTS',
  'CATALINA_OPTS',
]) {
  test(
    `a Java agent of ours in ${name} excludes another`,
    finds,
    'java',
    set(name, '-Xmx1g -javaagent:/opentelemetry-javaagent.jar'),
    'OpenTelemetry excludes',
  );
}
test(
  'the later of two values of a variable counts',
  finds,
  'java',
  {
    env: [
      { name: 'JAVA_OPTS', value: '-javaagent:/otel.jar' },
      { name: 'JAVA_OPTS', value: '' },
    ],
  },
  undefined,
);
test(
  'a Java agent of another vendor leaves room',
  finds,
  'java',
  set('JAVA_TOOL_OPTIONS', '-javaagent:/opt/dd-java-agent.jar'),
  'Datadog',
);
test(
  'a library that is called like an agent is none',
  finds,
  'java',
  { args: ['-cp', '/lib/opentelemetry-api.jar', 'Main'] },
  undefined,
);
test(
  'a setting for an agent is no agent',
  finds,
  'java',
  set('JAVA_OPTS', '-Dotel.service.name=x'),
  undefined,
);
test(
  'a hotel is no telemetry',
  finds,
  'java',
  set('JAVA_OPTS', '-javaagent:/srv/hotel-booking/jacoco.jar'),
  undefined,
);
test(
  'an agent for something else stays that in a folder of ours',
  finds,
  'java',
  set('JAVA_OPTS', '-javaagent:/opt/otel/jmx_prometheus_javaagent.jar=9404:/x.yaml'),
  undefined,
);
test(
  'another vendor’s agent stays that in a folder of ours',
  finds,
  'java',
  set('JAVA_TOOL_OPTIONS', '-javaagent:/opt/opentelemetry/dd-java-agent.jar'),
  'Datadog',
);
for (const path of [
  '/otel-auto-instrumentation-java-app/javaagent.jar',
  '/opt/OpenTelemetry/java-agent-2.1.jar',
  '/splunk-otel-javaagent.jar',
  '/otel/agent.jar=config',
  'aws-opentelemetry-agent.jar -jar x.jar',
])
  test(
    `a Java agent of ours is known by ${path}`,
    finds,
    'java',
    set('JAVA_TOOL_OPTIONS', `-Xmx1g -javaagent:${path}`),
    'OpenTelemetry excludes',
  );
test(
  'an agent for something else is none of those we know',
  finds,
  'java',
  set('JAVA_OPTS', '-javaagent:/jacoco.jar'),
  undefined,
);

test(
  'a Node agent of ours excludes another',
  finds,
  'nodejs',
  set('NODE_OPTIONS', '--require @opentelemetry/auto-instrumentations-node/register'),
  'OpenTelemetry excludes',
);
test(
  'a Node agent of another vendor leaves room',
  finds,
  'nodejs',
  { command: ['node', '-r', 'dd-trace/init', 'x.js'] },
  'Datadog',
);
test(
  'a program whose name holds another’s is none',
  finds,
  'nodejs',
  { command: ['node', 'newrelicish.js'] },
  undefined,
);

test(
  'a Python agent of ours in a shell’s line excludes another',
  finds,
  'python',
  { command: ['sh', '-c', 'exec opentelemetry-instrument python app.py'] },
  'OpenTelemetry excludes',
);
test(
  'a Python path of ours excludes another',
  finds,
  'python',
  set('PYTHONPATH', '/x/opentelemetry/instrumentation/auto_instrumentation:/x'),
  'OpenTelemetry excludes',
);
test(
  'a Python agent of another vendor leaves room',
  finds,
  'python',
  { args: ['ddtrace-run', 'gunicorn'] },
  'Datadog',
);

test(
  'a .NET agent of ours excludes another',
  finds,
  'dotnet',
  set('DOTNET_STARTUP_HOOKS', '/x/OpenTelemetry.AutoInstrumentation.StartupHook.dll'),
  'OpenTelemetry excludes',
);
test(
  'a .NET profiler of another vendor excludes ours, for there can be one',
  finds,
  'dotnet',
  set('CORECLR_PROFILER', '{846f5f1c-f9ae-4b07-969e-05c26bc060d8}'),
  'Datadog excludes',
);
test(
  'a startup hook of another’s leaves room',
  finds,
  'dotnet',
  set('DOTNET_STARTUP_HOOKS', '/x/Mine.dll'),
  undefined,
);

test(
  'a value that nobody can see hides its agent',
  finds,
  'java',
  {
    env: [
      {
        name: 'JAVA_OPTS',
        valueFrom: { secretKeyRef: { name: 'otel', key: '-javaagent:/otel.jar' } },
      },
    ],
  },
  undefined,
);
test(
  'what is no text is passed over',
  finds,
  'java',
  { command: [1, null, {}], args: '-javaagent:/otel.jar' },
  undefined,
);
test('a container without a command starts nothing that we know', finds, 'nodejs', {}, undefined);

test('a long command is searched at once', (t) => {
  const before = process.threadCpuUsage();
  const container = aContainer({ args: ['-javaagent:'.repeat(150_000), '/'.repeat(1_000_000)] });
  for (const language of ['java', 'nodejs', 'python', 'dotnet'] as const) {
    t.is(presentAgent(language, container, new Environment(container, [])), undefined);
  }
  t.true(process.threadCpuUsage(before).user < 2_000_000);
});

test('the same agent is never added twice', (t) => {
  const admission = admitted('java', { container: { args: ['-javaagent:/opentelemetry.jar'] } });
  t.is(admission.kind, 'declined');
  t.deepEqual(refusalsOf(admission), ['AnotherAgentPresent app OpenTelemetry']);
});

test('another vendor’s agent is told, and ours is added beside it', (t) => {
  const admission = admitted('python', {
    container: { command: ['ddtrace-run', 'python', 'app.py'] },
    spec: { exporter: { endpoint: 'http://collector:4318' } },
  });
  t.deepEqual(notesOf(admission), ['OtherVendorsAgent app Datadog']);
});
