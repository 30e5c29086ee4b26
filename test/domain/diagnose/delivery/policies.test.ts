import test from 'ava';
import {
  barriers,
  portNamed,
  type Direction,
} from '../../../../domain/diagnose/delivery/policies.ts';
import type { JsonObject } from '../../../../domain/json.ts';
import { policy } from '../../../cli/doctor/cluster.ts';
import { clusterOf } from '../support.ts';

const out = (...egress: readonly JsonObject[]) => policy('shop/out', { egress });
const into = (...ingress: readonly JsonObject[]) => policy('observability/in', { ingress });

const named = (name: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });
const app = (name: string) => ({ matchLabels: { app: name } });

const end = (namespace: string, name: string) => ({
  namespace,
  labels: { app: name },
  namespaceLabels: { 'kubernetes.io/metadata.name': namespace },
});

const from = end('shop', 'cart');
const to = end('observability', 'demo-collector');
const pod = { spec: { containers: [{ ports: [{ name: 'otlp-http', containerPort: 4318 }] }] } };

const barredBy = (direction: Direction, more: readonly JsonObject[]) =>
  barriers(clusterOf({ more }), direction, { from, to, pod, port: 4318 });

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
    t.deepEqual([...barredBy('Egress', more), ...barredBy('Ingress', more)], []);
  });
}

const stopped: Readonly<Record<string, readonly JsonObject[]>> = {
  'one that lets nothing out': [policy('shop/out', { policyTypes: ['Egress'] })],
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
    t.deepEqual(barredBy('Egress', more), ['shop/out']);
    t.deepEqual(barredBy('Ingress', more), []);
  });
}

test('what comes in is stopped by policies of the Collector', (t) => {
  const own = into({ from: [{ podSelector: {} }] });
  t.deepEqual(barredBy('Ingress', [own]), ['observability/in']);
  t.deepEqual(barredBy('Egress', [own]), []);
});

test('each policy that could let it through is named', (t) => {
  const nothing = policy('shop/nothing', { policyTypes: ['Ingress', 'Egress'] });
  t.deepEqual(barredBy('Egress', [out({ ports: [{ port: 53 }] }), nothing]), [
    'shop/nothing',
    'shop/out',
  ]);
});

test('a port is found by its name, and only by its own', (t) => {
  t.is(portNamed(pod, 'otlp-http'), 4318);
  t.is(portNamed(pod, 'otlp'), undefined);
  t.deepEqual(barredBy('Egress', [out({ ports: [{ port: 'otlp-http' }] })]), []);
});

test('a namespace whose labels are not known may have those that are asked for', (t) => {
  const cluster = clusterOf({ more: [out({ to: [{ namespaceSelector: named('default') }] })] });
  const known = { from, to, pod, port: 4318 };
  t.deepEqual(barriers(cluster, 'Egress', known), ['shop/out']);
  const unknown = { ...known, to: { ...to, namespaceLabels: undefined } };
  t.deepEqual(barriers(cluster, 'Egress', unknown), []);
});
