import test from 'ava';
import { ownersOf } from '../../../../domain/injection/sdk/owners.ts';
import type { Json, JsonObject } from '../../../../domain/json.ts';
import { frozen } from '../../../support/build.ts';

const owned = test.macro(
  (t, ownerReferences: Json, labels: JsonObject, expected: readonly string[]) => {
    const owners = ownersOf(frozen({ ownerReferences }), frozen(labels));
    t.deepEqual(
      owners.map(({ kind, name, uid }) => `${kind}/${name}${uid === undefined ? '' : `#${uid}`}`),
      expected,
    );
  },
);

const by = (kind: string, name: string) => [{ kind, name, uid: 'u1' }];
const hash = { 'pod-template-hash': '7c9f' };

test('a pod without owners has none', owned, null, {}, []);
test(
  'a ReplicaSet belongs to the Deployment whose hash it carries',
  owned,
  by('ReplicaSet', 'cart-7c9f'),
  hash,
  ['replicaset/cart-7c9f#u1', 'deployment/cart'],
);
test('a Deployment’s name may end like a hash', owned, by('ReplicaSet', 'cart-7c9f-7c9f'), hash, [
  'replicaset/cart-7c9f-7c9f#u1',
  'deployment/cart-7c9f',
]);
test(
  'a ReplicaSet belongs to the Rollout whose hash it carries',
  owned,
  by('ReplicaSet', 'cart-55d'),
  { 'rollouts-pod-template-hash': '55d' },
  ['replicaset/cart-55d#u1', 'rollout/cart'],
);
test('a ReplicaSet of one’s own has no maker', owned, by('ReplicaSet', 'cart-7c9f'), {}, [
  'replicaset/cart-7c9f#u1',
]);
test(
  'a hash that is not at the end of the name tells nothing',
  owned,
  by('ReplicaSet', 'cart-7c9f-x'),
  hash,
  ['replicaset/cart-7c9f-x#u1'],
);
test('a hash without a dash before it tells nothing', owned, by('ReplicaSet', 'cart7c9f'), hash, [
  'replicaset/cart7c9f#u1',
]);
test('a hash that is the whole name tells nothing', owned, by('ReplicaSet', '-7c9f'), hash, [
  'replicaset/-7c9f#u1',
]);
test(
  'a Job with a number behind it belongs to a CronJob',
  owned,
  by('Job', 'report-29123456'),
  {},
  ['job/report-29123456#u1', 'cronjob/report'],
);
test('a CronJob’s name may have numbers of its own', owned, by('Job', 'report-2-29123456'), {}, [
  'job/report-2-29123456#u1',
  'cronjob/report-2',
]);
test('a Job without a number is its own', owned, by('Job', 'migrate'), {}, ['job/migrate#u1']);
test('a Job whose name is a number alone is its own', owned, by('Job', '-1'), {}, ['job/-1#u1']);
for (const kind of ['StatefulSet', 'DaemonSet', 'Deployment', 'CronJob']) {
  test(`a ${kind} is told as it is`, owned, by(kind, 'cart-7c9f'), hash, [
    `${kind.toLowerCase()}/cart-7c9f#u1`,
  ]);
}
test('a kind is read in any case', owned, by('STATEFULSET', 'db'), {}, ['statefulset/db#u1']);
test('a kind that nobody knows tells nothing', owned, by('Rollout', 'cart'), hash, []);
test('a kind that every object answers to tells nothing', owned, by('constructor', 'x'), {}, []);
test('all owners are told', owned, [...by('StatefulSet', 'db'), ...by('Job', 'x-1')], {}, [
  'statefulset/db#u1',
  'job/x-1#u1',
  'cronjob/x',
]);
test('an owner without a uid is told without one', owned, [{ kind: 'Job', name: 'x' }], {}, [
  'job/x',
]);
test(
  'what is no owner is passed over',
  owned,
  [null, 'x', {}, { kind: 'Job' }, { name: 'x' }, { kind: 1, name: 2 }],
  {},
  [],
);
test('owners that are no list are none', owned, { kind: 'Job', name: 'x' }, {}, []);
