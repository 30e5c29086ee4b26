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
  const made = planned(aRound([aJudgement()], { provenAt: undefined }));
  t.deepEqual(putOff(made), ['Deployment/shop/cart WebhookUnproven']);
});

test('a pod that came without the agent after the last proof wants another one', (t) => {
  const young = aJudgement(undefined, { youngestBareAt: now - 10 });
  for (const [provenAt, count] of [
    [now - 60, 0],
    [now - 10, 0],
    [now - 9, 1],
  ] as const)
    t.is(restarted(planned(aRound([young], { provenAt }))).length, count, `${now - provenAt}`);
});

test('pods that came before the last proof, or lack nothing but new settings, wait for no other', (t) => {
  for (const youngestBareAt of [now - 61, undefined]) {
    const one = aJudgement(undefined, { youngestBareAt });
    t.is(restarted(planned(aRound([one], { provenAt: now - 60 }))).length, 1);
  }
});

const wakeAt = (youngestBareAt: number) =>
  planned(aRound([aJudgement(undefined, { youngestBareAt })], { provenAt: now })).wakeAt;

test('a younger proof is waited for where it can be had, and one of the same second counts for nothing', (t) => {
  t.is(wakeAt(now), now + 1);
  t.is(wakeAt(now + 5), now + 6);
  const made = planned(
    aRound([aJudgement(undefined, { youngestBareAt: now - 1 })], { provenAt: now - 2 }),
  );
  t.deepEqual(putOff(made), ['Deployment/shop/cart WebhookUnproven']);
  t.is(made.wakeAt, undefined);
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
  const untoldAt = [now - 5, now - hours(2)];
  t.is(restarted(planned(aRound(waiting, { untoldAt }), hourly)).length, 2);
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
