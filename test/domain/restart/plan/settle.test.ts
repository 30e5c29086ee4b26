import test from 'ava';
import { roomAt } from '../../../../domain/restart/plan/settle.ts';
import {
  aJudgement,
  aRound,
  days,
  hours,
  minutes,
  now,
  outdated,
  planned,
  settledFor,
} from './build.ts';

const untilOf = (round: Parameters<typeof planned>[0]) => {
  const verdict = planned(round).verdicts.get('Deployment/shop/cart');
  return verdict?.kind === 'waiting' ? [verdict.reason, (verdict.until ?? 0) - now] : verdict?.kind;
};

const seen = (ago: number) => untilOf(aRound([aJudgement(undefined, { since: now - ago })]));

test('bare pods have to be seen for 30 seconds', (t) => {
  t.deepEqual(seen(0), ['Settling', 30]);
  t.deepEqual(seen(29), ['Settling', 1]);
  t.is(seen(30), 'behind');
});

const changed = (instrumentation: Parameters<typeof settledFor>) =>
  untilOf(
    aRound([aJudgement(undefined, { verdict: outdated })], {
      instrumentations: [settledFor(...instrumentation)],
    }),
  );

test('settings have to hold still for 10 minutes before restarts follow them', (t) => {
  t.deepEqual(changed([minutes(4)]), ['Settling', minutes(6)]);
  t.is(changed([minutes(10)]), 'behind');
});

test('the difference itself has to be seen for 30 seconds too, whatever made it', (t) => {
  const judgement = aJudgement(undefined, { verdict: outdated, since: now - 1 });
  t.deepEqual(untilOf(aRound([judgement])), ['Settling', 29]);
});

const followed: readonly (readonly [string, readonly number[], unknown])[] = [
  ['one change in a day is followed by a second', [hours(3)], ['Settling', 1]],
  [
    'the third of a day waits until the first is a day old',
    [hours(3), hours(20)],
    ['Settling', hours(4)],
  ],
  [
    'the fifth of a week waits until the first is a week old',
    [days(2), days(3), days(5), days(6)],
    ['Settling', days(1)],
  ],
  ['changes of last week are forgotten', [days(8), days(9), days(10), days(11)], ['Settling', 1]],
  [
    'one that is followed already goes on being followed',
    [minutes(11), hours(3), hours(4)],
    'behind',
  ],
];

for (const [title, followedAgo, expected] of followed) {
  test(`changes that restarts followed: ${title}`, (t) => {
    t.deepEqual(changed([minutes(11), { followedAgo }]), expected);
  });
}

test('pods that ask for two Instrumentations wait for both to settle', (t) => {
  const judgement = aJudgement(undefined, {
    verdict: outdated,
    wanted: { instrumentations: ['shop/main', 'shop/other'] },
  });
  const instrumentations = [settledFor(days(1)), settledFor(minutes(4), { name: 'other' })];
  t.deepEqual(untilOf(aRound([judgement], { instrumentations })), ['Settling', minutes(6)]);
});

test('there is room in a window once so many times have left it', (t) => {
  t.is(roomAt([], 2, 60), 0);
  t.is(roomAt([100], 2, 60), 0);
  t.is(roomAt([100, 130], 2, 60), 160);
  t.is(roomAt([130, 100, 110], 2, 60), 170);
});
