import test from 'ava';
import { deliveryFindings } from '../../../../domain/diagnose/delivery/endpoints.ts';
import type { Scene } from '../../../cli/doctor/cluster.ts';
import { clusterOf, keysOf } from '../support.ts';

const sendingTo = (endpoint: string, more: Scene = {}) =>
  deliveryFindings(
    clusterOf({ instrumentations: [{ spec: { exporter: { endpoint } } }], ...more }),
  );

const fine = [
  'http://demo-collector.observability:4318',
  'http://demo-collector.observability.svc:4318',
  'http://demo-collector.observability.svc.cluster.local:4318/',
  'https://otlp.example.com',
  'https://collector.example',
  'http://$(OTEL_NODE_IP):4318',
];

for (const endpoint of fine) {
  test(`${endpoint} is an endpoint of which nothing is said`, (t) => {
    t.deepEqual(sendingTo(endpoint), []);
  });
}

test('an endpoint is told once, with all who send to it', (t) => {
  const found = sendingTo('http://nobody:4318', { workloads: [{}, { name: 'web' }] });
  t.deepEqual(
    found.map(({ workloads }) => workloads),
    [['Deployment/shop/cart', 'Deployment/shop/web']],
  );
});

test('nothing is said of a namespace into which nobody looked', (t) => {
  t.deepEqual(sendingTo('http://collector.elsewhere.svc:4318'), []);
});

test('a Service of another namespace is proposed whole', (t) => {
  const [found] = sendingTo('http://demo-collector:4318');
  t.is(found?.remedy, 'Write http://demo-collector.observability.svc:4318.');
});

test('without a port that of the scheme is meant', (t) => {
  t.deepEqual(keysOf(sendingTo('http://demo-collector.observability')), ['EndpointPortMissing']);
  t.is(sendingTo('http://demo-collector.observability')[0]?.detail, 'port 80; it has 4318');
});
