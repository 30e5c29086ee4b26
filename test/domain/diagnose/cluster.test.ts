import test from 'ava';
import { placeOf } from '../../../domain/diagnose/cluster.ts';
import { cartIn, clusterOf } from './support.ts';

test('pods belong to the workload whose revision made them', (t) => {
  t.deepEqual(cartIn(clusterOf({})).pods.map(placeOf), ['shop/cart-0', 'shop/cart-1']);
});

test('of each workload it is known what a new pod would get', (t) => {
  t.is(cartIn(clusterOf({})).admission.kind, 'injected');
});

test('an object is found by its kind, namespace and name', (t) => {
  const { find } = clusterOf({});
  t.is(
    placeOf(find('Service', 'observability', 'demo-collector') ?? {}),
    'observability/demo-collector',
  );
  t.is(find('Service', 'shop', 'demo-collector'), undefined);
});
