import test from 'ava';
import { createStories } from '../../../../controller/loop/telling/stories.ts';
import { aJudgement, now, tried } from '../../../domain/restart/plan/build.ts';

type Kind = Parameters<typeof tried>[0];

function told(before: Kind, after: Kind): readonly string[] {
  const one = aJudgement();
  const change = {
    before: { ...one, attempt: tried(before, 60) },
    now: { ...one, attempt: tried(after, 60) },
  };
  return createStories()
    .outcomes([change], now)
    .map(({ type }) => type);
}

test('a restart has one outcome: what becomes of it after that is its owner’s', (t) => {
  for (const before of ['failed', 'didNotHelp', 'reverted', 'over'] as const)
    for (const after of ['succeeded', 'failed', 'didNotHelp', 'reverted', 'over'] as const)
      t.deepEqual(told(before, after), [], `${before}, then ${after}`);
});
