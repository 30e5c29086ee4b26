import test from 'ava';
import { objectAt, textAt, type JsonObject } from '../../../domain/json.ts';
import { merged, nameOf, noon, objectsOf, type WorkloadScene } from '../doctor/cluster.ts';
import { fromFiles, fromServer } from './comparing.ts';
import type { Manner } from './serving.ts';

const nodejs = 'instrumentation.opentelemetry.io/inject-nodejs';
const injected = 'otel-retrofit.dev/injected';

const crashing = {
  containerStatuses: [
    { name: 'app', restartCount: 4, state: { waiting: { reason: 'CrashLoopBackOff' } } },
  ],
};

const quiet = Array.from({ length: 12 }, (_, index) => `quiet-${index}`);

const everywhere = { [nodejs]: 'shop/agents' };

/** When today its controller last told of progress. */
const rolledAt = (time: string) => ({
  conditions: [
    {
      type: 'Progressing',
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      lastUpdateTime: `2026-11-21T${time}:00Z`,
    },
  ],
});

const workloads: readonly WorkloadScene[] = [
  { name: 'cart', annotations: everywhere },
  { name: 'web', annotations: everywhere, pods: 'bare' },
  { name: 'silent', namespace: 'bank', annotations: {} },
  { name: 'unwanted', namespace: 'bank', annotations: everywhere },
  { name: 'old', namespace: 'yard', annotations: everywhere },
  { name: 'aged', namespace: 'mill', annotations: everywhere },
  { name: 'lost', namespace: 'farm', annotations: { [nodejs]: 'nowhere' }, pods: 'bare' },
  {
    name: 'foreign',
    namespace: 'glen',
    annotations: everywhere,
    podSpec: { nodeSelector: { 'kubernetes.io/os': 'windows' } },
    pods: 'bare',
  },
  { name: 'finished', namespace: 'barn', annotations: everywhere },
  { name: 'restarted', namespace: 'mine', annotations: everywhere, podStatus: crashing },
  { name: 'before', namespace: 'pit', annotations: everywhere },
  { name: 'going', namespace: 'quay', annotations: everywhere },
  { name: 'sick', namespace: 'ward', annotations: everywhere, podStatus: crashing },
  { name: 'ailing', namespace: 'ward', annotations: everywhere, pods: 'bare', podStatus: crashing },
  { name: 'set', namespace: 'dock', kind: 'StatefulSet', annotations: everywhere },
  { name: 'daemon', namespace: 'dock', kind: 'DaemonSet', annotations: everywhere },
  {
    name: 'rows',
    namespace: 'bay',
    kind: 'StatefulSet',
    annotations: everywhere,
    pods: 'bare',
    status: { currentRevision: 'rows-1', updateRevision: 'rows-1' },
  },
  { name: 'idle', namespace: 'dock', replicas: 0, annotations: everywhere },
  { name: 'empty', namespace: 'dock', pods: 'none', annotations: everywhere },
  { name: 'adopted', namespace: 'port', annotations: everywhere },
  { name: 'returned', namespace: 'cove', annotations: everywhere },
  { name: 'settled', namespace: 'heath', annotations: everywhere },
  { name: 'halted', namespace: 'moor', annotations: everywhere, spec: { paused: true } },
  { name: 'untold', namespace: 'fen', annotations: everywhere },
  { name: 'behind', namespace: 'weir', annotations: everywhere, status: { updatedReplicas: 1 } },
  { name: 'older', namespace: 'tarn', annotations: everywhere },
  { name: 'steady', namespace: 'vale', annotations: everywhere, status: rolledAt('03:00') },
  { name: 'leaving', namespace: 'dell', annotations: everywhere, status: rolledAt('03:00') },
  { name: 'rolled', namespace: 'rill', annotations: everywhere, status: rolledAt('11:50') },
  ...quiet.map((namespace) => ({ name: 'calm', namespace, annotations: everywhere })),
];

const inTemplate = (annotations: JsonObject) => ({
  spec: { template: { metadata: { annotations } } },
});
const annotated = (annotations: JsonObject) => ({ metadata: { annotations } });
const numbered = (revision: number) =>
  annotated({ 'deployment.kubernetes.io/revision': `${revision}` });
const another = (name: string, change: JsonObject): JsonObject =>
  merged(theOne(`Pod/${name}-0`), merged({ metadata: { name: 'x', uid: `${name}-x` } }, change));

const plain = objectsOf({ workloads });

function theOne(name: string): JsonObject {
  const found = plain.find((json) => nameOf(json) === name);
  if (found === undefined) throw new Error(name);
  return found;
}

const stampOf = (name: string) =>
  textAt(objectAt(objectAt(theOne(name), 'metadata') ?? {}, 'annotations') ?? {}, injected) ?? '';

const [, digest = ''] = stampOf('Pod/shop/cart-0').split('.');
const lately = noon / 1_000 - 600;
const remembered = `${digest}.1.${lately.toString(36)}`;
const sinceThen = { metadata: { creationTimestamp: new Date(lately * 1_000).toISOString() } };

/** What has happened to the objects since they were made. */
const changes: Readonly<Record<string, JsonObject>> = {
  'Deployment/bank/unwanted': inTemplate({ [nodejs]: null }),
  'Pod/yard/old-0': annotated({ [injected]: `v1.${'0'.repeat(16)}.${'0'.repeat(16)}` }),
  'Pod/mill/aged-0': annotated({
    [injected]: stampOf('Pod/mill/aged-0').replace(/\w{16}$/, '0'.repeat(16)),
  }),
  'Deployment/mine/restarted': inTemplate({ 'otel-retrofit.dev/restart': remembered }),
  'ReplicaSet/mine/restarted-7': merged(
    inTemplate({ 'otel-retrofit.dev/restart': remembered }),
    sinceThen,
  ),
  'Pod/glen/foreign-0': annotated({ [injected]: stampOf('Pod/shop/cart-0') }),
  'Pod/glen/foreign-1': annotated({ [injected]: stampOf('Pod/shop/cart-0') }),
  'Deployment/pit/before': { metadata: { generation: 2 } },
  'ReplicaSet/pit/before-7': inTemplate({ 'otel-retrofit.dev/restart': remembered }),
  'Deployment/cove/returned': numbered(3),
  'ReplicaSet/cove/returned-7': numbered(3),
  'Deployment/heath/settled': numbered(3),
  'ReplicaSet/heath/settled-7': numbered(3),
  'Deployment/vale/steady': numbered(3),
  'ReplicaSet/vale/steady-7': numbered(3),
  'Deployment/dell/leaving': numbered(2),
  'ReplicaSet/dell/leaving-7': numbered(2),
  'Deployment/rill/rolled': numbered(3),
  'ReplicaSet/rill/rolled-7': numbered(3),
  'Deployment/fen/untold': { metadata: { annotations: null } },
  'Deployment/tarn/older': numbered(2),
  'ReplicaSet/tarn/older-7': numbered(3),
  'Pod/quay/going-0': {
    metadata: { annotations: { [injected]: null }, deletionTimestamp: '2026-11-21T11:59:00Z' },
  },
  'Pod/port/adopted-0': annotated({ [injected]: null }),
  'Pod/bay/rows-0': { metadata: { labels: { 'controller-revision-hash': 'rows-1' } } },
  'Pod/bay/rows-1': { metadata: { labels: { 'controller-revision-hash': 'rows-1' } } },
};

const long = { creationTimestamp: '2026-11-03T08:00:00Z' };

/** Our restart of a workload, which its owner has deployed over since. */
const formerOf = (name: string, change: JsonObject): JsonObject =>
  [
    { metadata: { name: `${name}-6`, uid: `${name}-6` } },
    numbered(2),
    inTemplate({ 'otel-retrofit.dev/restart': remembered }),
    change,
  ].reduce(merged, theOne(`ReplicaSet/${name}-7`));

const rows = theOne('StatefulSet/bay/rows');
const { uid = '' } = objectAt(rows, 'metadata') ?? {};

/** What a StatefulSet remembers of its template. */
const remembersRows: JsonObject = {
  apiVersion: 'apps/v1',
  kind: 'ControllerRevision',
  metadata: {
    name: 'rows-1',
    namespace: 'bay',
    creationTimestamp: '2026-11-20T08:00:00Z',
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'rows', uid, controller: true },
    ],
  },
  revision: 1,
  data: { spec: { template: objectAt(rows, 'spec')?.['template'] ?? {} } },
};

const objects: readonly JsonObject[] = [
  ...plain.map((json) => merged(json, changes[nameOf(json)] ?? {})),
  formerOf('cove/returned', sinceThen),
  formerOf('heath/settled', { metadata: { creationTimestamp: '2026-11-21T10:30:00Z' } }),
  remembersRows,
  merged(theOne('ReplicaSet/dell/leaving-7'), {
    metadata: { name: 'leaving-6', uid: 'leaving-6', labels: { 'pod-template-hash': '6' } },
    spec: { template: { metadata: { labels: { version: 'old' } } } },
  }),
  another('dell/leaving', {
    metadata: {
      deletionTimestamp: '2026-11-21T11:59:00Z',
      labels: { 'pod-template-hash': '6' },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: 'leaving-6',
          uid: 'leaving-6',
          controller: true,
        },
      ],
    },
  }),
  another('farm/lost', { metadata: long, status: { phase: 'Failed' } }),
  another('glen/foreign', { metadata: long, status: { phase: 'Failed' } }),
  another('barn/finished', {
    metadata: { ...long, annotations: { [injected]: null } },
    status: { phase: 'Succeeded' },
  }),
].map((json) => merged({ metadata: { uid: nameOf(json), resourceVersion: '1' } }, { ...json }));

const manners: Readonly<Record<string, Manner>> = {
  'that leaves out all but metadata': {},
  'that sends everything whole': { sendsAll: true },
  'that answers in pages of three': { longestPage: 3 },
  'that sends everything whole in pages of three': { sendsAll: true, longestPage: 3 },
};

for (const [title, manner] of Object.entries(manners)) {
  test(`a server ${title} leads to the answers that whole objects lead to`, async (t) => {
    for (const command of ['status', 'plan'])
      for (const form of command === 'plan' ? ['table', 'json'] : ['table', 'wide', 'json']) {
        const words = [command, '-o', form];
        const { shown } = await fromServer(objects, words, manner);
        t.deepEqual(shown, await fromFiles(objects, words), words.join(' '));
      }
    const words = ['plan', '-n', 'mine', '-o', 'json'];
    t.deepEqual((await fromServer(objects, words, manner)).shown, await fromFiles(objects, words));
  });
}

test('revisions that come before their workloads are judged with them all the same', async (t) => {
  const lags = ['/apis/apps/v1/statefulsets', '/apis/apps/v1/controllerrevisions'] as const;
  for (const words of [
    ['status', '-o', 'wide'],
    ['plan', '-o', 'json'],
  ]) {
    const { shown } = await fromServer(objects, words, { longestPage: 1, lags });
    t.deepEqual(shown, await fromFiles(objects, words), words.join(' '));
  }
});

test('the answers that are compared tell of all that can be so', async (t) => {
  const shown = await fromFiles(objects, ['status', '-o', 'json']);
  if (shown.kind !== 'shown') throw new Error(JSON.stringify(shown.problems));
  const states = new Set(shown.answers.flatMap(({ states: counts }) => Object.keys(counts)));
  t.deepEqual([...states].toSorted(), [
    'adopted',
    'aged',
    'current',
    'missing',
    'outdated',
    'refused',
    'unwanted',
  ]);
  const of = (name: string) => shown.answers.find((one) => one.name === name);
  t.is(of('lost')?.since, long.creationTimestamp);
  t.like(of('foreign'), { reason: 'UnsupportedPlatform', since: long.creationTimestamp });
  t.is(of('restarted')?.reason, 'RestartFailed');
});

const doubtful =
  'bank bay cove farm fen glen mine moor pit port quay shop tarn ward weir yard'.split(' ');

/** Of those, where a Deployment has had another template, or may have. */
const changed = 'cove fen moor pit tarn weir'.split(' ');

const unnamed =
  'cove dell dock fen heath moor observability otel-retrofit pit quay rill tarn weir'.split(' ');

const inPlace = (place: string) => `/apis/apps/v1/namespaces/${place}/replicasets`;

const lists = (asked: readonly string[], plural: string) =>
  asked.filter((one) => one.replace(' part', '').endsWith(`/${plural}`)).toSorted();

test('only where there is a doubt are pods and revisions read whole, and revisions at all where pods do not tell of them', async (t) => {
  const { asked } = await fromServer(objects, ['status'], {});
  const of = (plural: string) => lists(asked, plural);
  t.deepEqual(of('pods'), [
    ...doubtful.map((place) => `/api/v1/namespaces/${place}/pods`),
    '/api/v1/pods part',
  ]);
  const [whole, parts] = [
    doubtful.filter((place) => changed.includes(place)),
    [...unnamed, ...doubtful.filter((place) => !changed.includes(place))],
  ];
  t.deepEqual(
    of('replicasets'),
    [...whole.map(inPlace), ...parts.map((place) => `${inPlace(place)} part`)].toSorted(),
  );
});

test('where pods tell too little of their revisions in many places those are read at once', async (t) => {
  const many = Array.from({ length: 50 }, (_, index) => `place-${index}`);
  const all = objectsOf({
    workloads: many.map((name) => ({ name, namespace: name, annotations: everywhere })),
    changed: Object.fromEntries(
      many.flatMap((name) => [
        [`Deployment/${name}/${name}`, numbered(2)],
        [`ReplicaSet/${name}/${name}-7`, numbered(2)],
      ]),
    ),
  }).map((json) => merged({ metadata: { uid: nameOf(json), resourceVersion: '1' } }, json));
  const { shown, asked } = await fromServer(all, ['status', '-o', 'json'], {});
  t.deepEqual(shown, await fromFiles(all, ['status', '-o', 'json']));
  t.deepEqual(lists(asked, 'replicasets'), ['/apis/apps/v1/replicasets part']);
});

test('where there is a doubt in many places all pods are read at once', async (t) => {
  const many = Array.from({ length: 50 }, (_, index) => `place-${index}`);
  const all = objectsOf({
    workloads: many.map((namespace) => ({
      name: namespace,
      namespace,
      annotations: everywhere,
      pods: 'bare',
    })),
  }).map((json) => merged({ metadata: { uid: nameOf(json), resourceVersion: '1' } }, json));
  const { shown, asked } = await fromServer(all, ['status', '-o', 'json'], {});
  t.deepEqual(shown, await fromFiles(all, ['status', '-o', 'json']));
  t.deepEqual(
    asked.filter((one) => /\/pods\b/.test(one)),
    ['/api/v1/pods part', '/api/v1/pods'],
  );
});

test('of a cluster on the same machine no more is asked at once than it has hands for', async (t) => {
  const { connections } = await fromServer(objects, ['status'], {});
  t.is(connections, 4);
});

test('whoever may read one namespace is told of it the same', async (t) => {
  const words = ['status', '-n', 'ward', '-o', 'json'];
  const agents = '/apis/opentelemetry.io/v1alpha1/namespaces/shop/instrumentations/agents';
  const { shown } = await fromServer(objects, words, { only: 'ward', besides: [agents] });
  t.deepEqual(shown, await fromFiles(objects, words));
});

test('a list that a server cannot go on with is a problem that is told', async (t) => {
  const { shown } = await fromServer(objects, ['status', '-o', 'json'], {
    longestPage: 3,
    forgets: 'pods',
  });
  t.true(shown.kind === 'badInput' && /410/.test(shown.problems[0]?.sentence ?? ''));
});
