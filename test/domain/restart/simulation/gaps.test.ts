import test from 'ava';
import { aScene, day, hour, many, minute, weathers } from './scene.ts';
import type { Scene } from './scene.ts';

/** The webhook is away for a while, and meanwhile a pod is born. */
function gap({ cluster, workload, run }: Scene, name = 'web', seconds = 5 * minute): void {
  cluster.setWebhook({ admits: 'skips', isProbeGood: false });
  run(minute);
  cluster.drainPod(workload(name));
  run(seconds);
  cluster.setWebhook({ admits: 'injects', isProbeGood: true });
}

/** It is told of nobody that our restart went wrong. */
const isBlamed = ({ verdict, isBreakerOpen }: Scene, name = 'web') =>
  isBreakerOpen() || verdict(name)?.kind === 'stuck';

for (const weather of weathers)
  test(`a pod drained while the webhook is away, days after our success, ${weather}: mended within 10 minutes and nobody blamed`, (t) => {
    const scene = aScene({ workloads: [{}], weather });
    scene.run(3 * day);
    t.is(scene.restarts(), 1);
    gap(scene);
    t.false(scene.isCurrent('web'));
    scene.run(10 * minute);
    t.true(scene.isCurrent('web'));
    scene.run(hour);
    t.false(isBlamed(scene));
    t.is(scene.restarts(), 2);
  });

for (const weather of weathers)
  test(`gaps on four days of a week and drains between, ${weather}: each is mended, with four restarts`, (t) => {
    const scene = aScene({ workloads: [{}], weather, isInstrumentedFirst: true });
    for (let count = 0; count < 4; count++) {
      scene.run(day);
      gap(scene);
      scene.run(6 * hour);
      t.true(scene.isCurrent('web'), `gap ${count}`);
      scene.cluster.drainPod(scene.workload('web'));
      scene.run(6 * hour);
      t.true(scene.isCurrent('web'));
    }
    t.is(scene.restarts(), 4);
    t.false(isBlamed(scene));
  });

for (const weather of weathers)
  test(`the owner's own outage on the third day, ${weather}: no verdict of ours, and the breaker shut`, (t) => {
    const scene = aScene({ workloads: many(3), weather });
    scene.run(3 * day);
    t.is(scene.restarts(), 3);
    for (const workload of scene.all())
      workload.behaviour = { ...workload.behaviour, agentCrashesAfter: 30 };
    for (const workload of scene.all()) {
      scene.cluster.drainPod(workload);
      scene.cluster.drainPod(workload);
    }
    scene.run(6 * hour);
    for (const { name } of scene.all()) t.false(isBlamed(scene, name), name);
    t.is(scene.restarts(), 3);
  });

for (const weather of weathers)
  test(`pods that take 700 seconds to be ready, deadline 900, ${weather}: the restart succeeds`, (t) => {
    const scene = aScene({
      workloads: [{ strategy: { progressDeadlineSeconds: 900 }, behaviour: { readySeconds: 700 } }],
      weather,
    });
    scene.run(6 * hour);
    t.true(scene.isCurrent('web'));
    t.is(scene.restarts(), 1);
    t.false(isBlamed(scene));
  });

for (const lag of [5, 45, 200])
  test(`a watch of pods that is ${lag} seconds behind the counters: nobody is restarted twice or blamed`, (t) => {
    const scene = aScene({ workloads: many(6), leader: { lag: { pods: lag, revisions: 1 } } });
    scene.run(day);
    for (const { name } of scene.all()) {
      t.is(scene.restarts(name), 1, name);
      t.false(isBlamed(scene, name), name);
      t.true(scene.isCurrent(name));
    }
  });

for (const weather of weathers)
  test(`an owner goes from A to B to A, or undoes past our restart, and then there is a gap, ${weather}: mended`, (t) => {
    for (const undoes of [false, true]) {
      const scene = aScene({ workloads: [{}], weather });
      scene.run(day);
      t.is(scene.restarts(), 1);
      for (const version of ['B', 'A']) {
        if (undoes && version === 'A') scene.cluster.undo(scene.workload('web'));
        else scene.cluster.deploy(scene.workload('web'), { version });
        scene.run(hour);
      }
      if (undoes) {
        scene.cluster.undo(scene.workload('web'));
        scene.run(day);
      }
      gap(scene);
      scene.run(2 * hour);
      t.true(scene.isCurrent('web'), `undoes ${undoes} ${JSON.stringify(scene.verdict('web'))}`);
      t.is(scene.restarts(), 2);
    }
  });

for (const weather of weathers)
  test(`deploys every hour or every night for two weeks and then a gap, ${weather}: mended, since old restarts do not count`, (t) => {
    for (const period of [hour, day]) {
      const scene = aScene({ workloads: [{}], weather });
      let version = 0;
      scene.run(hour / 2);
      let goesOn = true;
      scene.every(period, () => {
        if (goesOn) scene.cluster.deploy(scene.workload('web'), { version: `${(version += 1)}` });
      });
      scene.run(14 * day);
      goesOn = false;
      gap(scene);
      scene.run(2 * hour);
      t.true(scene.isCurrent('web'));
      t.is(scene.restarts(), 2);
    }
  });
