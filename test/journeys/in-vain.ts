import type { ExecutionContext } from 'ava';
import { annotations as keys } from '../../crds/names.ts';
import { eventually, type Ground } from './support/ground.ts';
import {
  changeInstrumentation,
  conditionOf,
  eventsOn,
  instrument,
  readInstrumentation,
} from './support/instrumentations.ts';
import {
  change,
  deploy,
  isReady,
  markerOf,
  podsOf,
  read,
  rest,
  type Spot,
} from './support/workloads.ts';

/** Several workloads that ask for one Instrumentation, in namespaces of their own. */
async function several(ground: Ground, namespaces: readonly string[], library: string) {
  await ground.createNamespace(library);
  const spots = namespaces.map((namespace): Spot => ({
    kind: 'Deployment',
    namespace,
    name: 'cart',
  }));
  const annotations = { [keys.inject('java')]: `${library}/agents` };
  for (const spot of spots) {
    await ground.createNamespace(spot.namespace);
    await deploy(ground, spot, { annotations });
  }
  await eventually('their pods run', async () => {
    const all = await Promise.all(spots.map((spot) => podsOf(ground, spot)));
    return all.every((pods) => pods.length === 2 && pods.every(isReady));
  });
  for (const spot of spots) await rest(ground, spot);
  return spots;
}

async function markersOf(ground: Ground, spots: readonly Spot[]): Promise<readonly string[]> {
  const all = await Promise.all(spots.map((spot) => read(ground, spot)));
  return all.flatMap((one) => markerOf(one) ?? []);
}

export interface Harm {
  readonly namespaces: readonly string[];
  readonly library: string;
  readonly reason: 'RestartDidNotHelp' | 'RestartFailed';
}

/** The first restart shows that restarts do harm or no good: nobody else is touched. */
export async function oneIsTouchedAndTheRestIsNot(
  t: ExecutionContext,
  ground: Ground,
  { namespaces, library, reason }: Harm,
): Promise<readonly Spot[]> {
  const spots = await several(ground, namespaces, library);
  await instrument(ground, library);
  const told = await eventually('the breaker is open', async () => {
    const one = await readInstrumentation(ground, library);
    return one.status?.breaker && one;
  });
  t.is(told.status?.breaker?.reason, reason);
  await eventually('the status says so', async () => {
    const remediating = conditionOf(await readInstrumentation(ground, library), 'Remediating');
    return remediating?.reason === 'BreakerOpen';
  });
  const touched = told.status?.breaker?.workload.split('/')[1] ?? '';
  await eventually('its owner is told', async () => {
    const events = await eventsOn(ground, { namespace: touched, name: 'cart' });
    return events.some((event) => event.reason === reason && event.type === 'Warning');
  });
  t.is((await markersOf(ground, spots)).length, 1);
  return spots;
}

/** The owner's undoing mends the one workload, and does not set the others free. */
export async function undoingClosesNothing(
  t: ExecutionContext,
  ground: Ground,
  { library }: Harm,
  spots: readonly Spot[],
): Promise<void> {
  for (const spot of spots)
    if (markerOf(await read(ground, spot)) !== undefined)
      await change(ground, spot, {
        spec: { template: { metadata: { annotations: { 'otel-retrofit.dev/restart': null } } } },
      });
  await eventually('it is undone and rolled back', async () => {
    const all = await Promise.all(spots.map((spot) => podsOf(ground, spot)));
    return all.every((pods) => pods.length === 2 && pods.every(isReady));
  });
  t.truthy((await readInstrumentation(ground, library)).status?.breaker);
  t.deepEqual(await markersOf(ground, spots), []);
}

/** A person has looked, and says so: the others are mended. */
export async function resumingMendsTheOthers(
  t: ExecutionContext,
  ground: Ground,
  { library }: Harm,
  spots: readonly Spot[],
): Promise<void> {
  const { status } = await readInstrumentation(ground, library);
  const since = status?.breaker?.since ?? '';
  t.not(since, '');
  await changeInstrumentation(ground, library, {
    metadata: { annotations: { [keys.resume]: since } },
  });
  await eventually('another one is restarted', async () => {
    return (await markersOf(ground, spots)).length > 0;
  });
}

/** The API server does not take the write: there is one, and no second. */
export async function aRejectedRestartIsNotRepeated(
  t: ExecutionContext,
  ground: Ground,
  spot: Spot,
): Promise<void> {
  await ground.createNamespace(spot.namespace);
  await deploy(ground, spot);
  await eventually('its pods run', async () => {
    const pods = await podsOf(ground, spot);
    return pods.length === 2 && pods.every(isReady);
  });
  await rest(ground, spot);
  const { spec } = await read(ground, spot);
  await instrument(ground, spot.namespace);
  await eventually('its owner is told', async () => {
    const events = await eventsOn(ground, spot);
    return events.some(({ reason }) => reason === 'RestartRejected');
  });
  t.deepEqual((await read(ground, spot)).spec, spec);
}
