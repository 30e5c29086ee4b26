import test from 'ava';
import { createLedger } from '../../../../controller/loop/telling/ledger.ts';
import { createTallies } from '../../../../controller/loop/telling/tallies.ts';
import { plan } from '../../../../domain/restart/plan.ts';
import type { ObservedInstrumentation } from '../../../../domain/restart/records/instrumentation.ts';
import type { Judgement } from '../../../../domain/restart/verdict.ts';
import { statusJson } from '../../../../domain/status/status.ts';
import { theDefaults } from '../../../support/build.ts';
import { chosenSeed, diceOf, type Dice } from '../../../support/dice.ts';
import {
  aJudgement,
  aRound,
  breakerSince,
  current,
  days,
  minutes,
  now,
  settledFor,
  tried,
  usualBudget,
} from '../../../domain/restart/plan/build.ts';

interface Cluster {
  readonly judgements: ReadonlyMap<string, Judgement>;
  readonly instrumentations: ReadonlyMap<string, ObservedInstrumentation>;
  readonly webhook: 'proven' | 'unproven';
}

/** What is said of each Instrumentation, by one who may have spoken of it before. */
function aTeller() {
  const ledger = createLedger();
  const tallies = createTallies(ledger);
  return ({ judgements, instrumentations, webhook }: Cluster) => {
    const round = aRound([...judgements.values()], {
      instrumentations: [...instrumentations.values()],
      provenAt: webhook === 'proven' ? now : undefined,
    });
    const planned = plan(round, usualBudget);
    const news = ledger.note(judgements, planned.verdicts);
    tallies.forget(news.instrumentations, instrumentations);
    const telling = { plan: planned, webhook, defaults: theDefaults(), now };
    return new Map(
      [...instrumentations].map(([name, one]) => [name, tallies.of(one, telling)] as const),
    );
  };
}

const names = ['shop/main', 'shop/other', 'shop/third'] as const;

const someKey = (dice: Dice) => `Deployment/ns${dice.roll(3)}/web${dice.roll(4)}`;

const someJudgement = (dice: Dice, key: string): Judgement =>
  aJudgement(key, {
    coverage: { missing: dice.roll(3), current: dice.roll(3), refused: dice.roll(2) },
    since: now - dice.roll(100),
    wanted: { instrumentations: names.filter(() => dice.chance(0.5)) },
    attempt: dice.pick([tried('underWay', 60), tried('failed', 600), tried('succeeded', 5_000)]),
    ...(dice.chance(0.3) ? { verdict: current } : {}),
    ...(dice.chance(0.3)
      ? { verdict: { kind: 'held', reason: 'Paused', cause: 'WebhookMissed' } as const }
      : {}),
  });

const someInstrumentation = (dice: Dice, name: string) =>
  settledFor(days(1), {
    name: name.split('/')[1] ?? '',
    generation: 1 + dice.roll(3),
    ...(dice.chance(0.3) ? { status: breakerSince(minutes(5)) } : {}),
  });

/** Something of it is another, or is gone, or is there again. */
function changed(dice: Dice, { judgements, instrumentations }: Cluster): Cluster {
  const [workloads, others] = [new Map(judgements), new Map(instrumentations)];
  for (let turn = dice.roll(3); turn > 0; turn -= 1) {
    const key = someKey(dice);
    if (dice.chance(0.2)) workloads.delete(key);
    else workloads.set(key, someJudgement(dice, key));
  }
  if (dice.chance(0.3)) {
    const name = dice.pick(names);
    if (dice.chance(0.3)) others.delete(name);
    else others.set(name, someInstrumentation(dice, name));
  }
  const webhook = dice.chance(0.9) ? 'proven' : 'unproven';
  return { judgements: workloads, instrumentations: others, webhook };
}

test('whatever changes, each status is what one would say who looks for the first time', (t) => {
  const seed = chosenSeed();
  t.log(`seed ${seed}`);
  const dice = diceOf(seed);
  const tell = aTeller();
  let cluster: Cluster = { judgements: new Map(), instrumentations: new Map(), webhook: 'proven' };
  for (let round = 0; round < 400; round += 1) {
    cluster = changed(dice, cluster);
    const told = tell(cluster);
    for (const [name, status] of aTeller()(cluster))
      t.deepEqual(statusJson(told.get(name) ?? status), statusJson(status), `${name}, ${round}`);
    t.is(told.size, cluster.instrumentations.size);
  }
});

test('a status is not made anew where nothing has changed', (t) => {
  const tell = aTeller();
  const instrumentations = new Map([['shop/main', settledFor(days(1))]]);
  const cart = aJudgement('Deployment/shop/cart');
  const cluster = { judgements: new Map([[cart.key, cart]]), instrumentations } as const;
  const first = tell({ ...cluster, webhook: 'proven' }).get('shop/main');
  t.is(tell({ ...cluster, webhook: 'proven' }).get('shop/main'), first);
  t.not(tell({ ...cluster, webhook: 'unproven' }).get('shop/main'), first);
});
