import test from 'ava';
import type { JsonObject } from '../../../../domain/json.ts';
import { podReader } from '../../../../domain/restart/records/pod.ts';

const stamp = 'v1.0123456789abcdef.fedcba9876543210';
const mark = { asked: '0123456789abcdef', defaults: 'fedcba9876543210' };

interface Differences {
  readonly metadata?: JsonObject;
  readonly spec?: JsonObject;
  readonly status?: JsonObject;
}

const aPod = ({ metadata = {}, spec = {}, status = {} }: Differences = {}): JsonObject => ({
  metadata: {
    name: 'cart-6f7d8c9b54-x7k2p',
    namespace: 'shop',
    uid: 'p1',
    creationTimestamp: '2026-11-21T10:00:00Z',
    labels: { app: 'cart', 'pod-template-hash': '6f7d8c9b54' },
    ownerReferences: [{ kind: 'ReplicaSet', name: 'cart-6f7d8c9b54', uid: 'r1', controller: true }],
    managedFields: [{ manager: 'kubelet' }],
    ...metadata,
  },
  spec: {
    containers: [{ name: 'app', image: 'cart:1', env: [{ name: 'PASSWORD', value: 'hunter2' }] }],
    volumes: [{ name: 'v', emptyDir: {} }],
    ...spec,
  },
  status: {
    phase: 'Running',
    conditions: [
      { type: 'PodScheduled', status: 'True' },
      { type: 'Ready', status: 'True', lastTransitionTime: '2026-11-21T10:00:09Z' },
    ],
    containerStatuses: [
      {
        name: 'app',
        restartCount: 0,
        state: { running: { startedAt: '2026-11-21T10:00:05Z' } },
      },
    ],
    ...status,
  },
});

const read = podReader();

test('a pod is kept as little more than its state', (t) => {
  t.deepEqual(read(aPod()), {
    namespace: 'shop',
    name: 'cart-6f7d8c9b54-x7k2p',
    uid: 'p1',
    createdAt: 1_795_255_200,
    deletedAt: undefined,
    owner: { kind: 'ReplicaSet', name: 'cart-6f7d8c9b54', uid: 'r1' },
    revision: '6f7d8c9b54',
    injected: undefined,
    declined: undefined,
    carriesAgent: false,
    phase: 'Running',
    isReady: true,
    readinessAt: 1_795_255_209,
    startedAt: 1_795_255_205,
    containers: [
      {
        name: 'app',
        isInit: false,
        restarts: 0,
        waiting: undefined,
        terminated: undefined,
      },
    ],
  });
});

test('nothing of its specification, environment or managed fields is kept', (t) => {
  const kept = JSON.stringify(read(aPod()));
  for (const gone of ['hunter2', 'cart:1', 'emptyDir', 'kubelet', 'managedFields'])
    t.false(kept.includes(gone), gone);
});

test('the pods of a StatefulSet and a DaemonSet are tied to their revision by another label', (t) => {
  const labels = { 'controller-revision-hash': 's-77c9' };
  t.is(read(aPod({ metadata: { labels } }))?.revision, 's-77c9');
  t.is(read(aPod({ metadata: { labels: {} } }))?.revision, undefined);
});

test('a pod says what it got, or what was asked in vain', (t) => {
  const injected = { 'otel-retrofit.dev/injected': stamp };
  const declined = { 'otel-retrofit.dev/declined': `${stamp}.EnvironmentByReference` };
  t.deepEqual(read(aPod({ metadata: { annotations: injected } }))?.injected, mark);
  t.deepEqual(read(aPod({ metadata: { annotations: declined } }))?.declined, {
    ...mark,
    reason: 'EnvironmentByReference',
  });
  const strange = { 'otel-retrofit.dev/injected': 'yes', 'otel-retrofit.dev/declined': '' };
  const pod = read(aPod({ metadata: { annotations: strange } }));
  t.is(pod?.injected, undefined);
  t.is(pod?.declined, undefined);
});

const from = (name: string, fieldPath: string) => ({
  name,
  valueFrom: { fieldRef: { fieldPath } },
});

test("the operator's traces are seen: an init container, a sidecar, or variables", (t) => {
  const app = { name: 'app' };
  for (const spec of [
    { containers: [app], initContainers: [{ name: 'opentelemetry-auto-instrumentation-java' }] },
    { containers: [app], initContainers: [{ name: 'otel-agent-source-container-clone' }] },
    { containers: [app, { name: 'opentelemetry-auto-instrumentation' }] },
    {
      containers: [
        {
          ...app,
          env: [
            from('OTEL_NODE_IP', 'status.hostIP'),
            from('OTEL_RESOURCE_ATTRIBUTES_NODE_NAME', 'spec.nodeName'),
          ],
        },
      ],
    },
  ])
    t.true(read(aPod({ spec }))?.carriesAgent, JSON.stringify(spec));
  t.false(read(aPod({ spec: { containers: [app] } }))?.carriesAgent);
});

test('a container says why it does not run, how it ended, and how often it began anew', (t) => {
  const containerStatuses = [
    {
      name: 'app',
      restartCount: 4,
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'long' } },
      lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } },
    },
  ];
  const initContainerStatuses = [
    { name: 'agent', restartCount: 0, state: { terminated: { reason: 'Completed' } } },
  ];
  const nothing = { waiting: undefined, terminated: undefined };
  t.deepEqual(read(aPod({ status: { containerStatuses, initContainerStatuses } }))?.containers, [
    { ...nothing, name: 'agent', isInit: true, restarts: 0, terminated: 'Completed' },
    {
      ...nothing,
      name: 'app',
      isInit: false,
      restarts: 4,
      waiting: 'CrashLoopBackOff',
      terminated: 'OOMKilled',
    },
  ]);
});

const running = (name: string, second: number) => ({
  name,
  state: { running: { startedAt: `2026-11-21T10:00:0${second}Z` } },
});

test('a pod says when the last of its containers began, sidecars among the init containers too', (t) => {
  const containerStatuses = [running('app', 5), running('proxy', 7)];
  t.is(read(aPod({ status: { containerStatuses } }))?.startedAt, 1_795_255_207);
  const initContainerStatuses = [running('sidecar', 9)];
  t.is(
    read(aPod({ status: { containerStatuses, initContainerStatuses } }))?.startedAt,
    1_795_255_209,
  );
  t.is(read(aPod({ status: { containerStatuses: [] } }))?.startedAt, undefined);
});

test('a pod that is not ready says since when', (t) => {
  const conditions = [
    { type: 'Ready', status: 'False', lastTransitionTime: '2026-11-21T10:00:00Z' },
  ];
  const pod = read(aPod({ status: { conditions } }));
  t.false(pod?.isReady);
  t.is(pod?.readinessAt, 1_795_255_200);
  t.like(read(aPod({ status: { conditions: [] } })), { isReady: false, readinessAt: undefined });
});

test('what many pods say alike is one value', (t) => {
  const metadata = { annotations: { 'otel-retrofit.dev/injected': stamp } };
  const initContainerStatuses = [{ name: 'agent', state: { terminated: { reason: 'Completed' } } }];
  const again = () =>
    read(JSON.parse(JSON.stringify(aPod({ metadata, status: { initContainerStatuses } }))));
  const [one, other] = [again(), again()];
  t.truthy(one);
  t.is(one?.owner, other?.owner);
  t.is(one?.injected, other?.injected);
  t.is(one?.containers, other?.containers);
});

test('whatever JSON comes, there is a record or there is none', (t) => {
  for (const json of [null, [], 'pod', { metadata: { name: '' } }]) t.is(read(json), undefined);
  const strange = {
    metadata: { name: 'p', labels: [], annotations: 1, ownerReferences: {}, creationTimestamp: 7 },
    spec: [],
    status: {
      phase: 3,
      conditions: [1],
      containerStatuses: [null, 'x', { state: { running: 1 } }],
    },
  };
  t.like(read(strange), { name: 'p', createdAt: 0, phase: '', isReady: false });
  t.is(read(strange)?.containers.length, 1);
});
