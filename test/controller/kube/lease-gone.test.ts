import test from 'ava';
import { createClient } from '../../../controller/kube/client.ts';
import { createLease } from '../../../controller/kube/lease.ts';
import { FakeApi } from '../../support/faults/api.ts';
import { seededDice } from '../../support/faults/settle.ts';
import { instantly, Machine, simulatedTransport, World } from '../../support/faults/simulation.ts';

const leases = 'coordination.k8s.io/leases';

test('whoever learns that the lease is gone holds nothing from that moment, for the next one may be there', async (t) => {
  const world = new World();
  const api = new FakeApi();
  const machine = new Machine(world);
  const answers: string[] = [];
  const heldThen: boolean[] = [];
  const transport = simulatedTransport(machine, api, {
    ...instantly,
    reply: ({ method, path }) => {
      const isGone = api.object(leases, 'shop/retrofit') === undefined;
      if (method === 'PATCH' && isGone) answers.push(path);
      return undefined;
    },
  });
  const lease = createLease({
    client: createClient(transport, { time: machine, dice: seededDice(1) }),
    namespace: 'shop',
    name: 'retrofit',
    identity: 'one',
    onFault: ({ key }) => {
      if (key === 'NotFound') heldThen.push(lease.holds());
    },
    time: machine,
    dice: seededDice(2),
  });
  const ending = new AbortController();
  const running = lease.run(ending.signal);
  await world.pass(3_000);
  t.true(lease.holds());
  api.remove(leases, 'shop/retrofit');
  await world.pass(30_000, () => heldThen.length > 0);
  t.is(answers.length, 1);
  t.deepEqual(heldThen, [false]);
  ending.abort();
  await world.pass(10_000);
  await running;
});

test('whoever has given the lease back waits for nothing more', async (t) => {
  const world = new World();
  const machine = new Machine(world);
  const api = new FakeApi();
  const transport = simulatedTransport(machine, api, instantly);
  const lease = createLease({
    client: createClient(transport, { time: machine, dice: seededDice(1) }),
    namespace: 'shop',
    name: 'retrofit',
    identity: 'one',
    time: machine,
    dice: seededDice(2),
  });
  const ending = new AbortController();
  let hasEnded = false;
  const running = lease.run(ending.signal).finally(() => {
    hasEnded = true;
  });
  await world.pass(3_000);
  t.true(lease.holds());
  ending.abort();
  await world.pass(1_000, () => hasEnded);
  await running;
  t.true(world.isStill);
  t.like(api.object(leases, 'shop/retrofit'), { spec: { holderIdentity: '' } });
});
