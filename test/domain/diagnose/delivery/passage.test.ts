import test from 'ava';
import { deliveryFindings } from '../../../../domain/diagnose/delivery/endpoints.ts';
import type { JsonObject } from '../../../../domain/json.ts';
import { policy, type Scene } from '../../../cli/doctor/cluster.ts';
import { clusterOf, keysOf } from '../support.ts';

const found = (scene: Scene) => deliveryFindings(clusterOf(scene));

const out = (...egress: readonly JsonObject[]) => policy('shop/out', { egress });
const into = (...ingress: readonly JsonObject[]) => policy('observability/in', { ingress });

const app = (name: string) => ({ matchLabels: { app: name } });

const nothing = policy('shop/out', { policyTypes: ['Egress'] });

test('what is sent is stopped on its way in, too', (t) => {
  const [one, ...others] = found({ more: [into({ from: [{ podSelector: app('cart') }] })] });
  t.is(one?.check, 'IngressForbidden');
  t.is(one?.about, 'NetworkPolicy/observability/in');
  t.is(
    one?.remedy,
    'Let pods of shop reach port 4318: `kubectl describe networkpolicy in -n observability` tells who is let in.',
  );
  t.deepEqual(others, []);
});

test('both ends are told of, and each policy that could let it through', (t) => {
  const all = found({
    more: [
      out({ ports: [{ port: 53 }] }),
      policy('shop/nothing', { policyTypes: ['Ingress', 'Egress'] }),
      into(),
    ],
  });
  t.deepEqual(
    all.map(({ about, detail }) => [about, detail]),
    [
      [
        'NetworkPolicy/shop/nothing',
        'http://demo-collector.observability.svc:4318, by nothing and out',
      ],
      ['NetworkPolicy/observability/in', 'http://demo-collector.observability.svc:4318'],
    ],
  );
  t.is(
    all[0]?.remedy,
    'Let them reach port 4318 of pods in observability: `kubectl describe networkpolicy nothing -n shop` tells what is let out.',
  );
});

test('only those are told whose pods are stopped', (t) => {
  const web = policy('shop/web', { podSelector: app('web'), policyTypes: ['Egress'] });
  const [one] = found({ workloads: [{}, { name: 'web' }], more: [web] });
  t.deepEqual(one?.workloads, ['Deployment/shop/web']);
});

const behind = (service: JsonObject, ports: readonly JsonObject[]): Scene => ({
  changed: {
    'Service/observability/demo-collector': { spec: service },
    'Pod/observability/demo-collector-1': {
      spec: { containers: [{ name: 'main', image: 'collector', ports }] },
    },
  },
});

test('the port is that of the pod, whatever the Service calls it', (t) => {
  const scene = behind({ ports: [{ port: 4318, targetPort: 'otlp' }] }, [
    { name: 'otlp', containerPort: 14318 },
  ]);
  const at = (port: number | string) =>
    keysOf(found({ ...scene, more: [out({ ports: [{ port }] })] }));
  t.deepEqual(at(14318), []);
  t.deepEqual(at('otlp'), []);
  t.deepEqual(at(4318), ['EgressForbidden']);
});

test('a Service without an address of its own translates no ports', (t) => {
  const scene = behind({ clusterIP: 'None', ports: [{ port: 4318, targetPort: 14318 }] }, []);
  const at = (port: number) => keysOf(found({ ...scene, more: [out({ ports: [{ port }] })] }));
  t.deepEqual(at(4318), []);
  t.deepEqual(at(14318), ['EgressForbidden']);
});

test('it is enough that one pod of the Collector can be reached', (t) => {
  const two: JsonObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'two',
      namespace: 'observability',
      labels: { app: 'demo-collector', tier: 'front' },
    },
    spec: { containers: [{ name: 'main', image: 'collector' }] },
  };
  const front = { namespaceSelector: {}, podSelector: { matchLabels: { tier: 'front' } } };
  t.deepEqual(keysOf(found({ more: [out({ to: [front] })] })), ['EgressForbidden']);
  t.deepEqual(found({ more: [two, out({ to: [front] })] }), []);
  const onHost = { 'Pod/observability/two': { spec: { hostNetwork: true } } };
  t.deepEqual(found({ more: [two, nothing], changed: onHost }), []);
});

for (const [whose, scene] of [
  ['the sender', { workloads: [{ podSpec: { hostNetwork: true } }] }],
  [
    'the Collector',
    { changed: { 'Pod/observability/demo-collector-1': { spec: { hostNetwork: true } } } },
  ],
  [
    'a port whose number is not told',
    {
      changed: {
        'Service/observability/demo-collector': {
          spec: { ports: [{ port: 4318, targetPort: 'otlp' }] },
        },
      },
    },
  ],
] as const) {
  test(`what cannot be told of ${whose} is not judged`, (t) => {
    t.deepEqual(keysOf(found({ ...scene, more: [nothing] })), []);
  });
}

test('a namespace whose labels are not known may have those that are asked for', (t) => {
  const teams = { namespaceSelector: { matchLabels: { team: 'data' } } };
  const more = [out({ to: [teams] })];
  t.deepEqual(keysOf(found({ more })), ['EgressForbidden']);
  t.deepEqual(found({ more, without: ['Namespace/observability'] }), []);
});
