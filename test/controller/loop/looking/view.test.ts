import { setImmediate as breathe } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { createCaches } from '../../../../controller/loop/caches.ts';
import { createMemories } from '../../../../controller/loop/looking/memory.ts';
import { View } from '../../../../controller/loop/looking/view.ts';
import { usualBudget } from '../../../domain/restart/plan/build.ts';
import { theDefaults } from '../../../support/build.ts';
import { aDeployment, aScene } from '../support.ts';

const start = 1_700_000_000;

/** A view on so many workloads, with a clock that goes on by a millisecond whenever it is looked at. */
async function scene(t: ExecutionContext, count: number) {
  const { api, client, world, machine } = aScene();
  for (let index = 0; index < count; index += 1) aDeployment(api, `cart-${index}`);
  const marked = new Set<string>();
  const caches = createCaches({
    client,
    defaults: theDefaults(),
    onMark: (workload) => marked.add(workload),
    listener: { onState: () => undefined, onFault: () => undefined },
    time: machine,
  });
  const ending = new AbortController();
  const running = caches.run(ending.signal);
  await world.pass(1_000);
  t.teardown(async () => {
    ending.abort();
    await world.pass(10);
    await running;
  });
  let ms = 0;
  const view = new View({
    caches,
    memories: createMemories(),
    rules: () => ({
      remediation: 'restart',
      restartsOutdated: false,
      protectedNamespaces: new Set(),
      home: { name: 'otel-retrofit', annotations: {} },
    }),
    limits: usualBudget,
    time: { now: () => (ms += 1), wall: () => 0, wait: () => Promise.resolve() },
  });
  return { api, view, world, marked };
}

test('every workload is judged, and those that are gone are forgotten', async (t) => {
  const { api, view, world, marked } = await scene(t, 3);
  const all = view.everything();
  t.is(all.length, 3);
  await view.look(new Set(all), start);
  t.is(view.judgements.size, 3);
  marked.clear();
  api.remove('apps/deployments', 'shop/cart-1');
  await world.pass(10);
  const [change] = await view.look(marked, start + 1);
  t.truthy(change?.before);
  t.is(change?.now, undefined);
  t.is(view.judgements.size, 2);
});

test('what is quiet is looked at again once a minute, though nothing happens', async (t) => {
  const { view } = await scene(t, 2);
  await view.look(new Set(view.everything()), start);
  t.is((await view.look(new Set(), start + 59)).length, 0);
  t.is(view.dueAt(), start + 60);
  t.is((await view.look(new Set(), start + 60)).length, 2);
});

test('other work has its turn while many are judged', async (t) => {
  const { view } = await scene(t, 200);
  let turns = 0;
  const over = new AbortController();
  const takeTurns = async () => {
    while (!over.signal.aborted) {
      await breathe();
      turns += 1;
    }
  };
  const others = takeTurns();
  await view.look(new Set(view.everything()), start);
  over.abort();
  await others;
  // Each look at the clock took a millisecond: eight of them are a slice.
  t.true(turns >= 20, String(turns));
});
