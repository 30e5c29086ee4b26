import { setImmediate as breathe } from 'node:timers/promises';
import { annotations as keys } from '../../../../crds/names.ts';
import type { KubeObject } from '../../../../controller/kube/resource.ts';
import type { JsonObject } from '../../../../domain/json.ts';
import type { FakeApi } from '../../../support/faults/api.ts';
import test, { type ExecutionContext } from 'ava';
import { createCaches } from '../../../../controller/loop/caches.ts';
import { createMemories } from '../../../../controller/loop/looking/memory.ts';
import { createPause } from '../../../../controller/loop/looking/slices.ts';
import { View } from '../../../../controller/loop/looking/view.ts';
import { usualBudget } from '../../../domain/restart/plan/build.ts';
import { theDefaults } from '../../../support/build.ts';
import { aDeployment, aScene } from '../support.ts';

const start = 1_700_000_000;

/** A view on so many workloads, with a clock that goes on by a millisecond whenever it is looked at. */
async function scene(
  t: ExecutionContext,
  count: number,
  prepare: (api: FakeApi) => void = () => {},
) {
  const { api, client, world, machine } = aScene();
  for (let index = 0; index < count; index += 1) aDeployment(api, `cart-${index}`);
  prepare(api);
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
  let home = {};
  const view = new View({
    caches,
    memories: createMemories(),
    rules: () => ({
      remediation: 'restart',
      restartsOutdated: false,
      protectedNamespaces: new Set(),
      home: { name: 'otel-retrofit', annotations: home },
    }),
    limits: usualBudget,
  });
  const look = (workloads: ReadonlySet<string>, now: number) =>
    view.look(workloads, now, createPause({ now: () => (ms += 1) }));
  const say = (annotations: object) => (home = annotations);
  return { api, view, look, world, marked, say };
}

test('every workload is judged, and those that are gone are forgotten', async (t) => {
  const { api, view, look, world, marked } = await scene(t, 3);
  const all = view.everything();
  t.is(all.length, 3);
  await look(new Set(all), start);
  t.is(view.judgements.size, 3);
  marked.clear();
  api.remove('apps/deployments', 'shop/cart-1');
  await world.pass(10);
  const [change] = await look(marked, start + 1);
  t.truthy(change?.before);
  t.is(change?.now, undefined);
  t.is(view.judgements.size, 2);
});

test('what is quiet is looked at again once a minute, though nothing happens', async (t) => {
  const { view, look } = await scene(t, 2);
  await look(new Set(view.everything()), start);
  t.is((await look(new Set(), start + 59)).length, 0);
  t.is(view.dueAt(), start + 60);
  t.is((await look(new Set(), start + 60)).length, 2);
});

test('what is as it was stays the very same, so that nothing that rests on it is renewed', async (t) => {
  const { view, look } = await scene(t, 2);
  await look(new Set(view.everything()), start);
  const before = [...view.judgements.values()];
  await look(new Set(view.everything()), start + 1);
  const after = [...view.judgements.values()];
  t.true(after.length === 2 && after.every((one, index) => one === before[index]));
});

test('the word of our own namespace is heard for every workload at once', async (t) => {
  const { view, look, say } = await scene(t, 3);
  await look(new Set(view.everything()), start);
  t.is((await look(new Set(), start + 1)).length, 0);
  say({ [keys.remediation]: 'off' });
  t.is((await look(new Set(), start + 2)).length, 3);
  t.is((await look(new Set(), start + 3)).length, 0);
  say({});
  t.is((await look(new Set(), start + 4)).length, 3);
});

const ownedBy = (kind: string, { name, uid }: KubeObject['metadata']) => [
  { kind, name, uid, controller: true },
];

/** One that asks, and whose only pod came without the agent. */
function bare(api: FakeApi, { annotations = {}, ...more }: JsonObject = {}): void {
  const template = {
    metadata: { annotations: { [keys.inject('java')]: 'true' } },
    spec: { containers: [{ name: 'app', image: 'web:1' }] },
  };
  const metadata = { annotations, generation: 1 };
  const counts = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
  const web = api.put('apps/deployments', 'web', {
    metadata,
    spec: { replicas: 1, template, ...more },
    status: { observedGeneration: 1, ...counts },
  });
  api.put('opentelemetry.io/instrumentations', 'main', { metadata: { generation: 1 }, spec: {} });
  const labels = { 'pod-template-hash': 'h1' };
  const set = api.put('apps/replicasets', 'web-h1', {
    metadata: {
      labels,
      creationTimestamp: new Date((start - 60) * 1_000).toISOString(),
      annotations: { 'deployment.kubernetes.io/revision': '1' },
      ownerReferences: ownedBy('Deployment', web.metadata),
    },
    spec: { template },
  });
  api.put('/pods', 'web-h1-1', {
    metadata: { labels, ownerReferences: ownedBy('ReplicaSet', set.metadata) },
    spec: template.spec,
    status: { phase: 'Running' },
  });
}

for (const [what, kind, more] of [
  ['held by a word of its owner', 'held', { annotations: { [keys.remediation]: 'off' } }],
  ['held as it is', 'held', { paused: true }],
] as const)
  test(`one that is ${what} is looked at once a minute: what lifts that is told by a watch`, async (t) => {
    const { view, look } = await scene(t, 0, (api) => bare(api, more));
    await look(new Set(view.everything()), start);
    t.is([...view.judgements.values()][0]?.verdict.kind, kind);
    t.is(view.dueAt(), start + 60);
  });

test('one whose owner has just deployed is looked at when it has been quiet for long enough', async (t) => {
  const { view, look } = await scene(t, 0, bare);
  await look(new Set(view.everything()), start + 20);
  t.like([...view.judgements.values()][0]?.verdict, { kind: 'waiting', reason: 'OwnerActive' });
  t.is(view.dueAt(), start - 60 + usualBudget.quietSeconds);
  await look(new Set(), view.dueAt());
  t.is([...view.judgements.values()][0]?.verdict.kind, 'behind');
  t.is(view.dueAt(), start - 60 + usualBudget.quietSeconds + 60);
});

test('other work has its turn while many are judged', async (t) => {
  const { view, look } = await scene(t, 200);
  let turns = 0;
  const over = new AbortController();
  const takeTurns = async () => {
    while (!over.signal.aborted) {
      await breathe();
      turns += 1;
    }
  };
  const others = takeTurns();
  await look(new Set(view.everything()), start);
  over.abort();
  await others;
  // Each look at the clock took a millisecond: eight of them are a slice.
  t.true(turns >= 20, String(turns));
});
