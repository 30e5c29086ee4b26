import { setImmediate as breathe } from 'node:timers/promises';
import test from 'ava';
import { createMemories } from '../../../../controller/loop/looking/memory.ts';
import { Rounds } from '../../../../controller/loop/round.ts';
import { Statuses } from '../../../../controller/loop/telling/statuses.ts';
import type { Judgement } from '../../../../domain/restart/verdict.ts';
import { theDefaults } from '../../../support/build.ts';
import {
  aJudgement,
  days,
  mended,
  minutes,
  now,
  outdated,
  settledFor,
  tried,
  wide,
} from '../../../domain/restart/plan/build.ts';
import { aScene } from '../support.ts';

const record = () => undefined;

/** Whether a round ends though its statuses are not written yet. */
async function endsUnwritten(judgement: Judgement): Promise<boolean> {
  const time = { now: () => 0, wall: () => 0, wait: () => Promise.resolve() };
  const written = Promise.withResolvers<void>();
  const statuses = new Statuses({
    client: aScene().client,
    instrumentations: new Map([['shop/main', settledFor(days(1), { followedAgo: [] })]]),
    fence: () => true,
    queue: () => written.promise,
    record,
    onRoom: record,
    time,
  });
  const rounds = new Rounds({
    view: {
      judgements: new Map([[judgement.key, judgement]]),
      look: () => Promise.resolve([]),
    },
    memories: createMemories(),
    prober: { provenAt: () => now - 10, verdict: () => 'proven', renew: record },
    statuses,
    events: { tell: record },
    record,
    act: () => Promise.resolve({ kind: 'sent', version: '8' }),
    mark: record,
    budget: wide,
    defaults: theDefaults(),
    warmAt: now - 60,
    clock: { now: () => now, note: record },
    time,
  });
  let hasEnded = false;
  const running = rounds.run(new Set()).then(() => (hasEnded = true));
  for (let turn = 0; turn < 50; turn += 1) await breathe();
  const before = hasEnded;
  written.resolve();
  await running;
  return before;
}

test('counts are written when there is time, and no round waits for them', async (t) => {
  t.true(await endsUnwritten(mended('Deployment/shop/cart', days(1))));
});

test('a breaker that opens is written before anybody plans again', async (t) => {
  const attempt = tried('failed', minutes(1));
  const verdict = { kind: 'stuck', reason: 'RestartFailed', cause: undefined } as const;
  t.false(await endsUnwritten(aJudgement(undefined, { attempt, verdict })));
});

test('a change that restarts are to follow is written before the first of them', async (t) => {
  t.false(await endsUnwritten(aJudgement(undefined, { verdict: outdated })));
});
