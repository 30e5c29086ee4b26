import test from 'ava';
import { sortedByKind } from '../../../cli/doctor/evidence.ts';
import { referencesIn } from '../../../cli/doctor/references.ts';
import { textAt } from '../../../domain/json.ts';
import { objectsOf, type Scene } from './cluster.ts';

function read(scene: Scene) {
  const items = objectsOf(scene).map((json) => ({ kind: textAt(json, 'kind') ?? '', json }));
  return referencesIn(sortedByKind(items)).map(
    ({ kind, namespace, name }) => `${kind}/${namespace}/${name}`,
  );
}

test('where nothing refers to a Secret or a ConfigMap none is read', (t) => {
  t.deepEqual(read({}), []);
});

test('the certificates of an Instrumentation are read beside it and beside all who ask', (t) => {
  const tls = { secretName: 'tls', ca_file: 'ca.crt' };
  t.deepEqual(
    read({
      instrumentations: [{ namespace: 'observability', spec: { exporter: { tls } } }],
    }),
    ['Secret/observability/tls', 'Secret/shop/tls'],
  );
});

test('ConfigMaps in envFrom are read for those who ask, and Secrets in it for nobody', (t) => {
  const envFrom = [{ configMapRef: { name: 'options' } }, { secretRef: { name: 'hidden' } }];
  t.deepEqual(read({ workloads: [{ container: { envFrom } }] }), ['ConfigMap/shop/options']);
  t.deepEqual(read({ workloads: [{ annotations: {}, container: { envFrom } }] }), []);
});

test('the configuration of a Collector is read', (t) => {
  const spec = { volumes: [{ name: 'config', configMap: { name: 'collector' } }] };
  t.deepEqual(read({ changed: { 'Pod/observability/demo-collector-1': { spec } } }), [
    'ConfigMap/observability/collector',
  ]);
});
