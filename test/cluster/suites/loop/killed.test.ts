import { setTimeout as pause } from 'node:timers/promises';
import { annotations as keys } from '../../../../crds/names.ts';
import { eventually } from '../../../journeys/support/ground.ts';
import { instrument } from '../../../journeys/support/instrumentations.ts';
import {
  deploy,
  markerOf,
  read,
  revisionsOf,
  untilRunning,
  type Spot,
} from '../../../journeys/support/workloads.ts';
import type { Cluster } from '../../cluster.ts';
import { openPremises, type Premises } from '../../webhook/premises.ts';
import type { Product } from '../../webhook/program.ts';
import { test } from '../../plane/ours.ts';

let premises: Premises;
let cluster: Cluster;
let controller: Product;

/** Enough for a machine to be in the middle of them for a while. */
const many = Array.from({ length: 40 }, (_, index): Spot => ({
  kind: 'Deployment',
  namespace: 'many',
  name: `shop-${index}`,
}));

test.before(async () => {
  premises = await openPremises({
    settings: { 'settle-missing-seconds': 0 },
  });
  ({ cluster } = premises);
  await premises.serve();
  controller = await premises.launch('controller');
  await cluster.createNamespace('many');
  const annotations = { [keys.inject('java')]: 'agents' };
  await Promise.all(many.map((spot) => deploy(cluster, spot, { annotations, replicas: 1 })));
  for (const spot of many) await untilRunning(cluster, spot, 1);
});

test.after.always(() => premises?.close());

test('a controller that is killed every few seconds restarts each of forty workloads once', async (t) => {
  await instrument(cluster, 'many');
  const isMended = async () => {
    const all = await Promise.all(many.map((spot) => read(cluster, spot)));
    return all.every((one) => markerOf(one) !== undefined);
  };
  let kills = 0;
  const endsAt = performance.now() + 240_000;
  while (!(await isMended()) && performance.now() < endsAt) {
    // Whoever comes after one that was killed has to wait until its lease has run out.
    const { lines } = controller;
    await eventually('it leads', () => lines().some(({ msg }) => msg === 'leading'));
    await pause(2_000 + (kills % 4) * 1_000);
    await controller.kill();
    kills += 1;
    controller = await premises.launch('controller');
  }
  await eventually('all are mended', isMended);
  t.log(`${kills} kills`);
  for (const spot of many) {
    t.regex(markerOf(await read(cluster, spot)) ?? '', /^[0-9a-f]{16}\.1\.[0-9a-z]+$/);
    t.is((await revisionsOf(cluster, spot)).length, 2);
  }
});
