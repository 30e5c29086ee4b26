import type { ExecutionContext } from 'ava';
import { call, eventually, type Ground } from '../support/ground.ts';
import { instrument, untilServed } from '../support/instrumentations.ts';
import {
  deploy,
  markerOf,
  podsOf,
  read,
  revisionsOf,
  untilMended,
  type Kind,
  type Spot,
} from '../support/workloads.ts';

const kinds: readonly Kind[] = ['Deployment', 'StatefulSet', 'DaemonSet'];

export interface Upgrade {
  readonly namespace: string;
  /** From then on new pods get this image. */
  readonly image: string;
  readonly carryOut: () => Promise<void>;
  /** What a scrape of the controller that leads says. */
  readonly metrics: () => Promise<string>;
}

/** Another release of ours brings other agents: whoever runs keeps the old one, whoever comes gets the new one. */
export async function ourUpgradeRestartsNothing(
  t: ExecutionContext,
  ground: Ground,
  { namespace, image, carryOut, metrics }: Upgrade,
): Promise<void> {
  await ground.createNamespace(namespace);
  await instrument(ground, namespace);
  await untilServed(ground, namespace);
  const spots = kinds.map((kind): Spot => ({ kind, namespace, name: kind.toLowerCase() }));
  for (const spot of spots) await deploy(ground, spot);
  for (const spot of spots) await untilMended(ground, spot);
  const counted = (state: string, count: number) =>
    eventually(`${count} pods are ${state}`, async () => {
      const line = `retrofit_pods{namespace="${namespace}",state="${state}"} ${count}`;
      return (await metrics()).split('\n').includes(line);
    });
  await counted('current', 6);
  const before = await Promise.all(spots.map((spot) => read(ground, spot)));

  await carryOut();
  await counted('aged', 6);
  const [first] = spots;
  const [pod] = first === undefined ? [] : await podsOf(ground, first);
  if (first === undefined || pod === undefined) throw new Error('there is a pod');
  await call(ground, 'DELETE', `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}`);
  await eventually('the next pod has the new agent', async () => {
    const pods = await podsOf(ground, first);
    return pods.length === 2 && pods.some((one) => JSON.stringify(one).includes(`"${image}"`));
  });
  await counted('aged', 5);
  for (const [index, spot] of spots.entries()) {
    const after = await read(ground, spot);
    t.is(markerOf(after), undefined);
    t.deepEqual(after.spec, before[index]?.spec);
    t.is((await revisionsOf(ground, spot)).length, 1);
  }
}
