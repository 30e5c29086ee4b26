import test from 'ava';
import { readStrategy } from '../../../../domain/restart/records/strategy.ts';

test('a Deployment that says nothing rolls a quarter at a time', (t) => {
  t.deepEqual(readStrategy('Deployment', {}), {
    type: 'RollingUpdate',
    maxUnavailable: '25%',
    maxSurge: '25%',
    partition: 0,
    isPaused: false,
    minReadySeconds: 0,
    progressDeadlineSeconds: 600,
    revisionHistoryLimit: 10,
  });
});

test('a StatefulSet and a DaemonSet that say nothing roll one at a time, with no deadline', (t) => {
  for (const kind of ['StatefulSet', 'DaemonSet'] as const)
    t.like(readStrategy(kind, {}), {
      type: 'RollingUpdate',
      maxUnavailable: 1,
      maxSurge: 0,
      progressDeadlineSeconds: undefined,
    });
});

test('what is said counts', (t) => {
  t.like(readStrategy('Deployment', { strategy: { type: 'Recreate' }, paused: true }), {
    type: 'Recreate',
    isPaused: true,
  });
  const updateStrategy = {
    type: 'RollingUpdate',
    rollingUpdate: { partition: 3, maxUnavailable: '100%' },
  };
  t.like(readStrategy('StatefulSet', { updateStrategy, minReadySeconds: 30 }), {
    partition: 3,
    maxUnavailable: '100%',
    minReadySeconds: 30,
  });
  t.is(readStrategy('DaemonSet', { updateStrategy: { type: 'OnDelete' } }).type, 'OnDelete');
  t.is(readStrategy('Deployment', { revisionHistoryLimit: 0 }).revisionHistoryLimit, 0);
});

test('what is no amount is as if it were not there', (t) => {
  const strategy = { rollingUpdate: { maxSurge: null, maxUnavailable: [] } };
  t.like(readStrategy('Deployment', { strategy, paused: 'true' }), {
    maxSurge: '25%',
    maxUnavailable: '25%',
    isPaused: false,
  });
});
