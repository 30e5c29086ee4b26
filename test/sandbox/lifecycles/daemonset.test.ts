import test from 'ava';
import { advanceDaemonSet } from '../../../sandbox/lifecycles/daemonset.ts';
import type { Workload } from '../../../sandbox/lifecycles/shapes.ts';
import {
  aDaemonSet,
  aPod,
  aRevision,
  aWorld,
  ago,
  bodyOf,
  metadata,
  now,
  statusIn,
  templateOf,
  told,
} from './builders.ts';

const nodes = ['a', 'b', 'c'].map((name) => ({
  metadata: metadata(name, { labels: name === 'b' ? { place: 'kitchen' } : {} }),
}));

/** A pod on a node, after a template; without more, it serves. */
const member = (node: string, version: string, more: Parameters<typeof aPod>[1] = {}) =>
  aPod(`on-${node}-${version}`, {
    node,
    readyFor: 50,
    labels: { app: 'cart', 'controller-revision-hash': version },
    ...more,
  });

const unready = { readyFor: undefined };
const revisions = ['1', '2'].map((version) =>
  aRevision(`cart-${version}`, Number(version), {
    labels: { 'controller-revision-hash': version },
  }),
);

const at = (version: string, spec: Partial<Workload['spec']> = {}) =>
  aDaemonSet({ spec: { template: templateOf(version), ...spec } });
const rolling = (maxUnavailable: number | string) => ({
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable } },
});

/** Template 2 has its revision from the moment on that it is there. */
const advance = (set: Workload, ...pods: readonly ReturnType<typeof aPod>[]) =>
  advanceDaemonSet(
    set,
    aWorld({ nodes, pods, revisions: revisions.slice(0, isSecond(set) ? 2 : 1) }),
    now,
  );
const isSecond = ({ spec }: Workload) => JSON.stringify(spec.template).includes('"version":"2"');
const old = () => ['a', 'b', 'c'].map((node) => member(node, '1'));

test('the first step writes a revision and a pod for each node, which says in its affinity where it belongs', (t) => {
  const set = aDaemonSet({ metadata: { annotations: { owner: 'us' } } });
  const changes = advanceDaemonSet(set, aWorld({ nodes }), now);
  const hash = bodyOf(changes[0]).metadata.labels?.['controller-revision-hash'];
  t.like(bodyOf(changes[0]), {
    metadata: {
      name: `cart-${hash}`,
      annotations: { owner: 'us' },
      ownerReferences: [{ kind: 'DaemonSet' }],
    },
    revision: 1,
  });
  t.is(told(changes).length, 4);
  const here = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] }];
  t.like(bodyOf(changes[1]), {
    metadata: { labels: { 'controller-revision-hash': hash } },
    spec: {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: here },
        },
      },
    },
  });
});

test('a pod that is not bound yet already counts for its node', (t) => {
  const created = advanceDaemonSet(at('2'), aWorld({ nodes, revisions }), now);
  const pods = created
    .filter(({ kind }) => kind === 'create')
    .map((change, index) => {
      const { metadata: made, spec } = bodyOf(change);
      return {
        metadata: metadata(`p-${index}`, { labels: made.labels ?? {} }),
        spec,
        status: { phase: 'Pending' },
      };
    });
  const changes = advance(at('2'), ...pods);
  t.deepEqual(told(changes), []);
  t.like(statusIn(changes), {
    status: {
      desiredNumberScheduled: 3,
      currentNumberScheduled: 3,
      numberReady: 0,
      updatedNumberScheduled: 3,
      numberUnavailable: 3,
      numberMisscheduled: 0,
    },
  });
});

test('a new template is seen while all counters still look well; one pod goes', (t) => {
  const changes = advance(at('2'), ...old());
  t.deepEqual(told(changes), ['delete pods on-a-1']);
  const leaving = member('a', '1', { deletionTimestamp: ago(0) });
  const next = advance(at('2'), leaving, ...old().slice(1));
  t.deepEqual(told(next), []);
  t.like(statusIn(next), { status: { observedGeneration: 1, numberReady: 3, numberAvailable: 3 } });
  t.false('updatedNumberScheduled' in ((statusIn(next)?.['status'] ?? {}) as object));
});

test('the next one goes when the new one serves', (t) => {
  const rest = old().slice(1);
  t.deepEqual(told(advance(at('2'), ...rest)), ['create pods cart-']);
  t.deepEqual(told(advance(at('2'), member('a', '2', unready), ...rest)), []);
  t.deepEqual(told(advance(at('2'), member('a', '2'), ...rest)), ['delete pods on-b-1']);
});

test('as many may be missing as a percentage says, rounded up', (t) => {
  t.is(told(advance(at('2', rolling('50%')), ...old())).length, 2);
});

test('an old pod that does not serve is replaced at once, and counts as missing', (t) => {
  const pods = [member('a', '1', unready), member('b', '1'), member('c', '1')];
  t.deepEqual(told(advance(at('2'), ...pods)), ['delete pods on-a-1']);
});

test('on delete, a new template is only seen', (t) => {
  const changes = advance(at('2', { updateStrategy: { type: 'OnDelete' } }), ...old());
  t.deepEqual(told(changes), []);
  t.like(statusIn(changes), { status: { observedGeneration: 1, numberAvailable: 3 } });
});

test('of two pods on a node the younger goes; one that has ended is replaced', (t) => {
  const twice = [...old(), member('a', '1', { uid: 'another', creationTimestamp: ago(1) })];
  t.is(told(advance(at('1'), ...twice)).length, 1);
  const ended = [member('a', '1', { phase: 'Failed' }), member('b', '1'), member('c', '1')];
  t.deepEqual(told(advance(at('1'), ...ended)), ['delete pods on-a-1', 'create pods cart-']);
});

test('a template that returns gets its revision back, with the next number', (t) => {
  const pods = ['a', 'b', 'c'].map((node) => member(node, '2'));
  const changes = advanceDaemonSet(at('1'), aWorld({ nodes, pods, revisions }), now);
  t.deepEqual(told(changes), ['patch controllerrevisions cart-1', 'delete pods on-a-2']);
  t.like(changes[0], { body: { revision: 3 } });
});
