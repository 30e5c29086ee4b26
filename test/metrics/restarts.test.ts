import test from 'ava';
import { restartCounters, restartDuration, roundDuration } from '../../metrics/restarts.ts';
import { reasonsFor } from '../../metrics/rows.ts';

const counter = (name: string) => restartCounters.find((one) => one.name === name);

test('every kind has a series for each cause of a restart from the start', (t) => {
  const kinds = ['Deployment', 'StatefulSet', 'DaemonSet'];
  t.deepEqual(
    counter('retrofit_restarts_total')?.fromStart,
    kinds.flatMap((kind) => reasonsFor('behind').map((cause) => ({ kind, cause }))),
  );
});

test('what can come of a restart is written down, and each is there from the start', (t) => {
  const found = counter('retrofit_restart_outcomes_total')?.fromStart ?? [];
  t.deepEqual(
    [...new Set(found.map(({ outcome }) => outcome))],
    ['succeeded', 'failed', 'did_not_help', 'reverted', 'superseded', 'rejected'],
  );
  t.is(found.length, 18);
});

test('a restart of two hours and a round of a millisecond can be told from longer ones', (t) => {
  t.is(restartDuration.buckets.at(-1), 7_200);
  t.is(roundDuration.buckets[0], 0.001);
});
