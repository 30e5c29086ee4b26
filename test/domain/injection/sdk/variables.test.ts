import test from 'ava';
import type { JsonObject } from '../../../../domain/json.ts';
import {
  admitted,
  environmentOf,
  notesOf,
  refusalsOf,
  valueOf,
  type Scene,
} from '../../../support/build.ts';

const attributes = 'OTEL_RESOURCE_ATTRIBUTES';
const usual = [
  'k8s.container.name=app',
  'k8s.namespace.name=shop',
  'k8s.node.name=$(OTEL_RESOURCE_ATTRIBUTES_NODE_NAME)',
  'k8s.pod.name=$(OTEL_RESOURCE_ATTRIBUTES_POD_NAME)',
  'service.instance.id=shop.$(OTEL_RESOURCE_ATTRIBUTES_POD_NAME).app',
  'service.namespace=shop',
  'service.version=1.2.3',
];
const usualText = usual.join(',');
const addresses = ['OTEL_NODE_IP from status.hostIP', 'OTEL_POD_IP from status.podIP'];
const helpers = [
  'OTEL_RESOURCE_ATTRIBUTES_POD_NAME from metadata.name',
  'OTEL_RESOURCE_ATTRIBUTES_NODE_NAME from spec.nodeName',
];

const gives = test.macro((t, scene: Scene, expected: readonly string[]) => {
  t.deepEqual(environmentOf(admitted('sdk', scene)), expected);
});

const having = (...entries: readonly JsonObject[]) => ({ env: entries });
const plain = (name: string, value: string) => ({ name, value });
const everything = {
  exporter: {
    endpoint: 'http://collector:4318',
    tls: { secretName: 's', ca_file: 'ca', cert_file: 'cert', key_file: 'key' },
  },
  resource: { addK8sUIDAttributes: true },
  propagators: ['tracecontext', 'baggage'],
  sampler: { type: 'traceidratio', argument: '0.5' },
};

test('a container without variables gets the usual ones, in this order', gives, {}, [
  ...addresses,
  'OTEL_SERVICE_NAME=app',
  ...helpers,
  `${attributes}=${usualText}`,
]);

test('an Instrumentation that says all gets all, in this order', gives, { spec: everything }, [
  ...addresses,
  'OTEL_SERVICE_NAME=app',
  'OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318',
  'OTEL_EXPORTER_OTLP_CERTIFICATE=/otel-auto-instrumentation-secret-s/ca',
  'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=/otel-auto-instrumentation-secret-s/cert',
  'OTEL_EXPORTER_OTLP_CLIENT_KEY=/otel-auto-instrumentation-secret-s/key',
  'OTEL_RESOURCE_ATTRIBUTES_POD_NAME from metadata.name',
  'OTEL_RESOURCE_ATTRIBUTES_POD_UID from metadata.uid',
  'OTEL_RESOURCE_ATTRIBUTES_NODE_NAME from spec.nodeName',
  'OTEL_PROPAGATORS=tracecontext,baggage',
  'OTEL_TRACES_SAMPLER=traceidratio',
  'OTEL_TRACES_SAMPLER_ARG=0.5',
  `${attributes}=${[...usual.slice(0, 4), 'k8s.pod.uid=$(OTEL_RESOURCE_ATTRIBUTES_POD_UID)', ...usual.slice(4)].join(',')}`,
]);

test(
  'what the container has stays, at its place',
  gives,
  {
    container: having(
      plain('OTEL_SERVICE_NAME', 'mine'),
      plain('A', '1'),
      plain('OTEL_POD_IP', 'x'),
    ),
  },
  [
    'OTEL_NODE_IP from status.hostIP',
    'OTEL_SERVICE_NAME=mine',
    'A=1',
    'OTEL_POD_IP=x',
    ...helpers,
    `${attributes}=${usualText}`,
  ],
);

test(
  'the Instrumentation’s variables come after the container’s and before ours',
  gives,
  {
    container: having(plain('A', 'mine')),
    spec: { env: [plain('A', 'theirs'), plain('B', '$(OTEL_NODE_IP)'), plain('B', 'again')] },
  },
  [
    ...addresses,
    'A=mine',
    'B=$(OTEL_NODE_IP)',
    'OTEL_SERVICE_NAME=app',
    ...helpers,
    `${attributes}=${usualText}`,
  ],
);

const kept = test.macro((t, name: string, spec: JsonObject = everything) => {
  const byContainer = admitted('sdk', { container: having(plain(name, 'mine')), spec });
  t.is(valueOf(byContainer, name), 'mine');
  const bySettings = admitted('sdk', { spec: { ...spec, env: [plain(name, 'theirs')] } });
  t.is(valueOf(bySettings, name), 'theirs');
  const names = environmentOf(bySettings).filter((line) => line.startsWith(`${name}=`));
  t.is(names.length, 1);
});

for (const name of [
  'OTEL_SERVICE_NAME',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_CERTIFICATE',
  'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE',
  'OTEL_EXPORTER_OTLP_CLIENT_KEY',
  'OTEL_PROPAGATORS',
  'OTEL_TRACES_SAMPLER',
  'OTEL_TRACES_SAMPLER_ARG',
]) {
  test(`${name} is kept where somebody has set it`, kept, name);
}

test('the addresses are ours, whatever the Instrumentation says of them', (t) => {
  const admission = admitted('sdk', { spec: { env: [plain('OTEL_NODE_IP', 'theirs')] } });
  t.is(valueOf(admission, 'OTEL_NODE_IP'), 'status.hostIP');
});

test('sampler and argument belong together: who sets one sets both', (t) => {
  const argument = admitted('sdk', {
    container: having(plain('OTEL_TRACES_SAMPLER_ARG', '0.1')),
    spec: everything,
  });
  t.is(valueOf(argument, 'OTEL_TRACES_SAMPLER'), undefined);
  const sampler = admitted('sdk', {
    container: having(plain('OTEL_TRACES_SAMPLER', 'always_on')),
    spec: everything,
  });
  t.is(valueOf(sampler, 'OTEL_TRACES_SAMPLER_ARG'), undefined);
});

test('an empty value counts as set', (t) => {
  const admission = admitted('sdk', {
    container: having(plain('OTEL_SERVICE_NAME', '')),
    spec: everything,
  });
  t.is(valueOf(admission, 'OTEL_SERVICE_NAME'), '');
});

const resource = test.macro((t, scene: Scene, expected: string) => {
  const admission = admitted('sdk', scene);
  t.is(valueOf(admission, attributes), expected);
  t.regex(environmentOf(admission).at(-1) ?? '', /^OTEL_RESOURCE_ATTRIBUTES=/);
});

const own = (key: string) => `resource.opentelemetry.io/${key}`;
const without = (...keys: readonly string[]) =>
  usual.filter((pair) => !keys.some((key) => pair.startsWith(`${key}=`))).join(',');

test(
  'attributes that are there come first, and ours are added',
  resource,
  { container: having(plain(attributes, 'team=a')) },
  `team=a,${usualText}`,
);
test(
  'a comma at their end is not doubled',
  resource,
  { container: having(plain(attributes, 'team=a,')) },
  `team=a,${usualText}`,
);
test(
  'an empty value is none, and begins with no comma',
  resource,
  { container: having(plain(attributes, '')) },
  usualText,
);
test(
  'attributes of the Instrumentation’s variable are added to as well',
  resource,
  { spec: { env: [plain(attributes, 'team=a')] } },
  `team=a,${usualText}`,
);
test(
  'no attribute is said twice',
  resource,
  { container: having(plain(attributes, 'k8s.pod.name=x,service.version=9,k8s.node.name=n')) },
  `k8s.pod.name=x,service.version=9,k8s.node.name=n,${without('k8s.pod.name', 'service.version', 'k8s.node.name')}`,
);
test(
  'the version of the image outranks the Instrumentation’s',
  resource,
  { spec: { resource: { resourceAttributes: { 'service.version': '9' } } } },
  usualText,
);
test(
  'without a version the Instrumentation’s stays',
  resource,
  {
    container: { image: 'app' },
    spec: { resource: { resourceAttributes: { 'service.version': '9' } } },
  },
  usualText.replace('1.2.3', '9'),
);
test(
  'the pod’s name is referred to, whatever an annotation says',
  resource,
  { annotations: { [own('k8s.pod.name')]: 'x' } },
  usualText,
);
test(
  'an empty annotation for the node’s name is filled in',
  resource,
  { annotations: { [own('k8s.node.name')]: '' } },
  usualText,
);
test(
  'commas and equals signs in an annotation are escaped',
  resource,
  { annotations: { [own('note')]: 'a=b, c' } },
  `${usual.slice(0, 4).join(',')},note=a%3Db%2C%20c,${usual.slice(4).join(',')}`,
);

test('a node that is known needs no variable', (t) => {
  const admission = admitted('sdk', { pod: { nodeName: 'n1' } });
  t.is(valueOf(admission, 'OTEL_RESOURCE_ATTRIBUTES_NODE_NAME'), undefined);
  t.regex(valueOf(admission, attributes) ?? '', /,k8s\.node\.name=n1,/);
});

test('two languages in one container leave each variable once', (t) => {
  const list = { 'instrumentation.opentelemetry.io/container-names': 'app' };
  const admission = admitted('java', {
    annotations: { 'instrumentation.opentelemetry.io/inject-sdk': 'true', ...list },
    spec: everything,
  });
  const names = environmentOf(admission).map((line) => line.split(/=| from /)[0] ?? '');
  t.deepEqual(names, [...new Set(names)]);
  const keys = (valueOf(admission, attributes) ?? '').split(',').map((pair) => pair.split('=')[0]);
  t.deepEqual(keys, [...new Set(keys)]);
});

const reference = (optional: boolean) => ({
  name: attributes,
  valueFrom: { configMapKeyRef: { name: 'c', key: 'k', optional } },
});

test('attributes from a required reference are joined', (t) => {
  const admission = admitted('sdk', { container: having(reference(false)) });
  t.is(valueOf(admission, attributes), `$(OTEL_INJECTED_ORIG_${attributes}),${usualText}`);
  const names = environmentOf(admission).map((line) => line.split(/=| from /)[0] ?? '');
  t.true(names.indexOf(`OTEL_INJECTED_ORIG_${attributes}`) < names.indexOf(attributes));
});

test('attributes from an optional reference are refused, and nothing is changed', (t) => {
  const admission = admitted('sdk', { container: having(reference(true)) });
  t.is(admission.kind, 'declined');
  t.deepEqual(refusalsOf(admission), [`EnvironmentByReference app ${attributes}`]);
});

/** What the kubelet hands over: a reference to what comes later stays as it is written. */
function resolved(lines: readonly string[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of lines) {
    const [, name = '', plainValue, field] = /^([^= ]+)(?:=(.*)| from (.*))$/s.exec(line) ?? [];
    const value = plainValue?.replaceAll(
      /\$\(([^)]+)\)/g,
      (text, key) => values.get(String(key)) ?? text,
    );
    values.set(name, value ?? `<${field}>`);
  }
  return values;
}

const resolves = test.macro((t, scene: Scene, name: string, expected: RegExp) => {
  const values = resolved(environmentOf(admitted('sdk', scene)));
  t.regex(values.get(name) ?? '', expected);
  t.regex(values.get(attributes) ?? '', /k8s\.pod\.name=<metadata\.name>/);
  t.notRegex(values.get(attributes) ?? '', /\$\(OTEL/);
});

test(
  'the kubelet resolves the attributes',
  resolves,
  {},
  attributes,
  /k8s\.node\.name=<spec\.nodeName>/,
);
test(
  'a variable of the user’s that refers to the attributes still does',
  resolves,
  {
    container: having(plain(attributes, 'team=a'), plain('COPY', `copy:$(${attributes})`)),
  },
  'COPY',
  /^copy:team=a,.*k8s\.pod\.name=<metadata\.name>/,
);
test(
  'a variable of the user’s that refers to one of ours finds it',
  resolves,
  {
    container: having(plain('NODE', '$(OTEL_RESOURCE_ATTRIBUTES_NODE_NAME)')),
  },
  'NODE',
  /^<spec\.nodeName>$/,
);
test(
  'an endpoint may refer to the node’s address',
  resolves,
  {
    spec: { exporter: { endpoint: 'http://$(OTEL_NODE_IP):4317' } },
  },
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  /^http:\/\/<status\.hostIP>:4317$/,
);

test('a protocol is spelt out right behind the endpoint that needs it', (t) => {
  const admission = admitted('java', { spec: { exporter: { endpoint: 'http://collector:4317' } } });
  const lines = environmentOf(admission);
  const index = lines.indexOf('OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4317');
  t.is(lines[index + 1], 'OTEL_EXPORTER_OTLP_PROTOCOL=grpc');
  t.deepEqual(notesOf(admission), []);
});
