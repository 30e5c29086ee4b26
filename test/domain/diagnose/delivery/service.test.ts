import test from 'ava';
import { hasReadyPod, podsBehind } from '../../../../domain/diagnose/delivery/service.ts';
import { placeOf } from '../../../../domain/diagnose/cluster.ts';
import type { JsonObject } from '../../../../domain/json.ts';
import type { Scene } from '../../../cli/doctor/cluster.ts';
import { clusterOf } from '../support.ts';

function asked(scene: Scene) {
  const cluster = clusterOf(scene);
  return hasReadyPod(cluster, cluster.find('Service', 'observability', 'demo-collector') ?? {});
}

const slice = (ready: boolean): JsonObject => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name: 'one',
    namespace: 'observability',
    labels: { 'kubernetes.io/service-name': 'demo-collector' },
  },
  endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready } }],
});

test('a Service leads to the pods that its selector takes', (t) => {
  const cluster = clusterOf({});
  const service = cluster.find('Service', 'observability', 'demo-collector') ?? {};
  t.deepEqual(podsBehind(cluster, service).map(placeOf), ['observability/demo-collector-1']);
});

test('a ready pod answers, and one that is not ready does not', (t) => {
  t.true(asked({}));
  const status = { conditions: [{ type: 'Ready', status: 'False' }] };
  t.false(asked({ changed: { 'Pod/observability/demo-collector-1': { status } } }));
});

test('where the slices are known they are believed, whatever the pods say', (t) => {
  t.true(asked({ more: [slice(true)] }));
  t.false(asked({ more: [slice(false)] }));
});

test('of a Service outside the cluster nothing is known', (t) => {
  const spec = { type: 'ExternalName', externalName: 'example.com' };
  t.is(asked({ changed: { 'Service/observability/demo-collector': { spec } } }), undefined);
});
