import test from 'ava';
import { explain } from '../../../domain/diagnose/explain.ts';
import { inject, type Scene } from '../../cli/doctor/cluster.ts';
import { cartIn, clusterOf } from './support.ts';

function told(scene: Scene) {
  const cluster = clusterOf(scene);
  return explain(cartIn(cluster), cluster);
}

test('every annotation is told with the place where it was seen and whether it counts there', (t) => {
  const { seen } = told({
    namespaces: { shop: { annotations: { [inject('nodejs')]: 'false' } } },
    workloads: [
      {
        metadata: {
          annotations: { [inject('java')]: 'true', 'otel-retrofit.dev/remediation': 'observe' },
        },
      },
    ],
  });
  t.deepEqual(
    seen.map(({ key, place, effect }) => [key.replace(/.*\//, ''), place, effect]),
    [
      ['inject-nodejs', 'pod template', 'counts'],
      ['inject-nodejs', 'namespace', 'is overruled'],
      ['inject-java', 'workload', 'has no effect there'],
      ['remediation', 'workload', 'counts'],
    ],
  );
});

test('it is told which Instrumentation was chosen, by which rule, and which were not', (t) => {
  const { chosen } = told({ instrumentations: [{}, { namespace: 'observability' }] });
  t.like(chosen[0], {
    language: 'nodejs',
    instrumentation: 'shop/agents',
    why: 'the only one in the namespace shop',
    others: ['observability/agents'],
  });
});

test('where none could be chosen it is told why', (t) => {
  const { chosen } = told({ instrumentations: [{}, { name: 'others' }] });
  t.is(chosen[0]?.instrumentation, undefined);
  t.is(chosen[0]?.why, '"true" means the only one in the namespace shop, and it holds 2');
  const named = told({ workloads: [{ annotations: { [inject('java')]: 'nobody' } }] });
  t.is(named.chosen[0]?.why, 'the annotation names shop/nobody, which is not there');
});

test('it is told what a new pod would get, and in which container', (t) => {
  const [gift] = told({}).gets;
  t.like(gift, {
    language: 'nodejs',
    instrumentation: 'shop/agents',
    container: 'app',
    endpoint: 'http://demo-collector.observability.svc:4318',
  });
  t.true(gift?.variables.includes('NODE_OPTIONS'));
});

test('each pod is told with what it has, and the workload with what happens next', (t) => {
  const { pods, verdict, cause, next } = told({ workloads: [{ pods: 'bare' }] });
  t.deepEqual(
    pods.map(({ name, state }) => [name, state]),
    [
      ['cart-0', 'missing'],
      ['cart-1', 'missing'],
    ],
  );
  t.is(verdict, 'behind');
  t.is(cause, 'WebhookMissed');
  t.is(next, 'It is restarted, as number 1 in turn.');
});

test('what is refused is told with its reason', (t) => {
  const { refused, next } = told({ instrumentations: [] });
  t.deepEqual(refused, ['nodejs: NoInstrumentation']);
  t.is(next, 'A restart would not help: a person has to change something.');
});
