import test from 'ava';
import {
  countAt,
  identityOf,
  metadataOf,
  ownerOf,
  secondsAt,
} from '../../../../domain/restart/records/metadata.ts';

const metadata = {
  name: 'cart',
  namespace: 'shop',
  uid: 'u',
  creationTimestamp: '2026-11-21T10:00:00Z',
  deletionTimestamp: '2026-11-21T10:00:30Z',
};

test('an object says who it is, and when it came and goes', (t) => {
  t.deepEqual(identityOf(metadata), {
    namespace: 'shop',
    name: 'cart',
    uid: 'u',
    createdAt: 1_795_255_200,
    deletedAt: 1_795_255_230,
  });
  t.deepEqual(identityOf({ name: 'shop' }), {
    namespace: '',
    name: 'shop',
    uid: '',
    createdAt: 0,
    deletedAt: undefined,
  });
});

test('what has no name is no object', (t) => {
  for (const json of [undefined, null, 1, 'x', [], {}, { metadata: {} }, { metadata: { name: 1 } }])
    t.is(metadataOf(json), undefined);
  t.is(metadataOf({ metadata }), metadata);
});

test('of several owners the controller is the one', (t) => {
  const other = { kind: 'Node', name: 'n', uid: 'n' };
  const owner = { kind: 'ReplicaSet', name: 'cart-1', uid: 'r' };
  const references = [other, null, { ...owner, controller: true, apiVersion: 'apps/v1' }];
  t.deepEqual(ownerOf({ ownerReferences: references }), owner);
  t.is(ownerOf({ ownerReferences: [other] }), undefined);
  t.is(ownerOf({ ownerReferences: [{ kind: 'Job', controller: true }] }), undefined);
  t.is(ownerOf({}), undefined);
});

test('a time is whole seconds, and what is none is nothing', (t) => {
  t.is(secondsAt({ at: '1970-01-01T00:01:00.900Z' }, 'at'), 60);
  for (const at of ['soon', '', 5, null]) t.is(secondsAt({ at }, 'at'), undefined);
});

test('a counter that is left out is zero, or what it then means', (t) => {
  t.is(countAt({ replicas: 3 }, 'replicas'), 3);
  t.is(countAt({}, 'replicas'), 0);
  t.is(countAt({ replicas: '3' }, 'replicas', 1), 1);
});
