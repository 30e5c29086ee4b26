import test from 'ava';
import { begin, Kube } from '../kube.ts';

test('a restart counts for its hour, also when the workload is made anew under its name meanwhile', async (t) => {
  const kube = new Kube();
  kube.deploy('cart');
  kube.instrument();
  const leader = begin(kube, { identity: 'one', budget: { perHour: 1 } });
  await kube.world.pass(120_000);
  t.truthy(kube.marker('cart'));
  kube.api.remove('apps/deployments', 'shop/cart');
  kube.deploy('cart');
  await kube.world.pass(1_800_000);
  t.is(kube.marker('cart'), undefined);
  await kube.world.pass(2_400_000);
  t.truthy(kube.marker('cart'));
  await leader.stop();
});
