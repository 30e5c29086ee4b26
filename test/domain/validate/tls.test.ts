import test from 'ava';
import { warningsOf } from './support.ts';

const secure = 'https://collector.observability.svc:4318';
const tls = {
  secretName: 'certificates',
  ca_file: 'ca.crt',
  cert_file: 'tls.crt',
  key_file: 'tls.key',
};

const cases: readonly (readonly [string, object, readonly RegExp[]])[] = [
  ['certificates with https are fine', { endpoint: secure, tls }, []],
  [
    'dots in the name of the Secret are fine',
    { endpoint: secure, tls: { ...tls, secretName: 'a.b' } },
    [],
  ],
  [
    'certificates are for https',
    { endpoint: 'http://collector:4318', tls },
    [/no effect unless the endpoint begins with https/],
  ],
  [
    'https inside a cluster needs an authority',
    { endpoint: secure },
    [/needs the Collector's authority/],
  ],
  [
    'so does the name of a Service alone',
    { endpoint: 'https://collector:4318' },
    [/needs the Collector's authority/],
  ],
  [
    'so does an address',
    { endpoint: 'https://$(OTEL_NODE_IP):4318' },
    [/needs the Collector's authority/],
  ],
  ['public endpoints need none', { endpoint: 'https://otlp.example.com' }, []],
  ['an empty object says that none is needed', { endpoint: secure, tls: {} }, []],
  [
    'a certificate needs its key',
    { endpoint: secure, tls: { ...tls, key_file: undefined } },
    [/cert_file: is of no use without key_file/],
  ],
  [
    'a key needs its certificate',
    { endpoint: secure, tls: { ...tls, cert_file: undefined } },
    [/key_file: is of no use without cert_file/],
  ],
  [
    'a file must be somewhere',
    { endpoint: secure, tls: { ca_file: 'ca.crt' } },
    [/ca_file: needs secretName or configMapName/],
  ],
  ['a path is somewhere', { endpoint: secure, tls: { ca_file: '/etc/ca.crt' } }, []],
  [
    'client certificates are never in a ConfigMap',
    { endpoint: secure, tls: { ...tls, secretName: undefined, configMapName: 'a' } },
    [/cert_file: needs secretName/, /key_file: needs secretName/],
  ],
];

for (const [title, exporter, expected] of cases) {
  test(title, (t) => {
    const warnings = warningsOf({ exporter });
    t.is(warnings.length, expected.length, warnings.join('\n'));
    for (const [index, pattern] of expected.entries()) t.regex(warnings[index] ?? '', pattern);
  });
}
