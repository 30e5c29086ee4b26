import test from 'ava';
import type { JsonObject } from '../../../domain/json.ts';
import { prints, said, well } from './asking.ts';
import { refusedBirth, type Scene } from './cluster.ts';
import { broken, healthy } from './situations.ts';

for (const { title, scene } of [...broken, ...healthy]) {
  test.serial(
    `${title}: where the server prints pods the same is said as where they are read whole`,
    async (t) => {
      const printed = await said(scene, [], { ...prints, longestPage: 3 });
      t.is(printed.shown.kind, 'examined');
      t.deepEqual(printed.shown, (await said(scene, [], {})).shown);
    },
  );
}

const crashing = (restartCount: number): Scene => ({
  workloads: [
    {
      podStatus: {
        containerStatuses: [
          {
            name: 'app',
            ready: true,
            restartCount,
            state: { running: { startedAt: '2026-11-21T11:00:00Z' } },
            lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } },
          },
        ],
      },
    },
  ],
});

test.serial(
  'a container that is killed again and again is found though its pod is ready',
  async (t) => {
    const { shown, pods } = await said(crashing(3), [], prints);
    t.true(shown.kind === 'examined' && shown.text.includes('MemoryTooSmall'));
    t.true(pods.includes('/api/v1/namespaces/shop/pods'));
  },
);

test.serial(
  'pods that are well are not read whole, but for those that listen and our own',
  async (t) => {
    const { shown, pods } = await said(well, [], prints);
    t.deepEqual(shown, (await said(well, [], {})).shown);
    t.deepEqual(pods.toSorted(), [
      '/api/v1/namespaces/observability/pods',
      '/api/v1/namespaces/otel-retrofit/pods',
      '/api/v1/pods table',
    ]);
  },
);

const job = (name: string, more: readonly JsonObject[]): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'shop',
    ownerReferences: [
      { apiVersion: 'batch/v1', kind: 'Job', name: 'nightly', uid: 'nightly', controller: true },
    ],
  },
  spec: { containers: [{ name: 'app', image: 'shop/nightly' }, ...more] },
  status: { phase: 'Running' },
});

test.serial('a Job that never completes is found, and the others are left alone', async (t) => {
  const sidecar = { name: 'opentelemetry-auto-instrumentation', image: 'go' };
  const stays = await said({ ...well, more: [job('nightly-1', [sidecar])] }, [], prints);
  t.true(stays.shown.kind === 'examined' && stays.shown.text.includes('SidecarOutlivesJob'));
  const ends = await said({ ...well, more: [job('nightly-1', [])] }, [], prints);
  t.false(ends.pods.includes('/api/v1/namespaces/shop/pods'));
});

test.serial('a server that prints nothing is asked for whole pods', async (t) => {
  const { pods } = await said(well, [], {});
  t.deepEqual(pods, ['/api/v1/pods']);
});

const secondOf = (name: string) => ({
  [`Deployment/${name}/${name}`]: second,
  [`ReplicaSet/${name}/${name}-7`]: second,
});

const second = { metadata: { annotations: { 'deployment.kubernetes.io/revision': '2' } } };

const many = Array.from({ length: 50 }, (_none, index) => `place-${index}`);

test.serial(
  'ReplicaSets of which pods do not tell are read at once where they are in many places',
  async (t) => {
    const scene: Scene = {
      workloads: many.map((name) => ({ ...well.workloads?.[0], name, namespace: name })),
      changed: Object.assign({}, ...many.map(secondOf)) as NonNullable<Scene['changed']>,
    };
    const { shown, replicaSets } = await said(scene, [], prints);
    t.deepEqual(shown, (await said(scene, [], {})).shown);
    t.true(replicaSets.includes('/apis/apps/v1/replicasets part'));
  },
);

const hidden = (scene: Scene, path: string) => said(scene, [], { ...prints, never: [path] });

const unseen: Readonly<Record<string, Scene>> = {
  'their pods do not tell of them': {
    ...well,
    changed: { 'Deployment/shop/cart': second, 'ReplicaSet/shop/cart-7': second },
  },
  'it is in doubt what their pods have': { workloads: [{ pods: 'bare' }] },
};

for (const [why, scene] of Object.entries(unseen)) {
  test.serial(`whoever may not read ReplicaSets is told so where ${why}`, async (t) => {
    const { shown } = await hidden(scene, '/apis/apps/v1/namespaces/shop/replicasets');
    if (shown.kind !== 'examined') throw new Error(shown.kind);
    t.regex(shown.text, /NotLookedAt.*\n?.*ReplicaSet/);
  });
}

test.serial(
  'whoever may not read ReplicaSets is told nothing of it where nobody needs them',
  async (t) => {
    const { shown } = await hidden(well, '/apis/apps/v1/namespaces/shop/replicasets');
    t.deepEqual(shown, (await said(well, [], prints)).shown);
  },
);

/** A StatefulSet in each of so many namespaces; that in the shop lacks a pod, which was refused. */
const lackingIn = (count: number, replicas: number): Scene => {
  const others = Array.from({ length: count - 1 }, (_, index) => `team-${index}`);
  return {
    namespaces: Object.fromEntries(others.map((name) => [name, {}])),
    workloads: ['shop', ...others].map((namespace) => ({
      kind: 'StatefulSet',
      namespace,
      pods: 'none',
      status: { replicas },
    })),
    more: [refusedBirth('StatefulSet', 'cart', 'exceeded quota: small')],
  };
};

test.serial('whoever may not read Events is told so where a StatefulSet lacks pods', async (t) => {
  const path = '/api/v1/namespaces/shop/events';
  const { shown } = await hidden(lackingIn(1, 1), path);
  if (shown.kind !== 'examined') throw new Error(shown.kind);
  t.regex(shown.text, /NotLookedAt.*\n?.*Event/);
  t.notRegex(shown.text, /PodsRefused/);
  const whole = await hidden(lackingIn(1, 2), path);
  t.deepEqual([whole.events, whole.shown], [[], (await said(lackingIn(1, 2), [], prints)).shown]);
});

test.serial(
  'Events are read where pods are lacking, and all at once where that is in many places',
  async (t) => {
    for (const [count, paths] of [
      [1, ['/api/v1/namespaces/shop/events']],
      [21, ['/api/v1/events']],
    ] as const) {
      const { shown, events } = await said(lackingIn(count, 1), [], prints);
      if (shown.kind !== 'examined') throw new Error(shown.kind);
      t.deepEqual(events, paths);
      t.regex(shown.text, /exceeded quota: small/);
    }
  },
);
