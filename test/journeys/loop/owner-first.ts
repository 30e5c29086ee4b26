import type { ExecutionContext } from 'ava';
import { eventually, type Ground } from '../support/ground.ts';
import { instrument } from '../support/instrumentations.ts';
import {
  deploy,
  deployAnew,
  isReady,
  isStamped,
  markerOf,
  podsOf,
  read,
  revisionsOf,
} from '../support/workloads.ts';

/** What its owner deploys while we restart it is what runs in the end, and it is not restarted again for it. */
export async function theOwnersDeployWins(
  t: ExecutionContext,
  ground: Ground,
  namespace: string,
): Promise<void> {
  const spot = { kind: 'Deployment', namespace, name: 'cart' } as const;
  await ground.createNamespace(namespace);
  await deploy(ground, spot);
  await eventually('its pods run', async () => {
    const pods = await podsOf(ground, spot);
    return pods.length === 2 && pods.every(isReady);
  });
  await instrument(ground, namespace);
  await eventually('we restart it', async () => (await revisionsOf(ground, spot)).length === 2);
  await deployAnew(ground, spot, '2');
  await eventually('the owner’s pods run, injected', async () => {
    const pods = await podsOf(ground, spot);
    const isTheirs = pods.every(
      ({ metadata }) => metadata.annotations?.['shop.example/version'] === '2',
    );
    return pods.length === 2 && isTheirs && pods.every((pod) => isReady(pod) && isStamped(pod));
  });
  const settled = await read(ground, spot);
  t.regex(markerOf(settled) ?? '', /^[0-9a-f]{16}\.1\./);
  t.is((await revisionsOf(ground, spot)).length, 3);
}
