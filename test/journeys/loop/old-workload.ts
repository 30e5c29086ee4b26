import type { ExecutionContext } from 'ava';
import { annotations as keys } from '../../../crds/names.ts';
import { call, eventually, type Ground } from '../support/ground.ts';
import {
  conditionOf,
  eventsOn,
  instrument,
  readInstrumentation,
} from '../support/instrumentations.ts';
import {
  asking,
  deploy,
  isReady,
  isStamped,
  markerOf,
  podsOf,
  read,
  revisionsOf,
  type Spot,
} from '../support/workloads.ts';

/** The promise that the product is for: what was there first gets its agent, by one gentle restart. */
export interface Old {
  readonly spot: Spot;
  readonly annotations?: Readonly<Record<string, string>>;
  /** On the namespace instead of the pods. */
  readonly byNamespace?: boolean;
  /** Where the Instrumentation is. */
  readonly from?: string;
}

export async function anOldWorkloadGetsItsAgent(
  t: ExecutionContext,
  ground: Ground,
  { spot, annotations = asking, byNamespace = false, from = spot.namespace }: Old,
): Promise<void> {
  for (const namespace of new Set([spot.namespace, from])) await ground.createNamespace(namespace);
  await deploy(ground, spot, { annotations: byNamespace ? {} : annotations });
  await eventually('its pods run', async () => {
    const pods = await podsOf(ground, spot);
    return pods.length === 2 && pods.every(isReady);
  });
  const before = await read(ground, spot);
  t.is((await revisionsOf(ground, spot)).length, 1);
  t.false((await podsOf(ground, spot)).some(isStamped));

  await instrument(ground, from);
  if (byNamespace)
    await call(ground, 'PATCH', `/api/v1/namespaces/${spot.namespace}`, {
      metadata: { annotations },
    });
  await eventually('every pod is injected', async () => {
    const pods = await podsOf(ground, spot);
    return pods.length === 2 && pods.every((pod) => isStamped(pod) && isReady(pod));
  });
  await eventually('its Instrumentation says so', async () => {
    const one = await readInstrumentation(ground, from);
    const covered = conditionOf(one, 'Covered');
    return covered?.status === 'True' && covered.reason === 'AllCurrent';
  });
  const told = await eventually('its Events say so', async () => {
    const events = await eventsOn(ground, spot);
    return events.some(({ reason }) => reason === 'RestartSucceeded') && events;
  });
  t.true(
    told.some(
      ({ reason, action }) => reason === 'WorkloadRestarted' && action === 'RestartWorkload',
    ),
  );
  const after = await read(ground, spot);
  t.is((await revisionsOf(ground, spot)).length, 2);
  t.is(after.metadata.generation, (before.metadata.generation ?? 0) + 1);
  t.regex(markerOf(after) ?? '', /^[0-9a-f]{16}\.1\.[0-9a-z]+$/);
}

export const oldWorkloads: readonly (readonly [title: string, old: Old])[] = [
  ['a Deployment', { spot: { kind: 'Deployment', namespace: 'old-deployment', name: 'cart' } }],
  ['a StatefulSet', { spot: { kind: 'StatefulSet', namespace: 'old-stateful', name: 'db' } }],
  ['a DaemonSet', { spot: { kind: 'DaemonSet', namespace: 'old-daemon', name: 'agent' } }],
  [
    'a Deployment whose namespace asks',
    {
      spot: { kind: 'Deployment', namespace: 'old-by-namespace', name: 'cart' },
      byNamespace: true,
    },
  ],
  [
    'a Deployment that names an Instrumentation elsewhere',
    {
      spot: { kind: 'Deployment', namespace: 'old-across', name: 'cart' },
      annotations: { [keys.inject('java')]: 'old-library/agents' },
      from: 'old-library',
    },
  ],
];
