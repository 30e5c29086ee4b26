import test from 'ava';
import {
  addTlsMounts,
  addTlsVolumes,
  tlsSources,
  tlsVariables,
} from '../../../../domain/injection/sdk/exporter.ts';
import type { ExporterTls } from '../../../../domain/injection/instrumentation/settings.ts';
import { draftOf } from '../../../../domain/injection/pod/draft.ts';
import type { JsonObject } from '../../../../domain/json.ts';
import { aContainer, aReadPod, frozen, mountsWritten } from '../../../support/build.ts';

const nothing = { caFile: undefined, certFile: undefined, keyFile: undefined };
const of = (tls: Partial<ExporterTls>): ExporterTls =>
  frozen({ ...nothing, secretName: undefined, configMapName: undefined, ...tls });
const both = of({ secretName: 'certs', configMapName: 'authority' });

const sources = test.macro(
  (t, tls: Partial<ExporterTls> | undefined, expected: readonly string[]) => {
    const found = tlsSources(tls === undefined ? undefined : of(tls));
    t.deepEqual(
      found.map(({ volume, mountPath }) => `${volume.name} ${mountPath}`),
      expected,
    );
  },
);

test('no TLS needs no volume', sources, undefined, []);
test('TLS without names needs no volume', sources, { caFile: '/etc/ca.crt' }, []);
test('the Secret comes before the ConfigMap', sources, { secretName: 's', configMapName: 'c' }, [
  'otel-auto-secret-s /otel-auto-instrumentation-secret-s',
  'otel-auto-configmap-c /otel-auto-instrumentation-configmap-c',
]);
test('dots are none of a volume’s letters', sources, { secretName: 'my.certs' }, [
  'otel-auto-secret-my-certs /otel-auto-instrumentation-secret-my.certs',
]);
test('a name of 63 characters is kept whole', sources, { secretName: 's'.repeat(46) }, [
  `otel-auto-secret-${'s'.repeat(46)} /otel-auto-instrumentation-secret-${'s'.repeat(46)}`,
]);
test(
  'a volume’s name is cut at 63 characters, a path is not',
  sources,
  { secretName: 's'.repeat(47) },
  [`otel-auto-secret-${'s'.repeat(46)} /otel-auto-instrumentation-secret-${'s'.repeat(47)}`],
);
test('a cut name does not end in a dash', sources, { configMapName: `${'c'.repeat(42)}-x` }, [
  `otel-auto-configmap-${'c'.repeat(42)} /otel-auto-instrumentation-configmap-${'c'.repeat(42)}-x`,
]);

test('what is missing does not keep a pod from starting', (t) => {
  t.deepEqual(
    tlsSources(both).map(({ volume }) => volume),
    [
      { name: 'otel-auto-secret-certs', secret: { secretName: 'certs', optional: true } },
      { name: 'otel-auto-configmap-authority', configMap: { name: 'authority', optional: true } },
    ],
  );
});

const volumes = test.macro(
  (t, there: readonly JsonObject[], expected: readonly string[] | string) => {
    const outcome = addTlsVolumes(draftOf(aReadPod({ volumes: there })), tlsSources(both));
    t.deepEqual(
      'taken' in outcome ? outcome.taken : outcome.volumes.map(({ name }) => name),
      expected,
    );
  },
);

const secretVolume = (source: JsonObject) => ({ name: 'otel-auto-secret-certs', ...source });
test(
  'volumes are added at the end',
  volumes,
  [{ name: 'cache', emptyDir: {} }],
  ['cache', 'otel-auto-secret-certs', 'otel-auto-configmap-authority'],
);
test(
  'a volume that is there with the same Secret is used',
  volumes,
  [secretVolume({ secret: { secretName: 'certs' } })],
  ['otel-auto-secret-certs', 'otel-auto-configmap-authority'],
);
test(
  'a volume of that name with another Secret is in the way',
  volumes,
  [secretVolume({ secret: { secretName: 'other' } })],
  'otel-auto-secret-certs',
);
test(
  'a volume of that name for something else is in the way',
  volumes,
  [secretVolume({ emptyDir: {} })],
  'otel-auto-secret-certs',
);

test('two names that differ in a dot alone are not mistaken for one another', (t) => {
  const draft = addTlsVolumes(draftOf(aReadPod()), tlsSources(of({ secretName: 'a.b' })));
  const outcome =
    'taken' in draft ? draft : addTlsVolumes(draft, tlsSources(of({ secretName: 'a-b' })));
  t.deepEqual(outcome, { taken: 'otel-auto-secret-a-b' });
});

const mounts = test.macro(
  (t, there: readonly JsonObject[], expected: readonly string[] | string) => {
    const outcome = addTlsMounts(aContainer({ volumeMounts: there }), tlsSources(both));
    t.deepEqual('taken' in outcome ? outcome.taken : mountsWritten(outcome.container), expected);
  },
);

const secretMount = 'otel-auto-secret-certs /otel-auto-instrumentation-secret-certs readOnly';
const authorityMount =
  'otel-auto-configmap-authority /otel-auto-instrumentation-configmap-authority readOnly';
test(
  'mounts are added at the end and may only be read',
  mounts,
  [{ name: 'cache', mountPath: '/c' }],
  ['cache /c', secretMount, authorityMount],
);
test(
  'a volume that is mounted already is not mounted again',
  mounts,
  [{ name: 'otel-auto-secret-certs', mountPath: '/mine' }],
  ['otel-auto-secret-certs /mine', authorityMount],
);
test(
  'another volume at the path is in the way',
  mounts,
  [{ name: 'x', mountPath: '/otel-auto-instrumentation-secret-certs' }],
  '/otel-auto-instrumentation-secret-certs',
);

test('a container that needs no mount stays the very one that arrived', (t) => {
  const container = aContainer();
  t.deepEqual(addTlsMounts(container, []), { container });
});

const variables = test.macro((t, tls: Partial<ExporterTls>, expected: readonly string[]) => {
  t.deepEqual(
    tlsVariables(of(tls)).map((pair) => pair.join('=')),
    expected,
  );
});

const files = { caFile: 'ca.crt', certFile: 'tls.crt', keyFile: 'tls.key' };
const secretPath = '/otel-auto-instrumentation-secret-certs';
test('files are found in the Secret', variables, { ...files, secretName: 'certs' }, [
  `OTEL_EXPORTER_OTLP_CERTIFICATE=${secretPath}/ca.crt`,
  `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=${secretPath}/tls.crt`,
  `OTEL_EXPORTER_OTLP_CLIENT_KEY=${secretPath}/tls.key`,
]);
test(
  'the authority is found in the ConfigMap if there is one',
  variables,
  { ...files, secretName: 'certs', configMapName: 'authority' },
  [
    'OTEL_EXPORTER_OTLP_CERTIFICATE=/otel-auto-instrumentation-configmap-authority/ca.crt',
    `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=${secretPath}/tls.crt`,
    `OTEL_EXPORTER_OTLP_CLIENT_KEY=${secretPath}/tls.key`,
  ],
);
test(
  'absolute paths are taken as they are',
  variables,
  { caFile: '/a', certFile: '/b', keyFile: '/c', secretName: 'certs' },
  [
    'OTEL_EXPORTER_OTLP_CERTIFICATE=/a',
    'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=/b',
    'OTEL_EXPORTER_OTLP_CLIENT_KEY=/c',
  ],
);
test(
  'a file with no place to find it in is left out',
  variables,
  { ...files, configMapName: 'authority' },
  ['OTEL_EXPORTER_OTLP_CERTIFICATE=/otel-auto-instrumentation-configmap-authority/ca.crt'],
);
test('files that nobody names are not looked for', variables, { secretName: 'certs' }, []);
