import test from 'ava';
import { readInstrumentation } from '../../../../domain/injection/instrumentation/read.ts';
import { languages, type Language } from '../../../../domain/injection/instrumentation/settings.ts';
import type { Json, JsonObject } from '../../../../domain/json.ts';
import { anInstrumentation, frozen } from '../../../support/build.ts';

test('what has no name is no Instrumentation', (t) => {
  for (const json of [undefined, null, 'x', [], {}, { metadata: {} }, { metadata: { name: 1 } }]) {
    t.is(readInstrumentation(frozen(json)), undefined);
  }
});

test('an Instrumentation that says nothing is valid and lives in the default namespace', (t) => {
  const read = readInstrumentation(frozen({ metadata: { name: 'main' } }));
  t.is(read?.namespace, 'default');
  t.deepEqual(read?.shared.env, []);
  t.is(read?.shared.tls, undefined);
  for (const language of languages) t.deepEqual(read?.problems[language], []);
});

test('what it says for all languages is read', (t) => {
  const { shared } = anInstrumentation({
    exporter: { endpoint: 'http://collector:4318', tls: { secretName: 's', ca_file: 'ca.crt' } },
    resource: { resourceAttributes: { b: '2', a: '1' }, addK8sUIDAttributes: true },
    defaults: { useLabelsForResourceAttributes: true },
    propagators: ['tracecontext', 'b3'],
    sampler: { type: 'traceidratio', argument: '0.5' },
    env: [{ name: 'A', value: '1' }],
    imagePullPolicy: 'Always',
    initContainerSecurityContext: { runAsUser: 1 },
  });
  t.deepEqual(shared, {
    endpoint: 'http://collector:4318',
    tls: {
      secretName: 's',
      configMapName: undefined,
      caFile: 'ca.crt',
      certFile: undefined,
      keyFile: undefined,
    },
    resourceAttributes: [
      ['a', '1'],
      ['b', '2'],
    ],
    addUids: true,
    useLabels: true,
    propagators: ['tracecontext', 'b3'],
    sampler: { type: 'traceidratio', argument: '0.5' },
    env: [{ name: 'A', value: '1' }],
    imagePullPolicy: 'Always',
    initContainerSecurityContext: { runAsUser: 1 },
  });
});

test('the presence of TLS is read, even where it says nothing', (t) => {
  t.not(anInstrumentation({ exporter: { tls: {} } }).shared.tls, undefined);
});

test('what it says for one language is read where that language keeps it', (t) => {
  const limits = { limits: { cpu: '1' } };
  const { agents } = anInstrumentation({
    java: { image: 'j', resources: limits, extensions: [{ image: 'e', dir: '/d' }] },
    nodejs: { env: [{ name: 'A', value: '1' }], resourceRequirements: limits, resources: {} },
    go: { securityContext: { runAsUser: 0 } },
    apacheHttpd: {
      configPath: '/etc/httpd/conf',
      version: '2.2',
      attrs: [{ name: 'N', value: 'v' }],
    },
    nginx: { configFile: '/etc/nginx/site.conf', volumeLimitSize: 5 },
  });
  t.like(agents.java, { image: 'j', extensions: [{ image: 'e', dir: '/d' }] });
  t.deepEqual(agents.java.resources.limits, { cpu: '1' });
  t.deepEqual(agents.nodejs.resources.limits, { cpu: '1' });
  t.deepEqual(agents.nodejs.env, [{ name: 'A', value: '1' }]);
  t.deepEqual(agents.go.securityContext, { runAsUser: 0 });
  t.like(agents['apache-httpd'], { configPath: '/etc/httpd/conf', version: '2.2' });
  t.deepEqual(agents['apache-httpd'].attrs, [['N', 'v']]);
  t.like(agents.nginx, { configFile: '/etc/nginx/site.conf', volumeLimitSize: 5 });
  t.is(agents.python.image, undefined);
});

test('a security context is Go’s alone, extensions are Java’s alone', (t) => {
  const { agents } = anInstrumentation({
    nodejs: { securityContext: { runAsUser: 0 }, extensions: [{ image: 'e', dir: '/d' }] },
  });
  t.is(agents.nodejs.securityContext, undefined);
  t.deepEqual(agents.nodejs.extensions, []);
});

const template = test.macro((t, volumeClaimTemplate: Json, isSet: boolean) => {
  const { agents } = anInstrumentation({ java: { volumeClaimTemplate } });
  t.is(agents.java.volumeClaimTemplate !== undefined, isSet);
});

test(
  'a claim template of nothing but empty objects is unset, for the operator stores such',
  template,
  { metadata: {}, spec: { resources: {} } },
  false,
);
test(
  'a claim template of empty texts and nulls is unset',
  template,
  { metadata: { name: '', creationTimestamp: null } },
  false,
);
test(
  'a claim template with any member is set',
  template,
  { spec: { volumeMode: 'Filesystem' } },
  true,
);
test(
  'an empty list in a claim template counts as set',
  template,
  { spec: { accessModes: [] } },
  true,
);

const spoilt = test.macro((t, spec: JsonObject, path: string, ...spoils: readonly Language[]) => {
  const { problems } = anInstrumentation(spec);
  for (const language of languages) {
    const named = problems[language].filter((problem) => problem.startsWith(`${path}: `));
    t.is(
      named.length,
      spoils.includes(language) ? 1 : 0,
      `${language}: ${problems[language].join()}`,
    );
    t.is(problems[language].length, named.length);
  }
});

const bad = [{ name: 'A=B' }];
test(
  'a bad variable of one language spoils that language',
  spoilt,
  { python: { env: bad } },
  'spec.python.env[0].name',
  'python',
);
test('a bad variable for all spoils all', spoilt, { env: bad }, 'spec.env[0].name', ...languages);
test(
  'a nameless variable spoils what it is part of',
  spoilt,
  { env: [{ value: 'x' }] },
  'spec.env[0].name',
  ...languages,
);
const withoutSdk = languages.filter((language) => language !== 'sdk');
const withInitContainers = withoutSdk.filter((language) => language !== 'go');
test(
  'a pull policy that there is not spoils all that pull',
  spoilt,
  { imagePullPolicy: 'Sometimes' },
  'spec.imagePullPolicy',
  ...withoutSdk,
);
test(
  'a bad name of a Secret spoils all',
  spoilt,
  { exporter: { tls: { secretName: 'A' } } },
  'spec.exporter.tls.secretName',
  ...languages,
);
test(
  'a bad security context of init containers spoils all that have some',
  spoilt,
  { initContainerSecurityContext: { runAsUser: -1 } },
  'spec.initContainerSecurityContext.runAsUser',
  ...withInitContainers,
);
test(
  'a bad security context of the sidecar spoils Go',
  spoilt,
  { go: { securityContext: { runAsUser: -1 } } },
  'spec.go.securityContext.runAsUser',
  'go',
);
test(
  'an image with a space at its end spoils its language',
  spoilt,
  { java: { image: 'j:1 ' } },
  'spec.java.image',
  'java',
);
test(
  'a volume size that is none spoils its language',
  spoilt,
  { dotnet: { volumeLimitSize: 'big' } },
  'spec.dotnet.volumeLimitSize',
  'dotnet',
);
test(
  'a volume size below nothing spoils its language',
  spoilt,
  { dotnet: { volumeLimitSize: -1 } },
  'spec.dotnet.volumeLimitSize',
  'dotnet',
);
test(
  'an extension without an image spoils Java',
  spoilt,
  { java: { extensions: [{ dir: '/d' }] } },
  'spec.java.extensions[0].image',
  'java',
);
test(
  'an extension whose image ends with white space spoils Java',
  spoilt,
  { java: { extensions: [{ image: 'e ', dir: '/d' }] } },
  'spec.java.extensions[0].image',
  'java',
);
test(
  'an extension without a directory spoils Java',
  spoilt,
  { java: { extensions: [{ image: 'e' }] } },
  'spec.java.extensions[0].dir',
  'java',
);
test(
  'a claim template without access modes spoils its language',
  spoilt,
  { nodejs: { volumeClaimTemplate: { spec: { resources: { requests: { storage: 1 } } } } } },
  'spec.nodejs.volumeClaimTemplate.spec.accessModes',
  'nodejs',
);
test(
  'a request above its limit spoils its language',
  spoilt,
  { go: { resourceRequirements: { limits: { cpu: 1 }, requests: { cpu: 2 } } } },
  'spec.go.resourceRequirements.requests.cpu',
  'go',
);

for (const path of ['/', '//', 'conf', '/conf dir', '/conf,x', `/${'c'.repeat(300)}`]) {
  test(
    `a configuration at ${path.slice(0, 12)} spoils the web server`,
    spoilt,
    { apacheHttpd: { configPath: path }, nginx: {} },
    'spec.apacheHttpd.configPath',
    'apache-httpd',
  );
}

for (const path of ['/etc/nginx/', '/etc/nginx//', '/etc/nginx/.', '/etc/nginx/conf/..']) {
  test(
    `a configuration file at ${path} is a directory and spoils Nginx`,
    spoilt,
    { nginx: { configFile: path } },
    'spec.nginx.configFile',
    'nginx',
  );
}

test('settings nested too deeply spoil all and are not looked at', (t) => {
  let deep: Json = {};
  for (let depth = 0; depth < 5_000; depth++) deep = { deep };
  const read = readInstrumentation({ metadata: { name: 'main' }, spec: { java: deep } });
  for (const language of languages) {
    t.deepEqual(read?.problems[language], ['spec: is nested too deeply']);
  }
});

test('a volume of Go’s is not looked at, for its agent copies no files', (t) => {
  const { problems, agents } = anInstrumentation({ go: { volumeLimitSize: 'big' } });
  t.deepEqual(problems.go, []);
  t.is(agents.go.volumeLimitSize, undefined);
});

test('members of a wrong kind are as if they were not there', (t) => {
  const wrong = anInstrumentation({
    exporter: 'x',
    resource: [],
    defaults: 1,
    propagators: { a: 'b' },
    sampler: 'always_on',
    env: 'A=1',
    java: 'j:1',
    go: { env: {}, resourceRequirements: [], volumeLimitSize: {} },
    apacheHttpd: { attrs: 'x', configPath: 1 },
  });
  t.deepEqual(wrong.shared, anInstrumentation().shared);
  t.deepEqual(wrong.agents, anInstrumentation().agents);
});

const digested = test.macro((t, spec: JsonObject, ...changes: readonly Language[]) => {
  const before = anInstrumentation().digests;
  const after = anInstrumentation(spec).digests;
  t.deepEqual(
    languages.filter((language) => before[language] !== after[language]),
    changes,
  );
});

test('each language has its digest', (t) => {
  const { digests } = anInstrumentation();
  for (const language of languages) t.regex(digests[language], /^[0-9a-f]{16}$/);
});
test(
  'a Python setting changes Python’s digest alone',
  digested,
  { python: { image: 'p:1' } },
  'python',
);
test(
  'a setting for all changes every digest',
  digested,
  { exporter: { endpoint: 'http://x' } },
  ...languages,
);
test('a variable’s order counts, for the kubelet resolves in order', (t) => {
  const entries = [{ name: 'A' }, { name: 'B' }];
  t.not(
    anInstrumentation({ env: entries }).digests.java,
    anInstrumentation({ env: entries.toReversed() }).digests.java,
  );
});
test('empty objects, as a server may store them, change no digest', digested, {
  exporter: {},
  resource: {},
  sampler: {},
  defaults: {},
  java: { volumeClaimTemplate: { metadata: {}, spec: { resources: {} } } },
});
test('a field that shapes no pod changes no digest', digested, {
  java: { comment: 'x' },
  note: 'y',
});

test('name, namespace, labels and time change no digest', (t) => {
  const other = anInstrumentation(
    {},
    {
      name: 'other',
      namespace: 'infra',
      labels: { a: 'b' },
      uid: 'u',
      generation: 7,
      resourceVersion: '9',
      creationTimestamp: '2026-11-21T00:00:00Z',
    },
  );
  t.deepEqual(other.digests, anInstrumentation().digests);
});

const attributed = (resourceAttributes: JsonObject) =>
  anInstrumentation({ resource: { resourceAttributes } }).digests;

test('equal content has equal digests, in whatever order a map was written', (t) => {
  t.deepEqual(attributed({ a: '1', b: '2' }), attributed({ b: '2', a: '1' }));
});
