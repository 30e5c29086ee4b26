import test from 'ava';
import type { Judgement, Verdict } from '../../../../domain/restart/verdict.ts';
import { createStories } from '../../../../controller/loop/telling/stories.ts';
import { aJudgement, asked, now, tried } from '../../../domain/restart/plan/build.ts';

const one = aJudgement();
const settling: Verdict = {
  kind: 'waiting',
  reason: 'Settling',
  cause: 'WebhookMissed',
  until: undefined,
};
const busy: Verdict = { kind: 'waiting', reason: 'Busy', cause: 'WebhookMissed', until: undefined };
const paused: Verdict = { kind: 'held', reason: 'Paused', cause: 'WebhookMissed' };

/** What is told when one verdict follows another. */
function toldOf(...verdicts: readonly Verdict[]): readonly string[] {
  const stories = createStories();
  return verdicts.flatMap((verdict) =>
    stories.verdict({ judgement: one, verdict }).map(({ type }) => type),
  );
}

test('what has just begun is not told: it may go away by itself', (t) => {
  t.deepEqual(toldOf(settling, settling), []);
  t.deepEqual(toldOf(settling, { kind: 'current' }), []);
});

test('a verdict is told once, whatever the workload waits for meanwhile', (t) => {
  t.deepEqual(
    toldOf(
      settling,
      busy,
      { kind: 'behind', reason: 'WebhookMissed' },
      { ...busy, reason: 'RampUp' },
    ),
    ['WorkloadBehind'],
  );
});

test('another verdict is told, and the first one again when it comes back', (t) => {
  t.deepEqual(toldOf(busy, paused, busy), ['WorkloadBehind', 'WorkloadHeld', 'WorkloadBehind']);
});

test('what is current again and then behind again is news', (t) => {
  t.deepEqual(toldOf(paused, { kind: 'current' }, paused), ['WorkloadHeld', 'WorkloadHeld']);
});

test('during a rollout the story is open', (t) => {
  t.deepEqual(toldOf(paused, { ...busy, reason: 'RolloutInProgress' }, paused), ['WorkloadHeld']);
});

test('one that is gone and comes again is news', (t) => {
  const stories = createStories();
  const told = { judgement: one, verdict: paused };
  t.is(stories.verdict(told).length, 1);
  stories.forget(one.key);
  t.is(stories.verdict(told).length, 1);
});

test('a verdict comes with the advice for it', (t) => {
  const stories = createStories();
  const [fact] = stories.verdict({ judgement: one, verdict: paused });
  t.like(fact, { type: 'WorkloadHeld', reason: 'Paused', cause: 'WebhookMissed' });
  t.regex(
    fact?.type === 'WorkloadHeld' ? (fact.advice.remedy ?? '') : '',
    /kubectl rollout resume deployment\/cart -n shop/,
  );
});

const underWay = tried('underWay', 60);

/** What is told when the restart that was under way is seen to have come to this. */
function outcomeOf(before: Judgement['attempt'], after: Judgement['attempt']) {
  return createStories()
    .outcomes([{ before: { ...one, attempt: before }, now: { ...one, attempt: after } }], now)
    .map(({ type }) => type);
}

for (const [kind, type] of [
  ['succeeded', 'RestartSucceeded'],
  ['failed', 'RestartFailed'],
  ['didNotHelp', 'RestartDidNotHelp'],
  ['reverted', 'RestartReverted'],
  ['over', 'RestartSuperseded'],
] as const) {
  test(`a restart that was under way and is ${kind} is told as ${type}`, (t) => {
    t.deepEqual(outcomeOf(underWay, tried(kind, 60)), [type]);
  });
}

test('a restart that goes on is not told', (t) => {
  t.deepEqual(outcomeOf(underWay, underWay), []);
});

test('a restart that nobody here has seen under way is not told', (t) => {
  t.deepEqual(
    createStories().outcomes(
      [{ before: undefined, now: { ...one, attempt: tried('succeeded', 60) } }],
      now,
    ),
    [],
  );
});

test('a success tells how long it took', (t) => {
  const after = { ...one, attempt: tried('succeeded', 75) };
  const [fact] = createStories().outcomes(
    [{ before: { ...one, attempt: underWay }, now: after }],
    now,
  );
  t.like(fact, { tookSeconds: 75, number: 1, asked });
});

const breaker = { since: now - 60, workload: 'Deployment/shop/a', reason: 'R', settings: 's' };

test('a breaker is told when it opens and when it closes', (t) => {
  const { breakers } = createStories();
  t.deepEqual(breakers(new Map(), now), []);
  t.like(breakers(new Map([['shop/main', breaker]]), now)[0], { type: 'BreakerOpened' });
  t.deepEqual(breakers(new Map([['shop/main', breaker]]), now), []);
  t.like(breakers(new Map(), now)[0], { type: 'BreakerClosed', instrumentation: 'shop/main' });
});

test('a breaker that a leader finds open was told by the one before', (t) => {
  t.deepEqual(createStories().breakers(new Map([['shop/main', breaker]]), now), []);
  const fresh = new Map([['shop/main', { ...breaker, since: now }]]);
  t.is(createStories().breakers(fresh, now).length, 1);
});
