import type { ExecutionContext } from 'ava';
import { annotations as keys, marks } from '../../../crds/names.ts';
import { obey } from '../support/commands.ts';
import { call, eventually, type Ground } from '../support/ground.ts';
import { instrument, readInstrumentation, untilServed } from '../support/instrumentations.ts';
import {
  change,
  deploy,
  isReady,
  isStamped,
  markerOf,
  podsOf,
  read,
  untilMended,
  untilRunning,
  type Spot,
} from '../support/workloads.ts';

/** The webhook, which can go away and come back. */
export interface Doorman {
  readonly leave: () => Promise<void>;
  readonly comeBack: () => Promise<void>;
}

const pathOf = (namespace: string, name: string) => `/api/v1/namespaces/${namespace}/pods/${name}`;

async function loseOnePod(ground: Ground, spot: Spot): Promise<void> {
  const [pod] = await podsOf(ground, spot);
  if (pod === undefined) throw new Error('there is a pod');
  await call(ground, 'DELETE', pathOf(spot.namespace, pod.metadata.name));
  await eventually('another takes its place, without an agent', async () => {
    const pods = await podsOf(ground, spot);
    return pods.length === 2 && pods.some((one) => !isStamped(one)) && pods.every(isReady);
  });
}

export interface Absence {
  readonly spot: Spot;
  readonly webhook: Doorman;
}

/** Pods that are born while the webhook is away are found and mended once it is back, each time anew. */
export async function aGapIsClosed(
  t: ExecutionContext,
  ground: Ground,
  { spot, webhook }: Absence,
): Promise<void> {
  await ground.createNamespace(spot.namespace);
  await instrument(ground, spot.namespace);
  await untilServed(ground, spot.namespace);
  await deploy(ground, spot);
  await untilMended(ground, spot);
  t.is(markerOf(await read(ground, spot)), undefined);
  for (const number of [1, 2]) {
    await webhook.leave();
    await loseOnePod(ground, spot);
    await eventually('it is seen to be half instrumented', async () => {
      const { status } = await readInstrumentation(ground, spot.namespace);
      return status?.pods?.['missing'] === 1 && status.pods['current'] === 1;
    });
    await webhook.comeBack();
    await untilMended(ground, spot);
    const marker = markerOf(await read(ground, spot)) ?? '';
    t.is(marker.split('.')[1], String(number));
    await eventually('its restart is over', async () => {
      const { status } = await readInstrumentation(ground, spot.namespace);
      return status?.workloads?.['current'] === 1;
    });
  }
}

/** A third gap of a day is left alone, until a person has looked why there are so many. */
export async function spentAttemptsAreGivenBack(
  t: ExecutionContext,
  ground: Ground,
  { spot, webhook }: Absence,
): Promise<void> {
  await webhook.leave();
  await loseOnePod(ground, spot);
  await webhook.comeBack();
  await itIsLeftUntilSomebodyResumes(t, ground, spot, { reason: 'AttemptsSpent', number: 2 });
}

/** Whoever takes our annotation away while the webhook is away is told of, and not written against. */
export async function whatIsTakenBackIsLeft(
  t: ExecutionContext,
  ground: Ground,
  { spot, webhook }: Absence,
): Promise<void> {
  await ground.createNamespace(spot.namespace);
  await deploy(ground, spot);
  await untilRunning(ground, spot);
  await instrument(ground, spot.namespace);
  await untilMended(ground, spot);
  await webhook.leave();
  await change(ground, spot, {
    spec: { template: { metadata: { annotations: { [marks.restart]: null } } } },
  });
  await untilBare(ground, spot);
  await webhook.comeBack();
  await itIsLeftUntilSomebodyResumes(t, ground, spot, { reason: 'RestartReverted', number: 1 });
}

/** A tool that drops what it does not know takes our memory with it, with each deploy. */
export async function whoeverForgetsUsIsLeft(
  t: ExecutionContext,
  ground: Ground,
  { spot, webhook }: Absence,
): Promise<void> {
  await ground.createNamespace(spot.namespace);
  await deploy(ground, spot);
  await untilRunning(ground, spot);
  await instrument(ground, spot.namespace);
  await untilMended(ground, spot);
  await eventually('its restart is over', async () => {
    const { status } = await readInstrumentation(ground, spot.namespace);
    return status?.workloads?.['current'] === 1;
  });
  await webhook.leave();
  const annotations = { [marks.restart]: null, 'shop.example/version': '2' };
  await change(ground, spot, { spec: { template: { metadata: { annotations } } } });
  await untilBare(ground, spot);
  await webhook.comeBack();
  await itIsLeftUntilSomebodyResumes(t, ground, spot, { reason: 'MarkerErased', number: 1 });
}

const untilBare = (ground: Ground, spot: Spot) =>
  eventually('its pods are bare', async () => {
    const pods = await podsOf(ground, spot);
    return pods.length === 2 && pods.every((pod) => isReady(pod) && !isStamped(pod));
  });

interface Standstill {
  readonly reason: string;
  /** Of our latest restart. */
  readonly number: number;
}

/** The commands that are printed are all that a person has to run. */
async function itIsLeftUntilSomebodyResumes(
  t: ExecutionContext,
  ground: Ground,
  spot: Spot,
  { reason, number }: Standstill,
): Promise<void> {
  const before = markerOf(await read(ground, spot));
  const told = await eventually('it is told', async () => {
    const { status } = await readInstrumentation(ground, spot.namespace);
    return status?.attention?.find((one) => one.reason === reason);
  });
  t.is(markerOf(await read(ground, spot)), before);
  await obey(ground, told.message, 'annotate');
  const { metadata } = await read(ground, spot);
  t.is(metadata.annotations?.[keys.resume], String(number));
  await untilMended(ground, spot);
  t.is(markerOf(await read(ground, spot))?.split('.')[1], String(number + 1));
}
