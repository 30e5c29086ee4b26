import test from 'ava';
import type { Judgement } from '../../../../domain/restart/verdict.ts';
import {
  aJudgement,
  aRound,
  askedBefore,
  behind,
  days,
  mended,
  minutes,
  planned,
  putOff,
  restarted,
  settledFor,
  tried,
  wide,
  type Said,
} from './build.ts';

const waiting = Array.from({ length: 20 }, (_, index) => aJudgement(`Deployment/wait${index}/web`));

const goNext = (others: readonly Judgement[], rampStart = 1) =>
  restarted(planned(aRound([...others, ...waiting]), { ...wide, rampStart })).length;

const succeeded = (count: number, said: Said = {}) =>
  Array.from({ length: count }, (_, index) =>
    mended(`Deployment/done${index}/web`, minutes(40), said),
  );

const steps: readonly (readonly [successes: number, next: number])[] = [
  [0, 1],
  [1, 2],
  [3, 4],
  [7, 8],
  [15, 16],
];

for (const [successes, next] of steps) {
  test(`after ${successes} successes of the present settings ${next} go at once`, (t) => {
    t.is(goNext(succeeded(successes)), next);
  });
}

test('the first step is a setting', (t) => {
  t.is(goNext([], 3), 3);
});

test('whoever waits for the ramp is told so', (t) => {
  const made = planned(aRound(waiting.slice(0, 2)), { ...wide, rampStart: 1 });
  t.deepEqual(putOff(made), ['Deployment/wait1/web RampUp']);
});

const outsiders: readonly (readonly [string, Said, next: number])[] = [
  ['one that is under way', { attempt: tried('underWay', minutes(2)), verdict: behind }, 0],
  [
    'one that is up and has not been so for 15 minutes',
    { attempt: tried('succeeded', minutes(3)) },
    0,
  ],
  ['one that its owner deployed over a minute ago', { attempt: tried('over', minutes(1)) }, 0],
  ['one that its owner deployed over long ago', { attempt: tried('over', minutes(40)) }, 1],
  [
    'one that has just failed, and is said to be history',
    { attempt: tried('reverted', minutes(5)) },
    0,
  ],
  [
    'a success with other settings',
    { attempt: tried('succeeded', days(1), { asked: askedBefore }) },
    1,
  ],
];

for (const [title, said, next] of outsiders) {
  test(`the first restart goes alone: beside ${title} ${next === 0 ? 'nobody goes' : 'one goes'}`, (t) => {
    const verdict = { kind: 'exempt', reason: 'NothingRuns' } as const;
    // The breaker is another matter.
    const coverage = { missing: 0 };
    t.is(goNext([aJudgement('Deployment/out/web', { coverage, ...said, verdict })]), next);
  });
}

test('successes from before the settings last changed say nothing of them', (t) => {
  const round = aRound([...succeeded(3), ...waiting], {
    instrumentations: [settledFor(minutes(20))],
  });
  t.is(restarted(planned(round, { ...wide, rampStart: 1 })).length, 1);
});

test('each Instrumentation has a ramp of its own', (t) => {
  const other = { wanted: { instrumentations: ['shop/other'] } };
  const judgements = [
    ...waiting.slice(0, 3),
    aJudgement('Deployment/wait8/web', other),
    aJudgement('Deployment/wait9/web', other),
  ];
  const instrumentations = [settledFor(days(1)), settledFor(days(1), { name: 'other' })];
  const made = planned(aRound(judgements, { instrumentations }), { ...wide, rampStart: 1 });
  t.deepEqual(restarted(made), ['Deployment/wait0/web', 'Deployment/wait8/web']);
});
