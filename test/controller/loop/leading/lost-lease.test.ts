import test from 'ava';
import { objectAt } from '../../../../domain/json.ts';
import { failure } from '../../../support/faults/api.ts';
import { begin, Kube } from '../kube.ts';

test('who has lost the lease tells nothing of the cluster any more, or all would be counted twice', async (t) => {
  let isCut = false;
  const kube = new Kube({
    meddle: ({ path }) =>
      isCut && path.includes('/leases/') ? failure(500, 'InternalError', 'no') : undefined,
  });
  kube.deploy('cart');
  kube.instrument();
  const leader = begin(kube, { identity: 'one' });
  await kube.world.pass(5_000);
  t.true(leader.controller.state().isLeader);
  isCut = true;
  await kube.world.pass(20_000);
  t.deepEqual(leader.controller.state(), {
    isLeader: false,
    lastRoundAt: undefined,
    cluster: undefined,
  });
  isCut = false;
  await leader.stop();
});

test('a status is written for one Instrumentation and for none that comes after it under its name', async (t) => {
  const kube = new Kube();
  kube.deploy('cart');
  kube.instrument();
  const leader = begin(kube, { identity: 'one' });
  await kube.world.pass(5_000);
  const stored = kube.api.object('opentelemetry.io/instrumentations', 'shop/main') ?? {};
  const uid = objectAt(stored, 'metadata')?.['uid'];
  const written = kube.api.requests.filter(
    ({ method, path }) => method === 'PATCH' && path.includes('/instrumentations/main/status'),
  );
  t.true(written.length > 0);
  for (const { body = '{}' } of written) t.like(JSON.parse(body), { metadata: { uid } });
  await leader.stop();
});
