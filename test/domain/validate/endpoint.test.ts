import test from 'ava';
import { warningsOf } from './support.ts';

const of = (endpoint: string) => warningsOf({ exporter: { endpoint } });

const fine = [
  'http://collector:4318',
  'http://collector.observability.svc.cluster.local:4318/',
  'https://otlp.example.com',
  'https://otlp.example.com/prefix',
  'http://$(OTEL_NODE_IP):4318',
  'http://[::1]:4318',
  'http://collector:$(PORT)',
  '$(COLLECTOR)',
  'HTTP://collector:4318',
];

for (const endpoint of fine) {
  test(`nothing is wrong with ${endpoint}`, (t) => {
    t.deepEqual(of(endpoint), []);
  });
}

const flawed: readonly (readonly [string, RegExp])[] = [
  ['collector:4318', /has no scheme/],
  ['collector', /has no scheme/],
  ['grpc://collector:4317', /http:\/\/ and https:\/\/ alone/],
  [' http://collector:4318', /white space/],
  ['http://', /is no URL/],
  ['http://collector:99999', /is no URL/],
  ['http://collector:4318/v1/traces', /agents add \/v1\/traces themselves/],
  ['http://collector:13133', /port 13133 is for the Collector's health check/],
  ['http://collector:14268/api', /port 14268 is for Jaeger/],
];

for (const [endpoint, expected] of flawed) {
  test(`something is wrong with "${endpoint}"`, (t) => {
    t.regex(of(endpoint)[0] ?? '', expected);
    t.regex(of(endpoint)[0] ?? '', /^spec\.exporter\.endpoint: /);
  });
}

test('an endpoint in a variable is looked at under its own path', (t) => {
  const env = [{ name: 'A' }, { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'collector:4318' }];
  t.deepEqual(warningsOf({ env }), [
    'spec.env[1]: has no scheme; begin it with http:// or https://',
  ]);
});
