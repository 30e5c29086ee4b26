import test from 'ava';
import { chosenSeed, diceOf } from '../../../support/dice.ts';
import { usualBudget } from '../plan/build.ts';
import { lengths, someWorkloads, unleash } from './adversaries.ts';
import { excesses, nothingYet, watch, type Worst } from './referee.ts';
import { aScene, many, minute, hour, type Weather } from './scene.ts';

interface Outcome {
  readonly worst: Worst;
  readonly excess: readonly string[];
  readonly told: string;
}

/** One cluster, some adversaries, some hours. */
function simulate(seed: number): Outcome {
  const dice = diceOf(seed);
  const weather = dice.pick<Weather>(['calm', 'killed', 'killed', 'clocks off']);
  const budget = {
    ...usualBudget,
    atOnce: 1 + dice.roll(5),
    atOncePerNamespace: 1 + dice.roll(2),
    statefulAtOnce: 1 + dice.roll(2),
    perHour: dice.pick([2, 5, 60]),
    rampStart: dice.pick([1, 1, 8]),
  };
  const scene = aScene({
    workloads: someWorkloads(dice),
    weather,
    seed,
    budget,
    isInstrumentedFirst: dice.chance(0.4),
    leader: {
      restartsOutdated: dice.chance(0.5),
      writeSeconds: dice.roll(5),
      lag: {
        workloads: dice.pick([0, 0, 3, 10]),
        revisions: dice.pick([0, 0, 3, 10]),
        pods: dice.pick([0, 0, 5, 30]),
        instrumentations: dice.pick([0, 0, 10]),
      },
    },
  });
  const worst = watch(scene.cluster, {
    clocksDiffer: weather === 'clocks off' ? 600 : 0,
    late: 60,
  });
  const chosen = unleash(scene.cluster, dice);
  scene.run(dice.pick(lengths));
  const excess = excesses(worst, budget, { forgets: weather !== 'calm' });
  return {
    worst,
    excess,
    told: `seed ${seed}, ${weather}, ${chosen.join(', ')}: ${excess.join('; ')}`,
  };
}

const first = chosenSeed();
const count = 1_000;
const parts = 10;

for (let part = 0; part < parts; part++)
  test(`no limit is passed, and nothing that is current is restarted, in any of ${count} clusters with adversaries (${part + 1} of ${parts})`, (t) => {
    const total = nothingYet();
    const failures: string[] = [];
    for (let index = 0; index < count / parts; index++) {
      const { worst, excess, told } = simulate(first + part * (count / parts) + index);
      if (excess.length > 0) failures.push(told);
      for (const key of Object.keys(total) as (keyof Worst)[])
        total[key] =
          key === 'restarts' ? total[key] + worst[key] : Math.max(total[key], worst[key]);
    }
    t.log(`from seed ${first}: ${JSON.stringify(total)}`);
    t.deepEqual(failures, []);
  });

test('a thousand workloads that arrive at once are restarted one by one, two by two and so on, within all limits', (t) => {
  const scene = aScene({ workloads: many(1_000) });
  const worst = watch(scene.cluster, { clocksDiffer: 0, late: 60 });
  scene.run(14 * minute);
  t.is(scene.restarts(), 1);
  scene.run(hour);
  t.log(JSON.stringify(worst));
  t.deepEqual(excesses(worst, usualBudget), []);
  t.true(scene.restarts() > 10);
});
