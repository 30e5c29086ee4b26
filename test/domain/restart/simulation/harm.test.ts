import test from 'ava';
import type { ModelWorkload } from './model/records.ts';
import { aScene, day, hour, many, minute, settingsB, weathers } from './scene.ts';
import type { Scene, Weather } from './scene.ts';

for (const weather of weathers)
  test(`a webhook that never injects while its probe answers, 40 workloads, ${weather}: one restart in all`, (t) => {
    const scene = aScene({ workloads: many(40), weather });
    scene.cluster.setWebhook({ admits: 'skips' });
    scene.run(day);
    t.is(scene.restarts(), 1);
    t.true(scene.isBreakerOpen());
  });

for (const weather of weathers)
  test(`the same, and workloads are made anew every 10 minutes, ${weather}: still one`, (t) => {
    const scene = aScene({ workloads: many(40), weather });
    scene.cluster.setWebhook({ admits: 'skips' });
    scene.every(10 * minute, () => {
      for (const workload of scene.all()) {
        scene.cluster.removeWorkload(workload);
        scene.cluster.addWorkload({ name: workload.name, namespace: workload.namespace });
      }
    });
    scene.run(6 * hour);
    t.true(scene.restarts() <= 1, `${scene.restarts()} restarts`);
  });

for (const weather of weathers)
  test(`a webhook that declines everything, 40 workloads, ${weather}: one restart in all`, (t) => {
    const scene = aScene({ workloads: many(40), weather });
    scene.cluster.setWebhook({ admits: 'declines' });
    scene.run(day);
    t.true(scene.restarts() <= 1, `${scene.restarts()} restarts`);
  });

interface Crashing {
  readonly weather: Weather;
  readonly after: number;
  readonly ownersUndoIn?: number | undefined;
  readonly withoutProbe?: boolean;
}

/** 40 owners, each with containers of another name, so that no two ask for the same. */
function crashing({ weather, after, ownersUndoIn, withoutProbe = false }: Crashing): Scene {
  const workloads = many(40, { withoutProbe, behaviour: { agentCrashesAfter: after } }).map(
    (spec, index) => ({ ...spec, containers: [`app${index}`] }),
  );
  const scene = aScene({ workloads, weather });
  if (ownersUndoIn !== undefined) undoSoon(scene, ownersUndoIn);
  scene.run(6 * hour);
  return scene;
}

/** Whoever sees one of its pods crash goes back to what was before. */
function undoSoon({ cluster }: Scene, seconds: number): void {
  const busy = new Set<ModelWorkload>();
  cluster.watchers.add({
    onWorkload: () => undefined,
    onRevision: () => undefined,
    onInstrumentation: () => undefined,
    onWebhook: () => undefined,
    onPod: (workload, pod) => {
      if (pod.restarts === 0 || pod.deletedAt !== undefined || busy.has(workload)) return;
      busy.add(workload);
      cluster.agenda.after(seconds, () => {
        cluster.undo(workload);
        cluster.agenda.after(600, () => busy.delete(workload));
      });
    },
  });
}

const hurt = (scene: Scene) => new Set(scene.cluster.sent.map(({ workload }) => workload)).size;

const crashTimes = [10, 40, 120, 600];

const owners: readonly (readonly [undoIn: number | undefined, withoutProbe: boolean])[] = [
  [undefined, false],
  [undefined, true],
  [20, false],
  [300, false],
];

for (const weather of weathers)
  for (const after of crashTimes)
    test(`an agent that crashes after ${after} seconds, 40 workloads, ${weather}: one hurt`, (t) => {
      for (const [ownersUndoIn, withoutProbe] of owners) {
        const scene = crashing({ weather, after, withoutProbe, ownersUndoIn });
        t.is(hurt(scene), 1, `undone in ${ownersUndoIn}, without probe ${withoutProbe}`);
      }
    });

for (const weather of weathers)
  test(`an agent that never becomes ready, ${weather}: neighbours of another Instrumentation go on, and new settings are tried`, (t) => {
    const other = { 'instrumentation.opentelemetry.io/inject-java': 'shop/other' };
    const scene = aScene({
      workloads: [
        ...many(4, { behaviour: { agentNeverReady: true } }),
        { name: 'good', namespace: 'good', podAnnotations: other },
      ],
      weather,
    });
    scene.cluster.applyInstrumentation({}, { name: 'other' });
    scene.run(6 * hour);
    t.is(hurt(scene), 2);
    t.true(scene.isCurrent('good'));
    t.true(scene.isBreakerOpen());
    const sick = scene.all().find(({ name }) => name !== 'good' && scene.restarts(name) === 1);

    // The new settings mend the agent.
    for (const workload of scene.all()) workload.behaviour = { startSeconds: 3, readySeconds: 5 };
    scene.cluster.applyInstrumentation(settingsB);
    scene.run(12 * hour);
    t.false(scene.isBreakerOpen());
    for (const { name } of scene.all()) t.true(scene.isCurrent(name), name);
    t.is(scene.restarts(sick?.name ?? ''), 2);
  });

for (const weather of weathers)
  test(`one restart failed and was left alone, ${weather}: other namespaces, Instrumentations and StatefulSets go on after 30 minutes`, (t) => {
    const scene = aScene({
      workloads: [
        { name: 'first', namespace: 'a' },
        { name: 'sick', kind: 'StatefulSet', namespace: 'b', replicas: 3 },
        { name: 'beside', namespace: 'b' },
        { name: 'later', kind: 'StatefulSet', namespace: 'c', replicas: 3 },
        { name: 'last', namespace: 'd' },
      ],
      weather,
    });
    scene.workload('sick').behaviour = { startSeconds: 3, readySeconds: 5, agentNeverReady: true };
    scene.run(8 * hour);
    t.is(scene.restarts('sick'), 1);
    t.like(scene.verdict('sick'), { kind: 'stuck', reason: 'RestartFailed' });
    for (const name of ['first', 'beside', 'later', 'last']) t.true(scene.isCurrent(name), name);
  });

for (const weather of weathers)
  test(`a breaker is resumed while the first is still broken, ${weather}: the others are mended`, (t) => {
    const scene = aScene({ workloads: many(5), weather });
    const [first] = scene.all();
    if (first) first.behaviour = { startSeconds: 3, readySeconds: 5, agentNeverReady: true };
    scene.run(3 * hour);
    t.true(scene.isBreakerOpen());
    const told = scene.cluster.instrumentations.get('shop/main')?.record.status['breaker'];
    const since = (told as { readonly since: string }).since;
    scene.cluster.annotateInstrumentation('shop/main', { 'otel-retrofit.dev/resume': since });
    scene.run(12 * hour);
    t.false(scene.isBreakerOpen());
    for (const workload of scene.all().slice(1)) t.true(scene.isCurrent(workload.name));
    t.is(scene.restarts(first?.name ?? ''), 1);
  });
