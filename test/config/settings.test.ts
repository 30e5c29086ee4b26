import { readFileSync } from 'node:fs';
import test from 'ava';
import { parseAllDocuments } from 'yaml';
import { images } from '../../config/images.ts';
import {
  explain,
  readSettings,
  rows,
  settingsFile,
  type Problem,
  type Reading,
  type Settings,
} from '../../config/settings.ts';
import { renderSettings } from '../../config/settings/render.ts';
import { variableOf, type Environment } from '../../config/settings/sources.ts';

interface Said {
  readonly args?: readonly string[];
  readonly env?: Environment;
  readonly file?: string;
}

const read = ({ args = [], env = {}, file }: Said = {}): Reading => readSettings(args, env, file);

function settingsOf(said: Said = {}): Settings {
  const reading = read(said);
  if (reading.kind === 'settings') return reading.settings;
  throw new Error(reading.problems.map(explain).join('\n'));
}

function problemsOf(said: Said): readonly Problem[] {
  const reading = read(said);
  return reading.kind === 'refused' ? reading.problems : [];
}

const told = (said: Said) => problemsOf(said).map(explain);

test('when nobody says anything, the defaults hold: all agents, the usual ports', (t) => {
  const settings = settingsOf();
  t.like(settings, {
    role: 'webhook',
    webhookPort: 9443,
    metricsPort: 8080,
    probePort: 8081,
    certificates: 'self-managed',
    logLevel: 'info',
  });
  t.deepEqual(settings.images, images);
  t.deepEqual(settings.disabled, []);
});

test('the command line outranks the environment, the environment the file', (t) => {
  const file = 'webhook-port: 1001\nmetrics-port: 1002\nprobe-port: 1003\n';
  const env = { RETROFIT_WEBHOOK_PORT: '2001', RETROFIT_METRICS_PORT: '2002' };
  const reading = read({ args: ['--webhook-port', '3001'], env, file });
  t.like(reading, {
    kind: 'settings',
    settings: { webhookPort: 3001, metricsPort: 2002, probePort: 1003 },
    origins: {
      'webhook-port': 'flag',
      'metrics-port': 'environment',
      'probe-port': 'file',
      role: 'default',
    },
  });
});

test('every setting is known in all three places', (t) => {
  for (const [key, row] of rows) {
    if (key === 'config') continue;
    const value = String(
      row.default ?? { 'bind-address': '::1', 'page-port': '8082' }[key] ?? 'value',
    );
    for (const said of [
      { args: [`--${key}=${value}`] },
      { args: [`--${key}`, value] },
      { env: { [variableOf(key)]: value } },
      { file: `${key}: ${JSON.stringify(row.default ?? value)}` },
    ]) {
      const unknown = problemsOf(said).filter(
        ({ problem }) => !problem.startsWith('has no effect'),
      );
      t.deepEqual(unknown, [], key);
    }
  }
});

test('a language is switched off by name, and its image replaced', (t) => {
  const settings = settingsOf({
    args: ['--enable-go=false', '--enable-java', '--enable-nginx', 'false'],
    env: {
      RETROFIT_IMAGE_APACHE_HTTPD: 'registry.example.com:5000/apache:1@sha256:' + 'a'.repeat(64),
    },
  });
  t.deepEqual(settings.disabled, ['go', 'nginx']);
  t.regex(settings.images['apache-httpd'], /^registry\.example\.com:5000/);
});

test('everything that is wrong is told at once, with place, value and what is allowed', (t) => {
  t.deepEqual(
    told({
      args: ['--probe-port', 'eighty', '--role=both'],
      env: { RETROFIT_LOG_LEVEL: 'loud' },
      file: 'webhook-port: 70000\nenable-go: maybe\nnamespace: [a, b]\ncontext:\n',
    }),
    [
      'webhook-port: "70000" (line 1 of the file) must be a whole number from 0 to 65535.',
      'enable-go: "maybe" (line 2 of the file) must be true or false.',
      'namespace: (line 3 of the file) must have a single value.',
      'context: (line 4 of the file) has no value.',
      'log-level: "loud" (RETROFIT_LOG_LEVEL) must be error or warn or info or debug.',
      'probe-port: "eighty" (--probe-port) must be a whole number from 0 to 65535.',
      'role: "both" (--role) must be webhook or controller or all.',
    ],
  );
});

test('a wrong value is told even where a later one hides it', (t) => {
  t.is(told({ file: 'log-level: loud', args: ['--log-level=debug'] }).length, 1);
});

test('an unknown name is refused, with the one that was meant in the spelling of its place', (t) => {
  t.deepEqual(
    told({
      file: 'webhookport: 1\n',
      env: { RETROFIT_LOGLEVEL: 'debug' },
      args: ['--enable-node', 'true', '--auto-instrumentation-java-image=x', '--colour=blue'],
    }),
    [
      'webhookport: (line 1 of the file) is no setting; the nearest is webhook-port.',
      'loglevel: (RETROFIT_LOGLEVEL) is no setting; the nearest is RETROFIT_LOG_LEVEL.',
      'enable-node: (--enable-node) is no setting; the nearest is --enable-nodejs.',
      'auto-instrumentation-java-image: (--auto-instrumentation-java-image) is no setting; the nearest is --image-java.',
      'colour: (--colour) is no setting.',
    ],
  );
});

test('the value of an unknown setting is not repeated: nobody knows what it is', (t) => {
  t.notRegex(told({ env: { RETROFIT_TOKEN: 'hidden' } }).join(), /hidden/);
});

test('words that are no settings are refused', (t) => {
  t.deepEqual(told({ args: ['webhook', '-v'] }), [
    'webhook: (the command line) is no setting: all begin with --.',
    '-v: (the command line) is no setting: all begin with --.',
  ]);
});

test('a flag without its value is told as that, and swallows nothing', (t) => {
  t.deepEqual(told({ args: ['--context', '--log-level', 'loud'] }), [
    'context: (--context) has no value.',
    'log-level: "loud" (--log-level) must be error or warn or info or debug.',
  ]);
});

test('what Kubernetes writes for a Service of our name is not taken for settings', (t) => {
  const env = {
    RETROFIT_WEBHOOK_SERVICE_HOST: '10.0.0.1',
    RETROFIT_WEBHOOK_SERVICE_PORT: '443',
    RETROFIT_WEBHOOK_SERVICE_PORT_HTTPS: '443',
    RETROFIT_WEBHOOK_PORT: 'tcp://10.0.0.1:443',
    RETROFIT_WEBHOOK_PORT_443_TCP: 'tcp://10.0.0.1:443',
    RETROFIT_WEBHOOK_PORT_443_TCP_ADDR: '10.0.0.1',
    RETROFIT_WEBHOOK_PORT_443_TCP_PORT: '443',
    RETROFIT_PORT: 'tcp://10.0.0.1:443',
    RETROFIT_SERVICE_HOST: '10.0.0.1',
  };
  t.is(settingsOf({ env }).webhookPort, 9443);
});

test('an empty variable counts as unset, and those of others are left alone', (t) => {
  t.is(
    settingsOf({ env: { RETROFIT_CONTEXT: '', PATH: '/bin', LOG_LEVEL: 'loud' } }).context,
    undefined,
  );
});

test('a file may be empty or hold nothing but comments', (t) => {
  for (const file of ['', '---\n', '# webhook-port: 1\n'])
    t.is(settingsOf({ file }).webhookPort, 9443);
});

test('a file that is no list of settings is refused with its line', (t) => {
  t.regex(
    told({ file: '- a\n' }).join(),
    /^config: \(line 1 of the file\) must be a list of lines/,
  );
  t.regex(
    told({ file: 'role: webhook\n  b: c: d\n' }).join('\n'),
    /line 2 of the file\) is no YAML/,
  );
  t.regex(
    told({ file: 'role: webhook\nrole: webhook\n' }).join(),
    /is no YAML: Map keys must be unique/,
  );
});

test('the file cannot name another file, and the last one named counts', (t) => {
  t.deepEqual(told({ file: 'config: other.yaml' }), [
    'config: (line 1 of the file) cannot be set in the file itself.',
  ]);
  const env = { RETROFIT_CONFIG: 'a.yaml' };
  t.is(settingsFile([], env), 'a.yaml');
  t.is(settingsFile(['--role', 'webhook', '--config=b.yaml'], env), 'b.yaml');
  t.is(settingsFile([], {}), undefined);
});

const together: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['files need a folder', ['--certificates=files'], /^certificate-dir: \(by default\) must be set/],
  [
    'a folder needs files',
    ['--certificate-dir=/tls'],
    /^certificate-dir: \(--certificate-dir\) has no/,
  ],
  ['manifests exclude a cluster', ['--manifests=.', '--context=a'], /^manifests: .* stands in for/],
  [
    'manifests have no workloads',
    ['--manifests=.', '--role=controller'],
    /^manifests: .* only the/,
  ],
  [
    'a day is part of a week',
    ['--attempts-per-day=3', '--attempts-per-week=2'],
    /^attempts-per-day: .* must not be more/,
  ],
  ['the webhook has its port alone', ['--webhook-port=8080'], /^webhook-port: .* must differ/],
];

for (const [title, args, expected] of together) {
  test(`settings are checked together: ${title}`, (t) => {
    const [first = '', ...more] = told({ args });
    t.regex(first, expected);
    t.deepEqual(more, []);
  });
}

test('settings that contradict a wrong one are not told twice', (t) => {
  t.is(told({ args: ['--certificates=file', '--certificate-dir=/tls'] }).length, 1);
});

test('ports may be left to the machine, and the metrics may share the port of the probes', (t) => {
  const args = ['--webhook-port=0', '--metrics-port=0', '--probe-port=0'];
  t.is(settingsOf({ args }).webhookPort, 0);
  t.is(settingsOf({ args: ['--metrics-port=8081'] }).metricsPort, 8081);
});

test('settings cannot be changed once they are read', (t) => {
  const settings = settingsOf();
  t.true(Object.isFrozen(settings) && Object.isFrozen(settings.images));
  t.throws(() => Object.assign(settings.images, { java: 'other' }), { instanceOf: TypeError });
});

test('names of prototypes are names like any other', (t) => {
  const said = {
    args: ['--__proto__=1', '--constructor', 'x'],
    file: 'toString: 1\n__proto__: 2\n',
  };
  t.is(problemsOf(said).length, 4);
});

test('every setting says what it is for, and its default is allowed', (t) => {
  for (const [key, { help, parser, default: value }] of rows) {
    t.regex(help, /^[A-Z`].*\.$/, key);
    if (value !== undefined) t.is(parser.parse(String(value)), value, key);
  }
});

test('the reference page is what the tables render to', (t) => {
  const page = readFileSync('docs/reference/settings.md', 'utf8');
  t.true(page === renderSettings(), 'stale: npm run render');
});

interface Deployment {
  readonly kind: string;
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly {
          readonly args: readonly string[];
          readonly env?: readonly { readonly name: string; readonly value?: string }[];
          readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
        }[];
      };
    };
  };
}

test('the Deployment that is installed starts with settings that exist and ports that fit', (t) => {
  const documents = parseAllDocuments(readFileSync('config/base/webhook.yaml', 'utf8'));
  const deployment = documents
    .map((document) => document.toJS() as Deployment)
    .find(({ kind }) => kind === 'Deployment');
  const { containers = [], terminationGracePeriodSeconds = 0 } =
    deployment?.spec.template.spec ?? {};
  const [container] = containers;
  const env = Object.fromEntries(
    (container?.env ?? []).map(({ name, value }) => [name, value ?? 'from-elsewhere']),
  );
  const settings = settingsOf({ args: container?.args.slice(1) ?? [], env });
  t.deepEqual(
    container?.ports.map(({ name, containerPort }) => [name, containerPort]),
    [
      ['webhook', settings.webhookPort],
      ['metrics', settings.metricsPort],
      ['probes', settings.probePort],
    ],
  );
  t.true(settings.stopDelayMs + settings.stopLimitMs < terminationGracePeriodSeconds * 1000);
});
