import type { ExecutionContext } from 'ava';
import { annotations as keys, marks } from '../../../crds/names.ts';
import { obey } from '../support/commands.ts';
import { eventually, type Ground } from '../support/ground.ts';
import {
  changeInstrumentation,
  conditionOf,
  eventsOn,
  instrument,
  readInstrumentation,
} from '../support/instrumentations.ts';
import {
  change,
  deploy,
  isReady,
  isStamped,
  markerOf,
  podsOf,
  read,
  untilMended,
  type Spot,
} from '../support/workloads.ts';
import { showToWebhook } from '../support/world.ts';

/** Several workloads that ask for one Instrumentation, in namespaces of their own. */
async function several(ground: Ground, { namespaces, library, isBlind = false }: Harm) {
  await ground.createNamespace(library);
  const spots = namespaces.map((namespace): Spot => ({
    kind: 'Deployment',
    namespace,
    name: 'cart',
  }));
  const annotations = { [keys.inject('java')]: `${library}/agents` };
  for (const spot of spots) {
    await ground.createNamespace(spot.namespace);
    await deploy(ground, spot, { annotations, isBlind });
  }
  await eventually('their pods run', async () => {
    const all = await Promise.all(spots.map((spot) => podsOf(ground, spot)));
    return all.every((pods) => pods.length === 2 && pods.every(isReady));
  });
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
  /** Nobody asks the pods whether they work, so that they count as working until they crash. */
  readonly isBlind?: boolean;
}

/** The first restart shows that restarts do harm or no good: nobody else is touched. */
export async function oneIsTouchedAndTheRestIsNot(
  t: ExecutionContext,
  ground: Ground,
  harm: Harm,
): Promise<readonly Spot[]> {
  const { library, reason } = harm;
  const spots = await several(ground, harm);
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

/**
 * The owner's undoing mends the one workload, and does not set the others free. Where nobody waits
 * for pods to work none of the old ones is left to go back to, and the owner asks for no agent either.
 */
export async function undoingClosesNothing(
  t: ExecutionContext,
  ground: Ground,
  { library, isBlind = false }: Harm,
  spots: readonly Spot[],
): Promise<void> {
  const annotations = {
    [marks.restart]: null,
    ...(isBlind ? { [keys.inject('java')]: 'false' } : {}),
  };
  for (const spot of spots)
    if (markerOf(await read(ground, spot)) !== undefined)
      await change(ground, spot, { spec: { template: { metadata: { annotations } } } });
  await eventually('it is undone and rolled back', async () => {
    const all = await Promise.all(spots.map((spot) => podsOf(ground, spot)));
    return all.every(
      (pods) => pods.length === 2 && pods.every((pod) => isReady(pod) && !isStamped(pod)),
    );
  });
  t.truthy((await readInstrumentation(ground, library)).status?.breaker);
  t.deepEqual(await markersOf(ground, spots), []);
}

/** Another controller, which knows nothing but what is in the cluster. */
export type Succession = () => Promise<{ readonly metrics: () => Promise<string> }>;

/** Whoever leads next touches nobody either. */
export async function aNewLeaderLeavesTheRest(
  t: ExecutionContext,
  ground: Ground,
  { library, succeed }: Pick<Harm, 'library'> & { readonly succeed: Succession },
  spots: readonly Spot[],
): Promise<void> {
  const before = await Promise.all(spots.map((spot) => read(ground, spot)));
  const { metrics } = await succeed();
  await eventually('it leads, and waits for a person', async () => {
    const lines = (await metrics()).split('\n');
    const waits = ({ kind, namespace, name }: Spot) => {
      const labels = `namespace="${namespace}",kind="${kind}",workload="${name}"`;
      const verdict = 'verdict="waiting",reason="BreakerOpen"';
      return lines.includes(`retrofit_workload_info{${labels},${verdict}} 1`);
    };
    const isProven = lines.includes('retrofit_probe_success 1');
    return isProven && spots.filter(waits).length >= spots.length - 1;
  });
  t.truthy((await readInstrumentation(ground, library)).status?.breaker);
  for (const [index, spot] of spots.entries())
    t.deepEqual((await read(ground, spot)).spec, before[index]?.spec);
}

/** What went wrong was said of other settings: all that still ask are mended, the one that was hurt as well. */
export async function newSettingsMendAll(
  ground: Ground,
  { library, isBlind = false }: Harm,
  spots: readonly Spot[],
): Promise<void> {
  const spec = { exporter: { endpoint: 'http://other.obs:4318' } };
  await changeInstrumentation(ground, library, { spec });
  await eventually('all are injected', async () => {
    const all = await Promise.all(spots.map((spot) => podsOf(ground, spot)));
    const mended = all.filter((pods) => pods.every((pod) => isReady(pod) && isStamped(pod)));
    return mended.length === spots.length - (isBlind ? 1 : 0);
  });
  await untilTheBreakerIsClosed(ground, library);
}

/** What kept the webhook away is gone, and a person runs what is printed: all are mended. */
export async function resumingMendsThemAll(
  t: ExecutionContext,
  ground: Ground,
  { library, reason }: Harm,
  spots: readonly Spot[],
): Promise<void> {
  await showToWebhook(ground);
  await obey(ground, await adviceOn(ground, library, reason), 'annotate');
  for (const spot of spots) await untilMended(ground, spot);
  await untilTheBreakerIsClosed(ground, library);
  const numbers = (await markersOf(ground, spots)).map((marker) => marker.split('.')[1]);
  t.deepEqual(
    numbers.filter((number) => number !== '1'),
    ['2'],
  );
}

const adviceOn = (ground: Ground, library: string, reason: string): Promise<string> =>
  eventually('the status says what to do', async () => {
    const { status } = await readInstrumentation(ground, library);
    return status?.attention?.find((one) => one.reason === reason)?.message;
  });

const untilTheBreakerIsClosed = (ground: Ground, library: string) =>
  eventually('the breaker is closed', async () => {
    const { status } = await readInstrumentation(ground, library);
    return status !== undefined && status.breaker === undefined;
  });

export interface Repentance {
  readonly namespace: string;
  /** From now on the agent does its pods no harm. */
  readonly heal: () => void;
}

/** What made its pods crash was no fault of the settings: it is tried again as it is. */
export async function aFailedRestartIsTriedAgain(
  t: ExecutionContext,
  ground: Ground,
  { namespace, heal }: Repentance,
): Promise<void> {
  const harm = {
    namespaces: [namespace],
    library: `${namespace}-library`,
    reason: 'RestartFailed',
  } as const;
  const [spot] = await oneIsTouchedAndTheRestIsNot(t, ground, harm);
  if (spot === undefined) return;
  heal();
  await obey(ground, await adviceOn(ground, harm.library, harm.reason), 'annotate');
  await untilMended(ground, spot);
  await untilTheBreakerIsClosed(ground, harm.library);
  t.is(markerOf(await read(ground, spot))?.split('.')[1], '2');
}

/**
 * Where nobody waits for pods to work all of them crash, and each new one would: the command that is
 * printed has them run without the agent.
 */
export async function whatCrashesCanRunWithoutTheAgent(
  t: ExecutionContext,
  ground: Ground,
  namespace: string,
): Promise<void> {
  const library = `${namespace}-library`;
  const harm = {
    namespaces: [namespace],
    library,
    reason: 'RestartFailed',
    isBlind: true,
  } as const;
  const [spot] = await oneIsTouchedAndTheRestIsNot(t, ground, harm);
  if (spot === undefined) return;
  await obey(ground, await adviceOn(ground, library, harm.reason), 'patch');
  await eventually('its pods run, and carry no agent', async () => {
    const pods = await podsOf(ground, spot);
    return pods.length === 2 && pods.every((pod) => isReady(pod) && !isStamped(pod));
  });
  t.truthy((await readInstrumentation(ground, library)).status?.breaker);
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
  const { spec } = await read(ground, spot);
  await instrument(ground, spot.namespace);
  await eventually('its owner is told', async () => {
    const events = await eventsOn(ground, spot);
    return events.some(({ reason }) => reason === 'RestartRejected');
  });
  t.deepEqual((await read(ground, spot)).spec, spec);
}
