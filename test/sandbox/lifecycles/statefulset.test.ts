import test from 'ava';
import type { Fields } from '../../../sandbox/api.ts';
import { advanceStatefulSet } from '../../../sandbox/lifecycles/statefulset.ts';
import type { Workload } from '../../../sandbox/lifecycles/shapes.ts';
import {
  aPod,
  aRevision,
  aStatefulSet,
  aWorld,
  ago,
  bodyOf,
  now,
  statusIn,
  templateOf,
  told,
} from './builders.ts';

/** A pod of the StatefulSet; without more, it serves. */
const member = (ordinal: number, version: string, more: Parameters<typeof aPod>[1] = {}) =>
  aPod(`cart-${ordinal}`, {
    readyFor: 50,
    labels: { app: 'cart', 'controller-revision-hash': `cart-${version}` },
    ...more,
  });

const unready = { readyFor: undefined };

/** A StatefulSet whose pods follow template 1 and which now has this one. */
const at = (
  version: string,
  spec: Partial<Workload['spec']> = {},
  status: Workload['status'] = {},
) =>
  aStatefulSet({
    spec: { template: templateOf(version), ...spec },
    status: { currentRevision: 'cart-1', currentReplicas: 3, ...status },
  });

const revisions = [aRevision('cart-1', 1), aRevision('cart-2', 2)];

/** Template 2 has its revision from the moment on that it is there. */
const advance = (set: Workload, ...pods: readonly ReturnType<typeof aPod>[]) =>
  advanceStatefulSet(
    set,
    aWorld({ pods, revisions: revisions.slice(0, isSecond(set) ? 2 : 1) }),
    now,
  );
const isSecond = ({ spec }: Workload) => JSON.stringify(spec.template).includes('"version":"2"');

test('the first step writes a revision with the whole template, and creates the first pod', (t) => {
  const changes = advanceStatefulSet(aStatefulSet(), aWorld(), now);
  const revision = bodyOf(changes[0]);
  const hash = revision.metadata.labels?.['controller.kubernetes.io/hash'];
  t.like(revision, {
    metadata: { name: `cart-${hash}`, ownerReferences: [{ kind: 'StatefulSet' }] },
    revision: 1,
    data: { spec: { template: { ...templateOf('1'), $patch: 'replace' } } },
  });
  t.deepEqual(told(changes).slice(1), ['create pods cart-0']);
  t.like(bodyOf(changes.at(-1)), {
    metadata: {
      generateName: 'cart-',
      labels: {
        app: 'cart',
        'controller-revision-hash': `cart-${hash}`,
        'statefulset.kubernetes.io/pod-name': 'cart-0',
        'apps.kubernetes.io/pod-index': '0',
      },
    },
    spec: { hostname: 'cart-0' },
  });
});

test('the next pod comes when those before it run, are ready and available', (t) => {
  t.deepEqual(told(advance(at('1'), member(0, '1', unready))), []);
  t.deepEqual(told(advance(at('1'), member(0, '1', { phase: 'Pending' }))), []);
  t.deepEqual(told(advance(at('1', { minReadySeconds: 60 }), member(0, '1'))), []);
  t.deepEqual(told(advance(at('1'), member(0, '1'))), ['create pods cart-1']);
});

test('a gap is filled before anything else, and a pod that has ended is replaced', (t) => {
  t.deepEqual(told(advance(at('2'), member(0, '1'), member(2, '1'))), ['create pods cart-1']);
  t.deepEqual(told(advance(at('1'), member(0, '1', { phase: 'Failed' }))), ['delete pods cart-0']);
});

test('a new template takes the highest pod first, and is seen in the same write', (t) => {
  const changes = advance(at('2'), member(0, '1'), member(1, '1'), member(2, '1'));
  t.deepEqual(told(changes), ['delete pods cart-2']);
  t.deepEqual(statusIn(changes), {
    status: {
      observedGeneration: 1,
      replicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      currentReplicas: 2,
      updateRevision: 'cart-2',
    },
  });
});

test('the next one goes only when the last one serves again', (t) => {
  const set = at('2', {}, { currentReplicas: 2 });
  const [zero, one] = [member(0, '1'), member(1, '1')];
  t.deepEqual(told(advance(set, zero, one, member(2, '1', { deletionTimestamp: ago(0) }))), []);
  t.deepEqual(told(advance(set, zero, one)), ['create pods cart-2']);
  t.deepEqual(told(advance(set, zero, one, member(2, '2', unready))), []);
  t.deepEqual(told(advance(set, zero, one, member(2, '2'))), ['delete pods cart-1']);
});

test('a pod that the update has not come to comes back as it was', (t) => {
  const set = at('2', {}, { currentReplicas: 2 });
  const versionOf = (...pods: readonly ReturnType<typeof aPod>[]) =>
    bodyOf(advance(set, ...pods).find(({ kind }) => kind === 'create')).metadata.annotations?.[
      'version'
    ];
  t.is(versionOf(member(1, '1'), member(2, '2')), '1');
  t.is(versionOf(member(0, '1'), member(1, '1')), '2');
});

test('below the partition nothing changes, and what comes back comes back as it was', (t) => {
  const set = at('2', {
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } },
  });
  const pods = [member(0, '1'), member(1, '1')];
  t.deepEqual(told(advance(set, ...pods, member(2, '1'))), ['delete pods cart-2']);
  t.deepEqual(told(advance(set, ...pods, member(2, '2'))), []);
  const created = advance(set, member(0, '1')).find(({ kind }) => kind === 'create');
  t.is(bodyOf(created).metadata.annotations?.['version'], '1');
});

test('on delete, a new template is only seen', (t) => {
  const changes = advance(
    at('2', { updateStrategy: { type: 'OnDelete' } }),
    member(0, '1'),
    member(1, '1'),
    member(2, '1'),
  );
  t.deepEqual(told(changes), []);
  const { updateRevision, updatedReplicas } = (statusIn(changes)?.['status'] ?? {}) as Fields;
  t.deepEqual([updateRevision, updatedReplicas], ['cart-2', undefined]);
});

test('the update is over when its revision becomes the current one', (t) => {
  const changes = advance(
    at('2', {}, { currentReplicas: 0 }),
    member(0, '2'),
    member(1, '2'),
    member(2, '2'),
  );
  t.like(statusIn(changes), {
    status: { currentRevision: 'cart-2', currentReplicas: 3, updatedReplicas: 3 },
  });
});

test('a template that returns gets its revision back, with the next number', (t) => {
  const set = at('1', {}, { currentRevision: 'cart-2' });
  const pods = [member(0, '2'), member(1, '2'), member(2, '2')];
  const changes = advanceStatefulSet(set, aWorld({ pods, revisions }), now);
  t.deepEqual(told(changes), ['patch controllerrevisions cart-1', 'delete pods cart-2']);
  t.like(changes[0], { body: { revision: 3 } });
});

test('surplus pods go one by one, the highest first', (t) => {
  const pods = [0, 1, 2, 3, 4].map((ordinal) => member(ordinal, '1'));
  t.deepEqual(told(advance(at('1'), ...pods)), ['delete pods cart-4']);
  const leaving = member(4, '1', { deletionTimestamp: ago(0) });
  t.deepEqual(told(advance(at('1'), ...pods.slice(0, 4), leaving)), []);
});

test('beyond the limit, revisions that nobody needs are forgotten, the oldest first', (t) => {
  const many = ['5', '6', '7', '1', '2'].map((version, index) =>
    aRevision(`cart-${version}`, index + 1),
  );
  const set = at('2', { revisionHistoryLimit: 1 }, { currentRevision: 'cart-2' });
  const pods = [member(0, '2'), member(1, '2'), member(2, '1')];
  const changes = advanceStatefulSet(set, aWorld({ revisions: many, pods }), now);
  t.deepEqual(told(changes), [
    'delete pods cart-2',
    'delete controllerrevisions cart-5',
    'delete controllerrevisions cart-6',
  ]);
});
