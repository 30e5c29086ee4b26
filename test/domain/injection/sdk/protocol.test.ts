import test from 'ava';
import {
  expectedBy,
  lacksEndpoint,
  protocolMismatch,
  protocolToSet,
} from '../../../../domain/injection/sdk/protocol.ts';
import type { Language } from '../../../../domain/injection/instrumentation/settings.ts';
import { Environment } from '../../../../domain/injection/pod/environment.ts';
import { aContainer } from '../../../support/build.ts';

const endpoint = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const protocol = 'OTEL_EXPORTER_OTLP_PROTOCOL';
const reference = { secretKeyRef: { name: 'a', key: 'b' } };

const having = (values: Readonly<Record<string, string>>, rest = {}) =>
  new Environment(
    aContainer({ env: Object.entries(values).map(([name, value]) => ({ name, value })), ...rest }),
    [],
  );

/** The protocol that is spelt out, and whether a mismatch is told once it is. */
function outcome(language: Language, values: Readonly<Record<string, string>>): string {
  const env = having(values);
  const chosen = protocolToSet(language, env);
  if (chosen !== undefined) env.append({ name: protocol, value: chosen });
  return `${chosen ?? '-'} ${protocolMismatch(language, env) ?? 'fits'}`;
}

const matrix = test.macro(
  (t, values: Readonly<Record<string, string>>, expected: Readonly<Record<string, string>>) => {
    for (const [language, line] of Object.entries(expected)) {
      t.is(outcome(language as Language, values), line, language);
    }
  },
);

const http4317 = 'http://collector:4317';
const http4318 = 'http://collector:4318';
const free = ['java', 'nodejs', 'go'];
const httpOnly = ['python', 'dotnet'];
const grpcOnly = ['apache-httpd', 'nginx'];
const each = (languages: readonly string[], line: string) =>
  Object.fromEntries(languages.map((language) => [language, line]));

test(
  'on port 4317 gRPC is spelt out for agents that can, and told of those that cannot',
  matrix,
  { [endpoint]: http4317 },
  {
    ...each(free, 'grpc fits'),
    ...each(httpOnly, `- ${http4317} with http`),
    ...each(grpcOnly, '- fits'),
    sdk: '- fits',
  },
);
test(
  'on port 4318 the agents’ own protocol fits, but for the web servers’',
  matrix,
  { [endpoint]: http4318 },
  {
    ...each([...free, ...httpOnly], '- fits'),
    ...each(grpcOnly, `- ${http4318} with grpc`),
    sdk: '- fits',
  },
);
test(
  'another port says nothing',
  matrix,
  { [endpoint]: 'http://collector:8080' },
  each([...free, ...httpOnly, ...grpcOnly], '- fits'),
);
test(
  'without an endpoint there is nothing to say',
  matrix,
  {},
  each([...free, ...httpOnly, ...grpcOnly], '- fits'),
);
test(
  'a protocol that somebody chose stays, and is told where it does not fit',
  matrix,
  { [endpoint]: http4317, [protocol]: 'http/protobuf' },
  {
    ...each(free, `- ${http4317} with http/protobuf`),
    ...each(httpOnly, `- ${http4317} with http/protobuf`),
    ...each(grpcOnly, '- fits'),
  },
);
test(
  'gRPC on port 4318 is told',
  matrix,
  { [endpoint]: http4318, [protocol]: 'grpc' },
  each(free, `- ${http4318} with grpc`),
);
test(
  'gRPC is told where the agent cannot speak it, whatever the port',
  matrix,
  { [endpoint]: http4317, [protocol]: 'grpc' },
  {
    ...each(free, '- fits'),
    ...each(httpOnly, `- ${protocol}=grpc`),
  },
);

for (const signal of ['TRACES', 'METRICS', 'LOGS']) {
  for (const setting of ['PROTOCOL', 'ENDPOINT']) {
    test(
      `who sets the ${setting} of ${signal} knows what he does`,
      matrix,
      { [endpoint]: http4317, [`OTEL_EXPORTER_OTLP_${signal}_${setting}`]: 'x' },
      each([...free, ...httpOnly], '- fits'),
    );
  }
}

test('a protocol that nobody can see stays as it is', (t) => {
  const env = new Environment(
    aContainer({
      env: [
        { name: endpoint, value: http4317 },
        { name: protocol, valueFrom: reference },
      ],
    }),
    [],
  );
  t.is(protocolToSet('java', env), undefined);
  t.is(protocolMismatch('java', env), undefined);
});

test('an endpoint that nobody can see says nothing', (t) => {
  const env = new Environment(aContainer({ env: [{ name: endpoint, valueFrom: reference }] }), []);
  t.is(protocolToSet('java', env), undefined);
  t.false(lacksEndpoint(env));
});

const expects = test.macro((t, text: string | undefined, expected: 'grpc' | 'http' | undefined) => {
  t.is(expectedBy(text), expected);
});

test('port 4317 expects gRPC', expects, 'http://collector.obs.svc:4317', 'grpc');
test('port 4318 expects HTTP', expects, 'https://collector:4318', 'http');
test('a scheme may be missing', expects, 'collector:4317', 'grpc');
test('a path may follow', expects, 'http://collector:4318/', 'http');
test('the node’s address may be referred to', expects, 'http://$(OTEL_NODE_IP):4317', 'grpc');
test('an address of six groups has a port too', expects, 'http://[fd00::1]:4317', 'grpc');
test('a port within a path is none', expects, 'http://collector/x:4317', undefined);
test('a longer port is another one', expects, 'http://collector:43170', undefined);
test('a reference for a port says nothing', expects, 'http://collector:$(PORT)', undefined);
test('an endpoint without a port says nothing', expects, 'http://collector', undefined);
test('no endpoint says nothing', expects, undefined, undefined);

test('an endpoint is lacking where neither all signals nor one has it', (t) => {
  t.true(lacksEndpoint(having({})));
  t.true(lacksEndpoint(having({ [protocol]: 'grpc' })));
  t.false(lacksEndpoint(having({ [endpoint]: http4317 })));
  t.false(lacksEndpoint(having({ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: http4317 })));
});

test('where values are hidden, nobody says that an endpoint is lacking', (t) => {
  t.false(lacksEndpoint(having({}, { envFrom: [{ secretRef: { name: 'x' } }] })));
});
