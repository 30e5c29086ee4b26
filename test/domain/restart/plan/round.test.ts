import test from 'ava';
import {
  earlier,
  instrumentationsOf,
  isCandidate,
  isOfPresentSettings,
} from '../../../../domain/restart/plan/round.ts';
import { aJudgement, askedBefore, current, minutes, tried } from './build.ts';

test('a candidate is behind and would be given something', (t) => {
  t.true(isCandidate(aJudgement()));
  t.false(isCandidate(aJudgement(undefined, { verdict: current })));
  const nothing = { ...aJudgement(), wanted: { kind: 'nothing', reason: 'NotAsked' } } as const;
  t.false(isCandidate(nothing));
  t.deepEqual(instrumentationsOf(nothing), []);
});

const of = (one: Parameters<typeof aJudgement>[1]) =>
  isOfPresentSettings(aJudgement(undefined, one));

test('a restart is of the present settings if it asked for what is asked now', (t) => {
  t.true(of({ attempt: tried('succeeded', minutes(1)) }));
  t.false(of({ attempt: tried('succeeded', minutes(1), { asked: askedBefore }) }));
  t.false(of({}));
});

test('the earlier of two times, of which either may not be known', (t) => {
  t.is(earlier(3, 2), 2);
  t.is(earlier(undefined, 3), 3);
  t.is(earlier(3, undefined), 3);
  t.is(earlier(undefined, undefined), undefined);
});
