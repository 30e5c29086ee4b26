import test from 'ava';
import type { Time } from '../../../controller/kube/pace.ts';
import { createServerClock } from '../../../controller/loop/clock.ts';

/** A machine whose own calendar is wrong by years, as that of the server is not. */
function scene() {
  let ms = 5_000;
  const time: Time = { now: () => ms, wall: () => 1_000, wait: () => Promise.resolve() };
  const clock = createServerClock(time);
  const pass = (by: number) => {
    ms += by;
  };
  /** An answer that took so long, given when it was that time. */
  const answer = (at: string, tookMs = 0) => {
    const sentAt = ms;
    ms += tookMs;
    clock.note(new Date(at).toUTCString(), sentAt);
  };
  const shows = () => new Date(clock.now() * 1_000).toISOString();
  return { clock, pass, answer, shows };
}

test('it shows the time of the API server, and goes on between answers', (t) => {
  const { answer, pass, shows } = scene();
  answer('2026-11-21T10:00:00Z');
  pass(90_000);
  t.is(shows(), '2026-11-21T10:01:30.000Z');
});

test('before the first answer there is only our own', (t) => {
  t.is(scene().clock.now(), 1);
});

test('dates are cut to seconds, and several of them tell more than one', (t) => {
  const { answer, pass, shows } = scene();
  answer('2026-11-21T10:00:00.900Z');
  pass(200);
  answer('2026-11-21T10:00:01.100Z');
  pass(900);
  t.is(shows(), '2026-11-21T10:00:01.000Z');
  pass(100);
  t.is(shows(), '2026-11-21T10:00:02.000Z');
});

test('an answer that took long moves nothing back', (t) => {
  const { answer, shows } = scene();
  answer('2026-11-21T10:00:00Z');
  answer('2026-11-21T10:00:01Z', 30_000);
  t.is(shows(), '2026-11-21T10:00:30.000Z');
});

test('a clock that was put right is followed, in both directions', (t) => {
  const { answer, pass, shows } = scene();
  answer('2026-11-21T10:00:00Z');
  pass(1_000);
  answer('2026-11-21T09:55:01Z');
  t.is(shows(), '2026-11-21T09:55:01.000Z');
  pass(1_000);
  answer('2026-11-21T10:05:02Z');
  t.is(shows(), '2026-11-21T10:05:02.000Z');
});

test('what is no date is passed over', (t) => {
  const { answer, clock, shows } = scene();
  answer('2026-11-21T10:00:00Z');
  clock.note('yesterday', 0);
  t.is(shows(), '2026-11-21T10:00:00.000Z');
});
