import test from 'ava';
import { warningsOf, withEndpoint } from './support.ts';

const optional = { configMapKeyRef: { name: 'a', key: 'b', optional: true } };

const cases: readonly (readonly [string, object, string | undefined])[] = [
  ['ordinary variables are fine', { env: [{ name: 'A', value: 'b' }] }, undefined],
  [
    'a variable that is joined may not be optional',
    { java: { env: [{ name: 'JAVA_TOOL_OPTIONS', valueFrom: optional }] } },
    'spec.java.env[0]: pods get no agent while JAVA_TOOL_OPTIONS comes from an optional reference',
  ],
  [
    'one that is for all languages keeps from one agent alone',
    { env: [{ name: 'NODE_OPTIONS', valueFrom: optional }] },
    'spec.env[0]: pods get no agent for Node.js while NODE_OPTIONS comes from an optional reference',
  ],
  [
    'attributes are joined by every agent',
    { go: { env: [{ name: 'OTEL_RESOURCE_ATTRIBUTES', valueFrom: optional }] } },
    'spec.go.env[0]: pods get no agent while OTEL_RESOURCE_ATTRIBUTES comes from an optional reference',
  ],
  [
    'what another language joins may be optional',
    { python: { env: [{ name: 'JAVA_TOOL_OPTIONS', valueFrom: optional }] } },
    undefined,
  ],
  [
    'a path that Python has set before may be optional',
    { env: [{ name: 'PYTHONPATH', valueFrom: optional }] },
    undefined,
  ],
  [
    'a home of .NET’s agent says that it is there',
    { dotnet: { env: [{ name: 'OTEL_DOTNET_AUTO_HOME', value: '/agent' }] } },
    'spec.dotnet.env[0]: pods get no agent while OTEL_DOTNET_AUTO_HOME says that it is there already',
  ],
  ['any other may', { env: [{ name: 'TOKEN', valueFrom: optional }] }, undefined],
  [
    'a setting of Java is no variable',
    { java: { env: [{ name: 'otel.instrumentation.jdbc.enabled', value: 'false' }] } },
    'spec.java.env[0].name: agents read OTEL_INSTRUMENTATION_JDBC_ENABLED, not otel.instrumentation.jdbc.enabled',
  ],
  [
    'other names may have dots',
    { env: [{ name: 'spring.profiles.active', value: 'x' }] },
    undefined,
  ],
  [
    'agents that are switched off do nothing',
    { env: [{ name: 'OTEL_SDK_DISABLED', value: 'True' }] },
    'spec.env[0]: OTEL_SDK_DISABLED switches the agents off',
  ],
  [
    'one name for all is rarely meant',
    { env: [{ name: 'OTEL_SERVICE_NAME', value: 'shop' }] },
    'spec.env[0]: OTEL_SERVICE_NAME gives all workloads the same name',
  ],
  [
    'a name from the pod is its own',
    {
      env: [{ name: 'OTEL_SERVICE_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
    },
    undefined,
  ],
  [
    'of two the first counts',
    {
      env: [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
    },
    'spec.env[1]: A stands in this list twice; the first one counts',
  ],
  [
    'a language may say otherwise',
    { env: [{ name: 'A' }], java: { env: [{ name: 'A' }] } },
    undefined,
  ],
  [
    'no propagator stands beside none',
    { propagators: ['none', 'b3'] },
    'spec.propagators: some agents do not start when none stands beside others',
  ],
  [
    'the name of a service is that of its workload',
    { resource: { resourceAttributes: { 'service.name': 'shop' } } },
    'spec.resource.resourceAttributes: service.name gives way to the name of the workload',
  ],
  [
    'a directive has a value',
    {
      apacheHttpd: {
        attrs: [
          { name: 'A', valueFrom: optional },
          { name: 'ApacheModuleOtelExporterEndpoint', value: 'a:4317' },
        ],
      },
    },
    'spec.apacheHttpd.attrs[0].valueFrom: is not used; a directive needs a value',
  ],
];

for (const [title, spec, expected] of cases) {
  test(title, (t) => {
    t.deepEqual(warningsOf(withEndpoint(spec)), expected === undefined ? [] : [expected]);
  });
}
