import test from 'ava';
import { deliveryFindings } from '../../../../domain/diagnose/delivery/endpoints.ts';
import type { JsonObject } from '../../../../domain/json.ts';
import { policy, type Scene } from '../../../cli/doctor/cluster.ts';
import { clusterOf, keysOf } from '../support.ts';

const found = (scene: Scene) => deliveryFindings(clusterOf(scene));

const out = (...egress: readonly JsonObject[]) => policy('shop/out', { egress });
const into = (...ingress: readonly JsonObject[]) => policy('observability/in', { ingress });

const named = (name: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });
const app = (name: string) => ({ matchLabels: { app: name } });

const nothing = policy('shop/out', { policyTypes: ['Egress'] });

const passes: Readonly<Record<string, readonly JsonObject[]>> = {
  'a policy for other pods': [
    policy('shop/out', { podSelector: app('web'), policyTypes: ['Egress'] }),
  ],
  'a policy of another namespace': [policy('default/out', { policyTypes: ['Egress'] })],
  'a policy about what comes in, at the sender': [policy('shop/in', {})],
  'a policy about what goes out, at the Collector': [
    policy('observability/out', { policyTypes: ['Egress'], ingress: [] }),
  ],
  'a rule that is about everything': [out({}), into({})],
  'a rule with no peers': [out({ to: [], ports: [{ port: 4318 }] })],
  'a rule with no ports': [out({ to: [{ namespaceSelector: {} }], ports: [] })],
  'a rule for all ports of TCP': [out({ ports: [{ protocol: 'TCP' }] })],
  'a range of ports': [out({ ports: [{ port: 4000, endPort: 4318 }] })],
  'one of several ports': [out({ ports: [{ port: 53, protocol: 'UDP' }, { port: 4318 }] })],
  'the namespace of the Collector by its name': [
    out({ to: [{ namespaceSelector: named('observability') }] }),
  ],
  'the pods of the Collector in any namespace': [
    out({ to: [{ namespaceSelector: {}, podSelector: app('demo-collector') }] }),
  ],
  'the pods of the sender, at the Collector': [
    into({ from: [{ namespaceSelector: named('shop'), podSelector: app('cart') }] }),
  ],
  'one of several policies': [
    policy('shop/nothing', { policyTypes: ['Ingress', 'Egress'] }),
    out({ ports: [{ port: 4318 }] }),
  ],
  'addresses, whosever they are': [out({ to: [{ ipBlock: { cidr: '192.0.2.0/24' } }] })],
};

for (const [what, more] of Object.entries(passes)) {
  test(`what is sent passes by ${what}`, (t) => {
    t.deepEqual(found({ more }), []);
  });
}

const stopped: Readonly<Record<string, readonly JsonObject[]>> = {
  'one that lets nothing out': [nothing],
  'one for just these pods': [
    policy('shop/out', { podSelector: app('cart'), policyTypes: ['Egress'] }),
  ],
  'one whose rules show that it is about what goes out': [out({ ports: [{ port: 53 }] })],
  'another port': [out({ ports: [{ port: 4317 }] })],
  'a range that ends before': [out({ ports: [{ port: 4000, endPort: 4317 }] })],
  'the port of another protocol': [out({ ports: [{ port: 4318, protocol: 'UDP' }] })],
  'a name that no port of the Collector has': [out({ ports: [{ port: 'otlp' }] })],
  'its own namespace alone': [out({ to: [{ podSelector: {} }] })],
  'another namespace': [out({ to: [{ namespaceSelector: named('default') }] })],
  'other pods of the right namespace': [
    out({ to: [{ namespaceSelector: named('observability'), podSelector: app('prometheus') }] }),
  ],
  'the right port elsewhere, and elsewhere the right port': [
    out(
      { to: [{ namespaceSelector: named('default') }], ports: [{ port: 4318 }] },
      { to: [{ namespaceSelector: named('observability') }], ports: [{ port: 443 }] },
    ),
  ],
};

for (const [what, more] of Object.entries(stopped)) {
  test(`what is sent is stopped on its way out by ${what}`, (t) => {
    t.deepEqual(keysOf(found({ more })), ['EgressForbidden']);
  });
}

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
