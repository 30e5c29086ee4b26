import type { ExecutionContext } from 'ava';
import { annotations as keys } from '../../crds/names.ts';
import type { Reason } from '../../domain/reasons.ts';
import { call, eventually, type Ground } from './support/ground.ts';
import { eventsOn, instrument, readInstrumentation } from './support/instrumentations.ts';
import {
  change,
  deploy,
  isReady,
  isStamped,
  podsOf,
  read,
  asking,
  type Kind,
  type Wish,
} from './support/workloads.ts';

/** A workload that is behind and that only a person may restart, with the reason that is told. */
export interface Untouched {
  readonly kind: Kind;
  readonly reason: Reason;
  /** Part of the command that is printed for a person. */
  readonly advice: RegExp;
  readonly wish: Wish;
  /** What is done to it once it runs. */
  readonly patch?: object;
}

const restartIt = /kubectl rollout restart/;

export const untouched: Readonly<Record<string, Untouched>> = {
  'switched off': {
    kind: 'Deployment',
    reason: 'RemediationOff',
    advice: restartIt,
    wish: { metadata: { annotations: { [keys.remediation]: 'off' } } },
  },
  observed: {
    kind: 'Deployment',
    reason: 'ObserveOnly',
    advice: restartIt,
    wish: { metadata: { annotations: { [keys.remediation]: 'observe' } } },
  },
  paused: {
    kind: 'Deployment',
    reason: 'Paused',
    advice: /kubectl rollout resume deployment\/cart/,
    wish: {},
    patch: { spec: { paused: true } },
  },
  'without history': {
    kind: 'Deployment',
    reason: 'NoHistory',
    advice: restartIt,
    wish: { spec: { revisionHistoryLimit: 0 } },
  },
  'recreated as a whole': {
    kind: 'Deployment',
    reason: 'DowntimeExpected',
    advice: restartIt,
    wish: { spec: { strategy: { type: 'Recreate' } } },
  },
  'a single StatefulSet': {
    kind: 'StatefulSet',
    reason: 'DowntimeExpected',
    advice: restartIt,
    wish: { replicas: 1 },
  },
  'replaced by hand': {
    kind: 'StatefulSet',
    reason: 'OnDelete',
    advice: /kubectl delete pod/,
    wish: { spec: { updateStrategy: { type: 'OnDelete' } } },
  },
  partitioned: {
    kind: 'StatefulSet',
    reason: 'Partitioned',
    advice: /kubectl delete pod/,
    wish: { spec: { updateStrategy: { rollingUpdate: { partition: 1 } } } },
  },
  'of another operator': {
    kind: 'Deployment',
    reason: 'OwnedByAnother',
    advice: /its owner/,
    wish: {
      metadata: {
        ownerReferences: [
          {
            apiVersion: 'shop.example/v1',
            kind: 'Shop',
            name: 'main',
            uid: 'c0ffee00-0000-4000-8000-000000000000',
            controller: true,
          },
        ],
      },
    },
  },
};

/** Nothing is done to it, and a person is told why, and what they could do. */
export async function itIsLeftAlone(
  t: ExecutionContext,
  ground: Ground,
  namespace: string,
  { kind, reason, advice, wish, patch }: Untouched,
): Promise<void> {
  const spot = { kind, namespace, name: 'cart' };
  await ground.createNamespace(namespace);
  await deploy(ground, spot, wish);
  const wanted = wish.replicas ?? 2;
  await eventually('its pods run', async () => {
    const pods = await podsOf(ground, spot);
    return pods.length === wanted && pods.every(isReady);
  });
  if (patch !== undefined) await change(ground, spot, patch);
  const before = await read(ground, spot);
  await instrument(ground, namespace);
  const [event] = await eventually('a person is told why', async () => {
    const found = (await eventsOn(ground, spot)).filter((one) => one.reason === reason);
    return found.length > 0 && found;
  });
  t.regex(event?.note ?? '', advice);
  const one = await eventually('the status asks for attention', async () => {
    const found = await readInstrumentation(ground, namespace);
    return found.status?.attention?.some((each) => each.reason === reason) && found;
  });
  t.is(one.status?.pods?.['missing'], wanted);
  const after = await read(ground, spot);
  t.deepEqual(after.spec, before.spec);
  t.false((await podsOf(ground, spot)).some(isStamped));
}

/** What happens again is one Event that counts. */
export async function itIsToldOnceAndCounted(
  t: ExecutionContext,
  ground: Ground,
  namespace: string,
): Promise<void> {
  const spot = { kind: 'StatefulSet', namespace, name: 'db' } as const;
  await ground.createNamespace(namespace);
  await deploy(ground, spot, { annotations: {}, replicas: 1 });
  await eventually('its pod runs', async () => (await podsOf(ground, spot)).some(isReady));
  await instrument(ground, namespace);
  const ask = (annotations: Readonly<Record<string, string | null>>) =>
    call(ground, 'PATCH', `/api/v1/namespaces/${namespace}`, { metadata: { annotations } });
  const held = (count: number) =>
    eventually(`${count} is held`, async () => {
      const { status } = await readInstrumentation(ground, namespace);
      return status?.pods?.['missing'] === count;
    });
  const askAndTakeBack = async () => {
    await ask(asking);
    await held(1);
    await ask({ [keys.inject('java')]: null });
    await held(0);
  };
  await askAndTakeBack();
  await askAndTakeBack();
  await eventually('it is counted', async () => {
    const events = await eventsOn(ground, spot);
    return events.some(({ series }) => series?.count === 2);
  });
  t.is((await eventsOn(ground, spot)).length, 1);
}
