import test from 'ava';
import { advanceDeployment } from '../../../sandbox/lifecycles/deployment/deployment.ts';
import type { Workload } from '../../../sandbox/lifecycles/shapes.ts';
import {
  aDeployment,
  aMember,
  aWorld,
  ago,
  bodyOf,
  now,
  reasonsIn,
  sizesIn,
  statusIn,
  templateOf,
  told,
} from './builders.ts';

const revision = 'deployment.kubernetes.io/revision';
const progressing = (reason: string, seconds = 0) => ({
  type: 'Progressing',
  status: 'True',
  reason,
  lastUpdateTime: ago(seconds),
  lastTransitionTime: ago(seconds),
});

/** A Deployment after its n-th template, whose announcements are all made. */
const at = (
  version: string,
  spec: Partial<Workload['spec']> = {},
  status: Workload['status'] = {},
) =>
  aDeployment({
    metadata: { annotations: { [revision]: version } },
    spec: { template: templateOf(version), ...spec },
    status: { conditions: [progressing('NewReplicaSetCreated')], ...status },
  });

const advance = (deployment: Workload, ...replicaSets: readonly Workload[]) =>
  advanceDeployment(deployment, aWorld({ replicaSets }), now);

test('the first step creates a ReplicaSet and announces it, but has seen no generation', (t) => {
  const changes = advance(aDeployment({ metadata: { annotations: { owner: 'us' } } }));
  const set = bodyOf(changes[0]);
  const hash = set.metadata.labels?.['pod-template-hash'] ?? '';
  t.regex(hash, /^[bcdfghjklmnpqrstvwxz2456789]{10}$/);
  t.like(set, {
    metadata: {
      name: `cart-${hash}`,
      annotations: {
        owner: 'us',
        [revision]: '1',
      },
      ownerReferences: [{ kind: 'Deployment', name: 'cart', controller: true }],
    },
    spec: {
      replicas: 4,
      selector: { matchLabels: { app: 'cart', 'pod-template-hash': hash } },
      template: { metadata: { labels: { app: 'cart', 'pod-template-hash': hash } } },
    },
  });
  t.like(statusIn(changes), { metadata: { annotations: { [revision]: '1' } } });
  t.deepEqual(reasonsIn(changes), ['Progressing=True/NewReplicaSetCreated']);
  t.false('observedGeneration' in ((statusIn(changes)?.['status'] ?? {}) as object));
});

test('the next step counts: zeros are absent, save the terminating ones', (t) => {
  const born = aMember('1', 4, { status: { replicas: 0, readyReplicas: 0, availableReplicas: 0 } });
  const changes = advance(at('1'), born);
  t.like(statusIn(changes), {
    status: { observedGeneration: 1, unavailableReplicas: 4, terminatingReplicas: 0 },
  });
  t.deepEqual(reasonsIn(changes), [
    'Available=False/MinimumReplicasUnavailable',
    'Progressing=True/NewReplicaSetCreated',
  ]);
});

test('a new template makes room by what may be missing, and adds what may be beyond', (t) => {
  const changes = advance(at('2', {}, { observedGeneration: 1 }), aMember('1', 4));
  t.is(bodyOf(changes[0]).spec['replicas'], 1);
  t.deepEqual(sizesIn(changes), { 'cart-1': 3 });
});

const rounded = test.macro(
  (
    t,
    [replicas, maxSurge, maxUnavailable]: readonly [number, ...(number | string)[]],
    sizes: object,
  ) => {
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } };
    const desired = {
      'deployment.kubernetes.io/desired-replicas': String(replicas),
      [revision]: '1',
    };
    const old = aMember('1', replicas, { metadata: { annotations: desired } });
    const changes = advance(at('2', { replicas, strategy } as Partial<Workload['spec']>), old);
    t.deepEqual(
      { new: bodyOf(changes[0]).spec['replicas'], old: sizesIn(changes)['cart-1'] ?? replicas },
      sizes,
    );
  },
);

test('a surge is rounded up, what may be missing down: 25 % of 2', rounded, [2, '25%', '25%'], {
  new: 1,
  old: 2,
});
test('25 % of 10 are 3 beyond and 2 missing', rounded, [10, '25%', '25%'], { new: 3, old: 8 });
test('where both come to nothing, one may be missing', rounded, [2, 0, '1%'], { new: 0, old: 1 });
test('with surge alone nothing may be missing', rounded, [1, '1%', '25%'], { new: 1, old: 1 });
test('all may be missing', rounded, [3, 0, '100%'], { new: 0, old: 0 });
test('a rollout at no replicas creates an empty ReplicaSet', rounded, [0, 1, 0], {
  new: 0,
  old: 0,
});

test('old pods that do not serve go first, whatever may be missing', (t) => {
  const sick = aMember('1', 4, { status: { availableReplicas: 1 } });
  const unready = aMember('2', 1, { status: { availableReplicas: 0 } });
  t.deepEqual(sizesIn(advance(at('2'), sick, unready)), { 'cart-1': 3 });
});

test('while old ReplicaSets still shrink, their counts are not relied on', (t) => {
  const shrinking = aMember('1', 3, { status: { availableReplicas: 7 } });
  const fresh = aMember('2', 2, { status: { availableReplicas: 0 } });
  t.deepEqual(sizesIn(advance(at('2'), shrinking, fresh)), {});
});

test('a template that returns gets its ReplicaSet back, with the next number and its history', (t) => {
  const changes = advance(at('1'), aMember('1', 0), aMember('2', 4));
  t.deepEqual(told(changes), ['patch replicasets cart-1']);
  t.like(changes[0], {
    body: {
      metadata: {
        annotations: { [revision]: '3', 'deployment.kubernetes.io/revision-history': '1' },
      },
    },
  });
  const annotations = { ...aMember('1', 0).metadata.annotations, [revision]: '3' };
  const returned = aMember('1', 0, { metadata: { annotations } });
  const next = advance(at('1'), returned, aMember('2', 4));
  t.deepEqual(statusIn(next)?.['metadata'], { annotations: { [revision]: '3' } });
  t.deepEqual(sizesIn(next), { 'cart-1': 1 });
});

test('a pause is announced, then only counted: a new template gets no ReplicaSet', (t) => {
  const paused = at('2', { paused: true });
  t.deepEqual(reasonsIn(advance(paused, aMember('1', 4))), [
    'Progressing=Unknown/DeploymentPaused',
  ]);
  const stopped = { ...progressing('DeploymentPaused'), status: 'Unknown' };
  const changes = advance(
    at('2', { paused: true }, { updatedReplicas: 4, conditions: [stopped] }),
    aMember('1', 4),
  );
  t.deepEqual(told(changes), []);
  t.like(statusIn(changes), { status: { observedGeneration: 1, updatedReplicas: null } });
});

test('with one ReplicaSet in use, scaling is its size', (t) => {
  t.deepEqual(sizesIn(advance(at('2', { replicas: 7 }), aMember('1', 0), aMember('2', 4))), {
    'cart-2': 7,
  });
});

test('Recreate takes all old pods away and waits until the last has gone', (t) => {
  const recreate = { strategy: { type: 'Recreate' } };
  t.deepEqual(sizesIn(advance(at('2', recreate), aMember('1', 4))), { 'cart-1': 0 });
  const step = (terminatingReplicas: number) =>
    told(advance(at('2', recreate), aMember('1', 0, { status: { terminatingReplicas } })));
  t.deepEqual(step(1), []);
  t.regex(step(0).join(), /^create replicasets cart-/);
});

test('a rollout is complete when all pods are new and available, and says so in the same write', (t) => {
  const changes = advance(at('1'), aMember('1', 4));
  t.deepEqual(reasonsIn(changes), [
    'Available=True/MinimumReplicasAvailable',
    'Progressing=True/NewReplicaSetAvailable',
  ]);
  t.false(changes.some(({ kind }) => kind === 'look'));
});

test('progress moves the update time of its condition, not its transition time', (t) => {
  const counts = { observedGeneration: 1, replicas: 4, updatedReplicas: 4, readyReplicas: 1 };
  const before = at('1', {}, { ...counts, conditions: [progressing('ReplicaSetUpdated', 50)] });
  const changes = advance(
    before,
    aMember('1', 4, { status: { readyReplicas: 2, availableReplicas: 2 } }),
  );
  const conditions = (statusIn(changes)?.['status'] as Workload['status'])?.conditions;
  t.like(
    conditions?.find(({ type }) => type === 'Progressing'),
    {
      reason: 'ReplicaSetUpdated',
      lastUpdateTime: ago(0),
      lastTransitionTime: ago(50),
    },
  );
});

test('a rollout that stands still misses its deadline; until then it is looked at in time', (t) => {
  const stuck = aMember('1', 4, { status: { readyReplicas: 0, availableReplicas: 0 } });
  const since = (seconds: number) => {
    const conditions = [progressing('ReplicaSetUpdated', seconds)];
    return advance(at('1', {}, { replicas: 4, updatedReplicas: 4, conditions }), stuck);
  };
  t.deepEqual(since(599).at(-1), { kind: 'look', at: now + 1_001 });
  t.true(reasonsIn(since(601)).includes('Progressing=False/ProgressDeadlineExceeded'));
});

test('once complete, a rollout has no deadline any more', (t) => {
  const broken = aMember('1', 4, { status: { readyReplicas: 0, availableReplicas: 0 } });
  const counts = { observedGeneration: 1, replicas: 4, updatedReplicas: 4, availableReplicas: 4 };
  const done = at(
    '1',
    {},
    { ...counts, conditions: [progressing('NewReplicaSetAvailable', 9_000)] },
  );
  const changes = advance(done, broken);
  t.deepEqual(reasonsIn(changes), [
    'Available=False/MinimumReplicasUnavailable',
    'Progressing=True/NewReplicaSetAvailable',
  ]);
  t.false(changes.some(({ kind }) => kind === 'look'));
});

test('beyond the limit, the oldest empty ReplicaSets are forgotten once the rollout is complete', (t) => {
  const counts = { observedGeneration: 1, replicas: 4, updatedReplicas: 4, availableReplicas: 4 };
  const done = at(
    '4',
    { revisionHistoryLimit: 1 },
    { ...counts, conditions: [progressing('NewReplicaSetAvailable')] },
  );
  const sets = [aMember('1', 0), aMember('2', 0), aMember('3', 0), aMember('4', 4)];
  t.deepEqual(told(advance(done, ...sets)), [
    'delete replicasets cart-1',
    'delete replicasets cart-2',
  ]);
});

test('a complete Deployment is left alone', (t) => {
  const set = aMember('1', 4);
  const first = statusIn(advance(at('1'), set))?.['status'] as Workload['status'];
  t.deepEqual(advance(at('1', {}, first ?? {}), set), []);
});
