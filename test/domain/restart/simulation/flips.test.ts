import test from 'ava';
import { marks } from '../../../../crds/names.ts';
import { objectAt } from '../../../../domain/json.ts';
import { watch } from './referee.ts';
import { aScene, day, hour, many, minute, settingsA, settingsB, weathers } from './scene.ts';
import type { Scene, Weather } from './scene.ts';

interface Flips {
  readonly weather: Weather;
  readonly everyMinutes: number;
  readonly limit: number;
  readonly deploysEvery?: number;
  readonly keepsMarker?: boolean;
}

/** A week in which the settings go to and fro. */
function flip({ weather, everyMinutes, limit, deploysEvery, keepsMarker = true }: Flips): Scene {
  const scene = aScene({
    workloads: [{ strategy: { revisionHistoryLimit: limit } }],
    weather,
    isInstrumentedFirst: true,
    leader: { restartsOutdated: true },
    seed: everyMinutes * 100 + limit,
  });
  let isA = true;
  scene.every(everyMinutes * minute, () => {
    isA = !isA;
    scene.cluster.applyInstrumentation(isA ? settingsA : settingsB);
  });
  let version = 1;
  if (deploysEvery !== undefined)
    scene.every(deploysEvery, () => {
      version += 1;
      scene.cluster.deploy(scene.workload('web'), { version: `${version}` }, { keepsMarker });
    });
  // What comes so often either stops at once or never.
  const isQuick = deploysEvery === 10 * minute || everyMinutes === 9;
  scene.run(isQuick ? 3 * day : 7 * day);
  return scene;
}

for (const weather of weathers)
  for (const limit of [0, 1, 2, 10])
    test(`settings that flip every 9 or 30 minutes for a week, ${limit} old revisions kept, ${weather}: twice a day and four times a week at most`, (t) => {
      for (const everyMinutes of [9, 30]) {
        const scene = flip({ weather, everyMinutes, limit });
        const [inDay, inWeek] = [scene.mostIn(day), scene.mostIn(7 * day)];
        const isRemembered = limit >= 2;
        if (weather === 'calm')
          t.deepEqual([inDay, inWeek], isRemembered && everyMinutes === 30 ? [2, 4] : [0, 0]);
        t.log(`every ${everyMinutes} minutes: ${inDay} in a day, ${inWeek} in a week`);
        t.true(inDay <= (isRemembered ? 2 : 0), `a day: ${inDay}`);
        t.true(inWeek <= (isRemembered ? 4 : 0), `a week: ${inWeek}`);
      }
    });

for (const weather of weathers)
  for (const keepsMarker of [true, false])
    test(`settings that flip while the owner replaces the template, the marker ${keepsMarker ? 'kept' : 'lost'}, ${weather}: no more than that`, (t) => {
      for (const deploysEvery of [10 * minute, hour]) {
        const limit = keepsMarker ? 2 : 10;
        const everyMinutes = deploysEvery === hour ? 30 : 24;
        const scene = flip({ weather, everyMinutes, limit, deploysEvery, keepsMarker });
        t.log(
          `deployed every ${deploysEvery / minute} minutes: ${scene.mostIn(day)} in a day, ${scene.mostIn(7 * day)} in a week`,
        );
        t.true(scene.mostIn(day) <= 2, `a day: ${scene.mostIn(day)}`);
        t.true(scene.mostIn(7 * day) <= 4, `a week: ${scene.mostIn(7 * day)}`);
      }
    });

for (const weather of weathers)
  for (const admits of ['injects', 'skips'] as const)
    test(`a marker that is stripped every 5 minutes while the webhook ${admits}, ${weather}: one restart and one rollout more`, (t) => {
      const scene = aScene({ workloads: [{}], weather });
      scene.cluster.setWebhook({ admits });
      let stripped = 0;
      scene.every(5 * minute, () => {
        const workload = scene.workload('web');
        const annotations = objectAt(objectAt(workload.template, 'metadata') ?? {}, 'annotations');
        if (annotations === undefined || !(marks.restart in annotations)) return;
        stripped += 1;
        scene.cluster.deploy(workload, {}, { keepsMarker: false });
      });
      scene.run(7 * day);
      t.is(scene.restarts(), 1);
      t.true(stripped <= 1, `stripped ${stripped} times`);
    });

for (const limit of [1, 2])
  test(`a gap every hour while the owner keeps ${limit} old revisions and erases our marker from all: twice a day and four times a week at most`, (t) => {
    const scene = aScene({
      workloads: [{ strategy: { revisionHistoryLimit: limit } }],
      isInstrumentedFirst: true,
    });
    scene.every(hour, () => {
      const { cluster, workload } = scene;
      cluster.setWebhook({ admits: 'skips', isProbeGood: false });
      cluster.drainPod(workload('web'));
      cluster.agenda.after(minute, () => {
        cluster.setWebhook({ admits: 'injects', isProbeGood: true });
      });
      for (let count = 0; count <= limit; count++)
        cluster.agenda.after(30 * minute + count * 3 * minute, () => {
          cluster.deploy(workload('web'), { version: `${count}` }, { keepsMarker: false });
        });
    });
    scene.run(8 * day);
    t.is(scene.mostIn(day), 2);
    t.is(scene.mostIn(7 * day), 4);
  });

test('workloads that are made anew as soon as they were restarted: no more an hour than is allowed', (t) => {
  const perHour = 3;
  const scene = aScene({ workloads: many(8), budget: { perHour, rampStart: 8 } });
  const worst = watch(scene.cluster, { clocksDiffer: 0, late: 60 });
  scene.every(5 * minute, () => {
    const { cluster } = scene;
    const restarted = new Set(cluster.sent.map(({ workload }) => workload));
    const renewed = scene.all().filter((one) => restarted.has(one));
    cluster.setWebhook({ admits: 'skips', isProbeGood: false });
    for (const workload of renewed) {
      const { name, namespace } = workload;
      cluster.removeWorkload(workload);
      cluster.addWorkload({ name, namespace });
    }
    cluster.agenda.after(20, () => {
      cluster.setWebhook({ admits: 'injects', isProbeGood: true });
    });
  });
  scene.run(6 * hour);
  t.is(worst.perHourErased, perHour);
  t.true(scene.restarts() > 2 * perHour, `${scene.restarts()} restarts`);
});
