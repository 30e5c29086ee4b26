import test from 'ava';
import { aScene, day, hour, many, minute, settingsA, settingsB, weathers } from './scene.ts';
import type { Scene } from './scene.ts';

/** The leader is killed that often; whoever follows has an empty head. */
function killEvery(scene: Scene, seconds: () => number): void {
  const [leader] = scene.leaders;
  const again = () => {
    scene.cluster.agenda.after(seconds(), () => {
      leader?.end();
      leader?.begin();
      again();
    });
  };
  again();
}

test('a controller that is killed every 7 minutes: outdated pods are mended within an hour', (t) => {
  const scene = aScene({
    workloads: [{}],
    isInstrumentedFirst: true,
    leader: { restartsOutdated: true },
  });
  killEvery(scene, () => 7 * minute);
  scene.run(hour);
  scene.cluster.applyInstrumentation(settingsB);
  scene.run(hour);
  t.true(scene.isCurrent('web'));
  t.is(scene.restarts(), 1);
});

test('a leader that changes every 40 to 90 seconds: each is restarted once', (t) => {
  const scene = aScene({ workloads: many(6) });
  killEvery(scene, () => 40 + scene.dice.roll(50));
  scene.run(day);
  for (const { name } of scene.all()) {
    t.true(scene.isCurrent(name));
    t.is(scene.restarts(name), 1);
  }
});

for (const weather of weathers)
  test(`an old replica of the webhook declines during our upgrade, ${weather}: mended after it`, (t) => {
    const scene = aScene({ workloads: many(3), weather, isInstrumentedFirst: true });
    scene.run(hour);
    scene.cluster.setWebhook({ admits: 'declinesAsBefore', isProbeGood: false });
    scene.run(minute);
    for (const workload of scene.all()) scene.cluster.drainPod(workload);
    scene.run(5 * minute);
    t.is(scene.restarts(), 0);
    scene.cluster.setWebhook({ admits: 'injects', isProbeGood: true });
    scene.run(6 * hour);
    for (const { name } of scene.all()) t.true(scene.isCurrent(name), name);
    t.false(scene.isBreakerOpen());
    t.is(scene.restarts(), 3);
  });

for (const weather of weathers)
  test(`workload controllers that are down for 40 minutes, ${weather}: nothing twice`, (t) => {
    const scene = aScene({ workloads: many(3), weather });
    scene.cluster.stopControllers(40 * minute);
    scene.run(day);
    for (const { name } of scene.all()) {
      t.true(scene.restarts(name) <= 1, name);
    }
    t.true(scene.all().some(({ name }) => scene.isCurrent(name)));
  });

for (const weather of weathers)
  test(`pods that the operator has injected, ${weather}: not one restart`, (t) => {
    const scene = aScene({ workloads: many(20, { isAdopted: true }), weather });
    scene.run(7 * day);
    t.is(scene.restarts(), 0);
  });

for (const weather of weathers)
  test(`an Instrumentation deleted and made again with the same content, ${weather}: nothing`, (t) => {
    const scene = aScene({
      workloads: many(3),
      weather,
      isInstrumentedFirst: true,
      leader: { restartsOutdated: true },
    });
    scene.run(hour);
    for (let count = 0; count < 5; count++) {
      scene.cluster.removeInstrumentation('shop/main');
      scene.run(10 * minute);
      scene.cluster.applyInstrumentation(settingsA);
      scene.run(5 * hour);
    }
    t.is(scene.restarts(), 0);
    t.false(scene.isBreakerOpen());
  });

for (const weather of weathers)
  test(`a disruption budget that never allows anything, ${weather}: not one restart`, (t) => {
    const scene = aScene({
      workloads: many(3),
      weather,
      leader: { disruptionsAllowed: 0 },
    });
    scene.run(3 * day);
    t.is(scene.restarts(), 0);
    t.like(scene.verdict('web0'), { kind: 'waiting', reason: 'DisruptionNotAllowed' });
  });

test('a covered cluster in which nothing changes sees no write', (t) => {
  const scene = aScene({ workloads: many(5), isInstrumentedFirst: true });
  scene.run(hour);
  const version = scene.cluster.instrumentations.get('shop/main')?.version;
  scene.run(day);
  t.is(scene.cluster.instrumentations.get('shop/main')?.version, version);
  t.is(scene.restarts(), 0);
});
