import type { ExecutionContext } from 'ava';
import { annotations as keys } from '../../../crds/names.ts';
import type { Reason } from '../../../domain/reasons.ts';
import { call, eventually, type Ground } from '../support/ground.ts';
import { eventsOn, instrument, readInstrumentation } from '../support/instrumentations.ts';
import {
  asking,
  change,
  deploy,
  isReady,
  isStamped,
  pathOf,
  podsOf,
  read,
  untilMended,
  untilRunning,
  type Kind,
  type Spot,
  type Wish,
} from '../support/workloads.ts';
import { fateKey } from '../support/world.ts';

/** A workload that is behind and that only a person may restart, with the reason that is told. */
export interface Untouched {
  readonly kind: Kind;
  readonly reason: Reason;
  /** Part of the command that is printed for a person. */
  readonly advice: RegExp;
  readonly wish: Wish;
  /** Its namespace asks for it. */
  readonly byNamespace?: boolean;
  /** What is done to it once it runs. */
  readonly patch?: object;
  /** What a person does who follows the advice, and so has it mended. */
  readonly wayOut: (ground: Ground, spot: Spot) => Promise<unknown>;
}

const restartIt = /kubectl rollout restart/;

const annotate =
  (key: string, value: string | null): Untouched['wayOut'] =>
  (ground, spot) =>
    change(ground, spot, { metadata: { annotations: { [key]: value } } });

const respecify =
  (spec: object): Untouched['wayOut'] =>
  (ground, spot) =>
    change(ground, spot, { spec });

const insist = annotate(keys.remediation, 'restart');

/** As `kubectl rollout restart` does it. */
const restartByHand: Untouched['wayOut'] = (ground, spot) =>
  change(ground, spot, {
    spec: { template: { metadata: { annotations: { [restartedAt]: '2026-01-01T00:00:00Z' } } } },
  });

const restartedAt = 'kubectl.kubernetes.io/restartedAt';

/** One by one, each when the one before is back. */
const deletePods: Untouched['wayOut'] = async (ground, spot) => {
  for (const { metadata } of await podsOf(ground, spot)) {
    await call(ground, 'DELETE', `/api/v1/namespaces/${spot.namespace}/pods/${metadata.name}`);
    await eventually('another takes its place', async () => {
      const pods = await podsOf(ground, spot);
      return (
        pods.length === 2 && pods.every((pod) => isReady(pod) && pod.metadata.uid !== metadata.uid)
      );
    });
  }
};

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
const applied = (metadata: object) => JSON.stringify({ spec: { template: { metadata } } });

export const untouched: Readonly<Record<string, Untouched>> = {
  'switched off': {
    kind: 'Deployment',
    reason: 'RemediationOff',
    advice: restartIt,
    wish: { metadata: { annotations: { [keys.remediation]: 'off' } } },
    wayOut: annotate(keys.remediation, null),
  },
  observed: {
    kind: 'Deployment',
    reason: 'ObserveOnly',
    advice: restartIt,
    wish: { metadata: { annotations: { [keys.remediation]: 'observe' } } },
    wayOut: insist,
  },
  paused: {
    kind: 'Deployment',
    reason: 'Paused',
    advice: /kubectl rollout resume deployment\/cart/,
    wish: {},
    patch: { spec: { paused: true } },
    wayOut: respecify({ paused: false }),
  },
  'without history': {
    kind: 'Deployment',
    reason: 'NoHistory',
    advice: restartIt,
    wish: { spec: { revisionHistoryLimit: 0 } },
    wayOut: respecify({ revisionHistoryLimit: 2 }),
  },
  'recreated as a whole': {
    kind: 'Deployment',
    reason: 'DowntimeExpected',
    advice: restartIt,
    wish: { spec: { strategy: { type: 'Recreate' } } },
    wayOut: insist,
  },
  'a single StatefulSet': {
    kind: 'StatefulSet',
    reason: 'DowntimeExpected',
    advice: restartIt,
    wish: { replicas: 1 },
    wayOut: insist,
  },
  'replaced by hand': {
    kind: 'StatefulSet',
    reason: 'OnDelete',
    advice: /kubectl delete pod/,
    wish: { spec: { updateStrategy: { type: 'OnDelete' } } },
    wayOut: deletePods,
  },
  partitioned: {
    kind: 'StatefulSet',
    reason: 'Partitioned',
    advice: /kubectl delete pod/,
    wish: { spec: { updateStrategy: { rollingUpdate: { partition: 1 } } } },
    wayOut: respecify({ updateStrategy: { rollingUpdate: { partition: 0 } } }),
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
    wayOut: insist,
  },
  'sick already': {
    kind: 'Deployment',
    reason: 'AlreadySick',
    advice: /kubectl describe pods -n /,
    wish: { annotations: { ...asking, [fateKey]: 'crashes' } },
    wayOut: respecify({ template: { metadata: { annotations: { [fateKey]: null } } } }),
  },
  'applied with empty annotations': {
    kind: 'Deployment',
    reason: 'MarkerWouldBeErased',
    advice: /empty `annotations:`.*kubectl annotate deployment\/cart -n .*sync once/,
    byNamespace: true,
    wish: {
      annotations: {},
      metadata: { annotations: { [lastApplied]: applied({ annotations: {} }) } },
    },
    wayOut: annotate(lastApplied, applied({ labels: { of: 'cart' } })),
  },
  protected: {
    kind: 'Deployment',
    reason: 'ProtectedNamespace',
    advice: /kubectl rollout restart deployment\/cart -n /,
    wish: {},
    wayOut: restartByHand,
  },
};

/** The namespace that the settings of a journey have to protect. */
export const protectedNamespace = 'untouched-protected';

/** Each in a namespace of its own. */
export const namespaceOf = (title: string) =>
  `untouched-${title.replaceAll(' ', '-').toLowerCase()}`;

export interface Place {
  readonly namespace: string;
  /** What a scrape of the controller that leads says. */
  readonly metrics: () => Promise<string>;
}

/** Nothing is done to it, and a person is told why, and what they could do; and that helps. */
export async function itIsLeftAlone(
  t: ExecutionContext,
  ground: Ground,
  { namespace, metrics }: Place,
  one: Untouched,
): Promise<void> {
  const { kind, reason, advice, wish, patch, byNamespace = false, wayOut } = one;
  const spot = { kind, namespace, name: 'cart' };
  await ground.createNamespace(namespace);
  if (byNamespace)
    await call(ground, 'PATCH', `/api/v1/namespaces/${namespace}`, {
      metadata: { annotations: asking },
    });
  await deploy(ground, spot, wish);
  const wanted = wish.replicas ?? 2;
  const isIll = reason === 'AlreadySick';
  await eventually('its pods run', async () => {
    const pods = await podsOf(ground, spot);
    return (
      pods.length === wanted &&
      pods.every((pod) => pod.status.phase === 'Running' && isReady(pod) !== isIll)
    );
  });
  if (patch !== undefined) await change(ground, spot, patch);
  const before = await read(ground, spot);
  await instrument(ground, namespace);
  const [event] = await eventually('a person is told why', async () => {
    const found = (await eventsOn(ground, spot)).filter((each) => each.reason === reason);
    return found.length > 0 && found;
  });
  t.regex(event?.note ?? '', advice);
  const status = await eventually('the status asks for attention', async () => {
    const found = await readInstrumentation(ground, namespace);
    return found.status?.attention?.some((each) => each.reason === reason) && found.status;
  });
  t.is(status.pods?.['missing'], wanted);
  t.regex(status.attention?.[0]?.message ?? '', advice);
  await untilSaid(spot, { verdict: 'held', reason }, metrics);
  const after = await read(ground, spot);
  t.deepEqual(after.spec, before.spec);
  t.false((await podsOf(ground, spot)).some(isStamped));

  await wayOut(ground, spot);
  await untilMended(ground, spot, wanted);
  await untilSaid(spot, { verdict: 'current', reason: '' }, metrics);
}

interface Said {
  readonly verdict: string;
  readonly reason: string;
}

/** Its verdict by its name, as a scrape tells it. */
const untilSaid = (
  { kind, namespace, name }: Spot,
  { verdict, reason }: Said,
  metrics: () => Promise<string>,
) =>
  eventually(`the metrics say ${reason}`, async () => {
    const labels = `namespace="${namespace}",kind="${kind}",workload="${name}"`;
    const line = `retrofit_workload_info{${labels},verdict="${verdict}",reason="${reason}"} 1`;
    return (await metrics()).split('\n').includes(line);
  });

/** A budget that can spare no pod is waited for, for as long as that takes. */
export async function aDisruptionThatIsNotAllowedIsWaitedFor(
  t: ExecutionContext,
  ground: Ground,
  { namespace, metrics }: Place,
): Promise<void> {
  const spot = { kind: 'Deployment', namespace, name: 'cart' } as const;
  const budgets = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`;
  await ground.createNamespace(namespace);
  const selector = { matchLabels: { of: 'cart' } };
  await call(ground, 'POST', budgets, {
    metadata: { name: 'cart' },
    spec: { maxUnavailable: 0, selector },
  });
  await deploy(ground, spot);
  await untilRunning(ground, spot);
  const before = await read(ground, spot);
  await instrument(ground, namespace);
  await untilSaid(spot, { verdict: 'waiting', reason: 'DisruptionNotAllowed' }, metrics);
  const told = await eventually('the status asks for attention', async () => {
    const { status } = await readInstrumentation(ground, namespace);
    return status?.attention?.find(({ reason }) => reason === 'DisruptionNotAllowed');
  });
  t.true(told.message.includes(`\`kubectl get poddisruptionbudgets -n ${namespace}\``));
  t.deepEqual((await read(ground, spot)).spec, before.spec);

  await call(ground, 'PATCH', `${budgets}/cart`, { spec: { maxUnavailable: 1 } });
  // Where nobody counts what a budget can spare, we do.
  await call(ground, 'PATCH', `${budgets}/cart/status`, { status: { disruptionsAllowed: 1 } });
  await untilMended(ground, spot);
}

/** What is on its way out is not held up by us, and nobody is bothered about it. */
export async function whatIsBeingDeletedIsLeft(
  t: ExecutionContext,
  ground: Ground,
  { namespace, metrics }: Place,
): Promise<void> {
  const spot = { kind: 'Deployment', namespace, name: 'cart' } as const;
  await ground.createNamespace(namespace);
  await deploy(ground, spot, { metadata: { finalizers: ['shop.example/stay'] } });
  await untilRunning(ground, spot);
  await call(ground, 'DELETE', pathOf(spot));
  const before = await read(ground, spot);
  t.not(before.metadata.deletionTimestamp, undefined);
  await instrument(ground, namespace);
  await untilSaid(spot, { verdict: 'exempt', reason: 'BeingDeleted' }, metrics);
  t.deepEqual((await read(ground, spot)).spec, before.spec);
  const events = await eventsOn(ground, spot);
  t.deepEqual(
    events.filter(({ action }) => action === 'RestartWorkload'),
    [],
  );
  await change(ground, spot, { metadata: { finalizers: null } });
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
