import type { ExecutionContext } from 'ava';
import { annotations as keys } from '../../../crds/names.ts';
import { eventually, type Ground } from '../support/ground.ts';
import { instrument } from '../support/instrumentations.ts';
import {
  deploy,
  markerOf,
  read,
  revisionsOf,
  untilMended,
  untilRunning,
  type Spot,
} from '../support/workloads.ts';

export interface Pair {
  readonly namespace: string;
  /** A second controller becomes active, which the first does not know of. */
  readonly join: () => Promise<Joined>;
}

export interface Joined {
  /** How many restarts it has sent. */
  readonly restarts: () => Promise<number>;
  readonly leave: () => Promise<void>;
}

const many = 20;

/** Two that act at once, as after a fault of the lease: each workload is restarted once all the same. */
export async function twoThatActAtOnceRestartEachOnce(
  t: ExecutionContext,
  ground: Ground,
  { namespace, join }: Pair,
): Promise<void> {
  await ground.createNamespace(namespace);
  const spots = Array.from({ length: many }, (_, index): Spot => ({
    kind: 'Deployment',
    namespace,
    name: `shop-${index}`,
  }));
  const annotations = { [keys.inject('java')]: 'agents' };
  await Promise.all(spots.map((spot) => deploy(ground, spot, { annotations, replicas: 1 })));
  for (const spot of spots) await untilRunning(ground, spot, 1);
  const second = await join();
  await instrument(ground, namespace);
  for (const spot of spots) await untilMended(ground, spot, 1);
  const all = await Promise.all(spots.map((spot) => read(ground, spot)));
  for (const [index, spot] of spots.entries()) {
    t.regex(
      markerOf(all[index] ?? (await read(ground, spot))) ?? '',
      /^[0-9a-f]{16}\.1\.[0-9a-z]+$/,
    );
    t.is((await revisionsOf(ground, spot)).length, 2);
  }
  await eventually('it tells what it did', async () => (await second.restarts()) >= 0);
  t.log(`the second sent ${await second.restarts()} of ${many}`);
  await second.leave();
}
