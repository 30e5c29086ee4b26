import test from 'ava';
import { read } from '../../../../domain/restart/judge/reading.ts';
import {
  aMarker,
  anOtherMarker,
  aSnapshot,
  day,
  minute,
  theLimits,
  type Scene,
} from '../../../support/restart.ts';

const readingOf = (scene: Scene) => read(aSnapshot(scene), theLimits);

/** A restart of ours whose pods crash. */
const crashing = (marker: string, scene: Scene = {}): Scene => ({
  marker,
  revisions: [
    { number: 2, age: 5 * minute, marker },
    { number: 1, age: day },
  ],
  pods: [{ age: 4 * minute, waiting: 'CrashLoopBackOff' }],
  ...scene,
});

test('a reading says what is lacking, how the rollout goes and what came of our restart', (t) => {
  const reading = readingOf({ pods: [{ carries: 'stamp' }, {}] });
  t.is(reading.lack, 'missing');
  t.true(reading.rollout.isComplete);
  t.is(reading.attempt.kind, 'none');
  t.false(reading.isForgiven);
});

test('a failure for the present settings is not forgiven', (t) => {
  const { attempt, isForgiven } = readingOf(crashing(aMarker(1, 5 * minute)));
  t.is(attempt.kind, 'failed');
  t.false(isForgiven);
});

test('a failure for other settings is forgiven, and so is one that was resumed', (t) => {
  t.true(readingOf(crashing(anOtherMarker(1, 5 * minute))).isForgiven);
  const annotations = { 'otel-retrofit.dev/resume': '1' };
  t.true(readingOf(crashing(aMarker(1, 5 * minute), { annotations })).isForgiven);
});

test('what is over by time alone is not forgiven: it is the owner’s', (t) => {
  const marker = aMarker(1, day);
  const { attempt, isForgiven } = readingOf({
    ...crashing(marker),
    revisions: [{ number: 2, age: day, marker }],
  });
  t.is(attempt.kind, 'over');
  t.false(isForgiven);
});
