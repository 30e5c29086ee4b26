import test from 'ava';
import { hasCollector, variablesOf } from '../../../../domain/diagnose/workload/effective.ts';
import { cartIn, clusterOf } from '../support.ts';

test('of two variables of one name the later counts, and what comes from elsewhere has no value', (t) => {
  const env = [
    { name: 'A', value: '1' },
    { name: 'A', value: '2' },
    { name: 'B', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
  ];
  t.deepEqual([...variablesOf({ env })], [['A', '2']]);
});

test('a Collector beside the application is seen, and an agent is none', (t) => {
  t.false(hasCollector(cartIn(clusterOf({}))));
  const containers = [
    { name: 'app', image: 'app:1' },
    { name: 'telemetry', image: 'otel/opentelemetry-collector-contrib:1' },
  ];
  t.true(hasCollector(cartIn(clusterOf({ workloads: [{ podSpec: { containers } }] }))));
});
