import test from 'ava';
import type { Seconds } from '../../../../domain/restart/records/metadata.ts';
import type { Judgement, Verdict } from '../../../../domain/restart/verdict.ts';
import { createStories, type Stories } from '../../../../controller/loop/telling/stories.ts';
import { aJudgement, now } from '../../../domain/restart/plan/build.ts';

const waiting = (reason: 'DisruptionNotAllowed' | 'Busy'): Verdict => ({
  kind: 'waiting',
  reason,
  cause: 'WebhookMissed',
  until: undefined,
});

const cart = aJudgement('Deployment/shop/cart', { verdict: waiting('DisruptionNotAllowed') });
const free = { ...cart, verdict: { kind: 'behind', reason: 'WebhookMissed' } } as const;

/** A round in which this workload is looked at, or nobody is. */
const round = (stories: Stories, at: Seconds, judgement?: Judgement) =>
  stories
    .outcomes(judgement ? [{ before: undefined, now: judgement }] : [], at)
    .flatMap((fact) => (fact.type === 'WorkloadKeptWaiting' ? [fact] : []));

/** A leader that has led for a while. */
function leading(): Stories {
  const stories = createStories();
  round(stories, now - 1);
  return stories;
}

test('a budget that has spared no pod for five minutes is told of, once', (t) => {
  const stories = leading();
  t.deepEqual(round(stories, now, cart), []);
  t.deepEqual(round(stories, now + 299), []);
  const [fact, ...others] = round(stories, now + 300);
  t.is(others.length, 0);
  t.like(fact, { reason: 'DisruptionNotAllowed', cause: 'WebhookMissed', isNews: true });
  t.true(fact?.advice.remedy?.includes('`kubectl get poddisruptionbudgets -n shop`'));
  t.deepEqual(round(stories, now + 301, cart), []);
  t.deepEqual(round(stories, now + 90_000), []);
});

test('a budget that spares a pod again in time is not told of', (t) => {
  const stories = leading();
  round(stories, now, cart);
  round(stories, now + 200, free);
  round(stories, now + 250, cart);
  t.deepEqual(round(stories, now + 400), []);
  t.is(round(stories, now + 550).length, 1);
});

test('one that is gone, or is another of the same name, has not waited', (t) => {
  const stories = leading();
  round(stories, now, cart);
  stories.outcomes([{ before: cart, now: undefined }], now + 100);
  t.deepEqual(round(stories, now + 400), []);
  round(stories, now + 400, cart);
  const other = { ...cart, workload: { ...cart.workload, uid: 'another' } };
  t.deepEqual(round(stories, now + 600, other), []);
  t.deepEqual(round(stories, now + 800), []);
  t.is(round(stories, now + 900).length, 1);
});

test('what a leader finds waiting is no news, though its Event is written where it is missing', (t) => {
  const stories = createStories();
  round(stories, now, cart);
  t.like(round(stories, now + 300)[0], { type: 'WorkloadKeptWaiting', isNews: false });
});

test('what waits for its turn is not told of, however long that takes', (t) => {
  const stories = leading();
  round(stories, now, { ...cart, verdict: waiting('Busy') });
  t.deepEqual(round(stories, now + 90_000), []);
});
