import { setImmediate as breathe } from 'node:timers/promises';
import test from 'ava';
import { createMemories } from '../../../controller/loop/looking/memory.ts';
import { Rounds } from '../../../controller/loop/round.ts';
import { Statuses } from '../../../controller/loop/telling/statuses.ts';
import type { Fact } from '../../../domain/facts.ts';
import type { Judgement, Verdict } from '../../../domain/restart/verdict.ts';
import { theDefaults } from '../../support/build.ts';
import { aJudgement, days, now, settledFor, tried, wide } from '../../domain/restart/plan/build.ts';
import { aScene } from './support.ts';

/** Rounds over judgements that are handed in, with a clock that goes on whenever it is looked at. */
function scene({ tickMs = 0, instrumentations = 1 } = {}) {
  const { api, client } = aScene();
  let ms = 0;
  const time = { now: () => (ms += tickMs), wall: () => 0, wait: () => Promise.resolve() };
  const clock = { now: () => now, note: () => undefined };
  const judgements = new Map<string, Judgement>();
  const facts: Fact[] = [];
  const sent: string[] = [];
  const cache = new Map(
    Array.from({ length: instrumentations }, (_, index) => {
      const name = index === 0 ? 'main' : `main-${index}`;
      return [`shop/${name}`, settledFor(days(1), { name })] as const;
    }),
  );
  const statuses = new Statuses({
    client,
    instrumentations: cache,
    fence: () => true,
    queue: () => Promise.resolve(),
    record: (fact) => void facts.push(fact),
    onRoom: () => undefined,
    time,
  });
  const rounds = new Rounds({
    view: { judgements, look: () => Promise.resolve([]) },
    memories: createMemories(),
    prober: { provenAt: () => now - 10, verdict: () => 'proven', renew: () => undefined },
    statuses,
    events: { tell: (fact) => void facts.push(fact) },
    record: (fact) => void facts.push(fact),
    act: ({ judgement }) => {
      sent.push(judgement.key);
      return Promise.resolve({ kind: 'sent', version: '8' });
    },
    mark: () => undefined,
    budget: wide,
    defaults: theDefaults(),
    warmAt: now - 60,
    clock,
    time,
  });
  const judge = (one: Judgement) => judgements.set(one.key, one);
  const told = () => facts.splice(0).flatMap(({ type }) => (type === 'RoundDone' ? [] : [type]));
  return { api, rounds, judge, told, sent };
}

const held: Verdict = { kind: 'held', reason: 'Paused', cause: 'WebhookMissed' };

/** How often other work has had its turn until that was done. */
async function turnsDuring(work: Promise<void>): Promise<number> {
  const over = new AbortController();
  let turns = 0;
  const takeTurns = async () => {
    while (!over.signal.aborted) {
      await breathe();
      turns += 1;
    }
  };
  const others = takeTurns();
  await work;
  over.abort();
  await others;
  return turns;
}

test('other work has its turn while much is told', async (t) => {
  const { rounds, judge, told } = scene({ tickMs: 1 });
  for (let index = 0; index < 200; index += 1)
    judge(aJudgement(`Deployment/shop/cart-${index}`, { verdict: held }));
  const turns = await turnsDuring(rounds.run(new Set()));
  t.is(told().length, 200);
  // Each look at the clock took a millisecond: eight of them are a slice.
  t.true(turns >= 20, String(turns));
});

test('other work has its turn while many statuses are made', async (t) => {
  const { rounds } = scene({ tickMs: 1, instrumentations: 200 });
  const turns = await turnsDuring(rounds.run(new Set()));
  t.true(turns >= 20, String(turns));
});

test('what is told once is not told again in the next round', async (t) => {
  const { rounds, judge, told } = scene();
  judge(aJudgement('Deployment/shop/cart', { verdict: held }));
  await rounds.run(new Set());
  t.deepEqual(told(), ['WorkloadHeld']);
  await rounds.run(new Set());
  t.deepEqual(told(), []);
});

test('why it is behind is told before its restart is', async (t) => {
  const { rounds, judge, told, sent } = scene();
  judge(aJudgement('Deployment/shop/cart'));
  await rounds.run(new Set());
  t.deepEqual(sent, ['Deployment/shop/cart']);
  t.deepEqual(told(), ['WorkloadBehind', 'WorkloadRestarted']);
});

test('while one waits for something that has no known end, there is a round each five seconds', async (t) => {
  const { rounds, judge } = scene();
  await rounds.run(new Set());
  t.is(rounds.wakeAt, Infinity);
  judge(aJudgement('Deployment/a/cart', { attempt: tried('underWay', 60), verdict: held }));
  judge(aJudgement('Deployment/a/web', { isBlind: true }));
  await rounds.run(new Set());
  t.like(rounds.plan?.verdicts.get('Deployment/a/web'), { reason: 'Busy', until: undefined });
  t.is(rounds.wakeAt, now + 5);
});
