import test from 'ava';
import {
  aJudgement,
  aRound,
  hours,
  mended,
  minutes,
  now,
  planned,
  putOff,
  restarted,
  tried,
  wide,
} from './build.ts';

test('until it is warm a leader restarts nothing', (t) => {
  const made = planned(aRound([aJudgement()], { warmAt: now + 7 }));
  t.deepEqual(putOff(made), ['Deployment/shop/cart WarmingUp']);
  t.is(made.wakeAt, now + 7);
  t.is(restarted(planned(aRound([aJudgement()], { warmAt: now }))).length, 1);
});

test('while the webhook is not seen to work nothing is restarted', (t) => {
  const made = planned(aRound([aJudgement()], { isWebhookProven: false }));
  t.deepEqual(putOff(made), ['Deployment/shop/cart WebhookUnproven']);
});

const hourly = { ...wide, perHour: 3 };
const waiting = [1, 2, 3].map((index) => aJudgement(`Deployment/wait${index}/web`));

test('restarts of the last hour count, by whatever marker or revision tells of them', (t) => {
  const twice = mended('Deployment/done/web', minutes(50), {
    attempt: tried('succeeded', minutes(50), { times: [now - minutes(10), now - minutes(50)] }),
  });
  const made = planned(aRound([twice, ...waiting]), hourly);
  t.is(restarted(made).length, 1);
  t.is(made.wakeAt, now + minutes(10));
});

test('those of an hour ago do not', (t) => {
  const round = aRound([mended('Deployment/done/web', hours(1)), ...waiting]);
  t.is(restarted(planned(round, hourly)).length, 3);
});

test('a write that was refused counts as well', (t) => {
  const refusedAt = [now - 5, now - hours(2)];
  t.is(restarted(planned(aRound(waiting, { refusedAt }), hourly)).length, 2);
});

test('a time ahead of our clock counts: clocks differ', (t) => {
  const ahead = mended('Deployment/done/web', -minutes(5));
  t.is(restarted(planned(aRound([ahead, ...waiting]), hourly)).length, 2);
});

test('none per hour is none', (t) => {
  const made = planned(aRound(waiting), { ...wide, perHour: 0 });
  t.deepEqual(restarted(made), []);
  t.is(made.wakeAt, undefined);
});
