import test from 'ava';
import { warningsOf } from './support.ts';

const grpc = { exporter: { endpoint: 'http://collector.observability:4317' } };
const http = { exporter: { endpoint: 'http://collector.observability:4318' } };
const chosen = (value: string) => [{ name: 'OTEL_EXPORTER_OTLP_PROTOCOL', value }];

const cases: readonly (readonly [string, object, RegExp | ''])[] = [
  [
    'Java, Node.js and Go are told to use gRPC on its port',
    { ...grpc, java: {}, nodejs: {}, go: {} },
    '',
  ],
  [
    'Python and .NET cannot',
    { ...grpc, python: {}, dotnet: {}, java: {} },
    /^spec\.exporter\.endpoint: port 4317 is for gRPC, and nothing arrives there from Python and \.NET: HTTP on 4318$/,
  ],
  ['who names no language is told of those', grpc, /from Python and \.NET/],
  [
    'web servers use gRPC alone',
    { ...http, apacheHttpd: {}, nginx: {} },
    /port 4318 is for HTTP, and nothing arrives there from Apache and Nginx: gRPC on 4317/,
  ],
  [
    'web servers may have an endpoint of their own',
    { ...http, nginx: { attrs: [{ name: 'NginxModuleOtelExporterEndpoint', value: 'x:4317' }] } },
    '',
  ],
  [
    'on port 4318 all others are fine',
    { ...http, java: {}, nodejs: {}, python: {}, dotnet: {}, go: {} },
    '',
  ],
  [
    'a port that says nothing says nothing',
    { exporter: { endpoint: 'https://otlp.example.com' }, python: {} },
    '',
  ],
  [
    'gRPC chosen for Python',
    { ...http, python: { env: chosen('grpc') } },
    /^OTEL_EXPORTER_OTLP_PROTOCOL: the agents for Python cannot use grpc/,
  ],
  [
    'gRPC chosen on the port of HTTP',
    { ...http, java: {}, env: chosen('grpc') },
    /from Java: gRPC on 4317/,
  ],
  [
    'HTTP chosen on the port of gRPC',
    { ...grpc, java: { env: chosen('http/protobuf') } },
    /from Java: HTTP on 4318/,
  ],
  [
    'an endpoint of its own for Python',
    {
      ...grpc,
      python: {
        env: [
          { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://collector.observability:4318' },
        ],
      },
    },
    '',
  ],
  [
    'a wrong endpoint of its own',
    {
      ...http,
      python: { env: [{ name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://collector:4317' }] },
    },
    /^OTEL_EXPORTER_OTLP_ENDPOINT: port 4317/,
  ],
  [
    'old agents for Java use gRPC',
    { ...http, java: { image: 'ghcr.io/a/autoinstrumentation-java:1.33.6' } },
    /^spec\.java\.image: so old an agent uses gRPC on port 4318/,
  ],
  [
    'unless they are told',
    {
      ...http,
      java: { image: 'ghcr.io/a/autoinstrumentation-java:1.33.6' },
      env: chosen('http/protobuf'),
    },
    '',
  ],
  [
    'old agents for Node.js too',
    { ...http, nodejs: { image: 'ghcr.io/a/autoinstrumentation-nodejs:0.53.0' } },
    /^spec\.nodejs\.image/,
  ],
  [
    'new ones do not',
    {
      ...http,
      nodejs: { image: 'ghcr.io/a/autoinstrumentation-nodejs:0.78.0' },
      java: { image: 'ghcr.io/a/autoinstrumentation-java:2.30.0' },
    },
    '',
  ],
  [
    'images of unknown name are left alone',
    { ...http, java: { image: 'example.com/agent:1.0.0' } },
    '',
  ],
  [
    'without an endpoint agents send to localhost',
    {},
    /^spec\.exporter\.endpoint: not set, so agents send to localhost/,
  ],
  [
    'an endpoint in a variable is one',
    {
      env: [{ name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://collector.observability:4318' }],
    },
    '',
  ],
  [
    'an endpoint of one signal is one',
    {
      java: {
        env: [
          { name: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', value: 'http://collector:4318/v1/traces' },
        ],
      },
    },
    '',
  ],
];

for (const [title, spec, expected] of cases) {
  test(title, (t) => {
    const warnings = warningsOf(spec).join('\n');
    if (expected === '') t.is(warnings, '');
    else t.regex(warnings, expected);
  });
}

test('sections that the operator filled in name no language', (t) => {
  const image = 'ghcr.io/a/autoinstrumentation-nginx:1.0.4';
  const annotation = 'instrumentation.opentelemetry.io/default-auto-instrumentation-nginx-image';
  const spec = { ...http, nginx: { image, resourceRequirements: {} } };
  t.deepEqual(warningsOf(spec, { [annotation]: image }), []);
  t.is(warningsOf(spec, { [annotation]: `${image}5` }).length, 1);
  t.is(warningsOf(spec).length, 1);
});
