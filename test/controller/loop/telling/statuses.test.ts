import test from 'ava';
import { objectAt, type JsonObject } from '../../../../domain/json.ts';
import type { Fact } from '../../../../domain/facts.ts';
import { plan } from '../../../../domain/restart/plan.ts';
import {
  readObservedInstrumentation,
  type ObservedInstrumentation,
} from '../../../../domain/restart/records/instrumentation.ts';
import type { Judgement } from '../../../../domain/restart/verdict.ts';
import { statusOf } from '../../../../domain/status/status.ts';
import { Statuses } from '../../../../controller/loop/telling/statuses.ts';
import { failure } from '../../../support/faults/api.ts';
import { theDefaults } from '../../../support/build.ts';
import { aJudgement, aRound, now, usualBudget } from '../../../domain/restart/plan/build.ts';
import { aScene } from '../support.ts';

const kind = 'opentelemetry.io/instrumentations';

/** Whoever writes, and a cache that shows what it is told to show. */
function scene() {
  const outer = aScene();
  const { api, client, machine, world } = outer;
  const cache = new Map<string, ObservedInstrumentation>();
  const refresh = () => {
    cache.clear();
    for (const key of api.versions(kind).keys()) {
      const read = readObservedInstrumentation(api.object(kind, key));
      if (read) cache.set(key, read);
    }
  };
  const facts: Fact[] = [];
  const statuses = new Statuses({
    client,
    instrumentations: cache,
    fence: () => true,
    queue: (write) => write(),
    record: (fact) => void facts.push(fact),
    onRoom: () => undefined,
    time: machine,
  });
  api.put(kind, 'main', { metadata: { generation: 1 }, spec: {} });
  refresh();
  const write = async (
    judgements: readonly Judgement[],
    all: Iterable<ObservedInstrumentation> = statuses.observed().values(),
  ) => {
    const instrumentations = [...all];
    const round = aRound(judgements, { instrumentations });
    const telling = {
      plan: plan(round, usualBudget),
      webhook: 'proven' as const,
      defaults: theDefaults(),
      now,
    };
    const asking = judgements.map((judgement) => ({ judgement, verdict: judgement.verdict }));
    const writing = instrumentations.flatMap(
      (one) => statuses.write(one, statusOf(one, asking, telling)) ?? [],
    );
    await world.pass(5_000);
    await Promise.all(writing);
  };
  const writes = () => api.requests.filter(({ method }) => method === 'PATCH').length;
  const stored = (): JsonObject => objectAt(api.object(kind, 'shop/main') ?? {}, 'status') ?? {};
  return { ...outer, scene: outer, statuses, refresh, write, writes, stored, facts };
}

const missing = (count: number) => aJudgement(undefined, { coverage: { missing: count } });

test('the first status is written at once, and an equal one never', async (t) => {
  const { write, writes, stored, refresh } = scene();
  await write([missing(2)]);
  t.like(stored(), { pods: { missing: 2 } });
  await write([missing(2)]);
  refresh();
  await write([missing(2)]);
  t.is(writes(), 1);
});

test('counts alone wait for half a minute, and then the latest are written', async (t) => {
  const { write, writes, stored, world, statuses, machine } = scene();
  await write([missing(2)]);
  await write([missing(3)]);
  await write([missing(4)]);
  t.is(writes(), 1);
  t.true(statuses.dueAt() > machine.now() && statuses.dueAt() <= machine.now() + 30_000);
  await world.pass(30_000);
  await write([missing(4)]);
  t.is(writes(), 2);
  t.like(stored(), { pods: { missing: 4 } });
});

test('what was written is known before the cache shows it, and until it shows something else for long', async (t) => {
  const { write, statuses, world } = scene();
  await write([missing(2)]);
  t.like(statuses.observed().get('shop/main')?.status, { pods: { missing: 2 } });
  await world.pass(10_000);
  t.deepEqual(statuses.observed().get('shop/main')?.status, {});
});

test('an Instrumentation made anew has nothing of the old one', async (t) => {
  const { write, statuses, api, refresh } = scene();
  await write([missing(2)]);
  api.remove(kind, 'shop/main');
  api.put(kind, 'main', { metadata: { generation: 1 }, spec: {} });
  refresh();
  t.deepEqual(statuses.observed().get('shop/main')?.status, {});
});

test('one that is made anew while statuses are made is not given that of the old one', async (t) => {
  const { write, writes, statuses, api, refresh, machine } = scene();
  const before = [...statuses.observed().values()];
  api.remove(kind, 'shop/main');
  api.put(kind, 'main', { metadata: { generation: 1 }, spec: {} });
  refresh();
  await write([missing(2)], before);
  t.is(writes(), 0);
  t.true(statuses.dueAt() <= machine.now());
  await write([missing(2)]);
  t.is(writes(), 1);
  t.true(statuses.dueAt() > machine.now());
});

test('a write that fails makes nobody look again before it is tried again', async (t) => {
  const { scene: outer, write, world, statuses, machine } = scene();
  await write([missing(2)]);
  await write([missing(3)]);
  await world.pass(30_000);
  outer.answerWith = () => failure(403, 'Forbidden', 'no');
  await write([missing(3)]);
  t.true(statuses.dueAt() > machine.now());
  outer.answerWith = () => undefined;
  await world.pass(10_000);
  t.true(statuses.dueAt() <= machine.now());
  await write([missing(3)]);
  t.like(outer.api.object(kind, 'shop/main'), { status: { pods: { missing: 3 } } });
});

test('a write that fails is told, and tried again after a while', async (t) => {
  const { scene: outer, write, world, facts, stored } = scene();
  outer.answerWith = () => failure(403, 'Forbidden', 'no');
  await write([missing(2)]);
  await write([missing(2)]);
  t.deepEqual(facts, [
    { type: 'StatusWriteFailed', instrumentation: 'shop/main', fault: 'Forbidden' },
  ]);
  outer.answerWith = () => undefined;
  await world.pass(10_000);
  await write([missing(2)]);
  t.like(stored(), { pods: { missing: 2 } });
});

test('where statuses cannot be written at all, that is told once', async (t) => {
  const { scene: outer, write, facts, statuses } = scene();
  outer.answerWith = () => ({
    kind: 'answer',
    code: 404,
    headers: {},
    text: '404 page not found\n',
  });
  await write([missing(2)]);
  await write([missing(3)]);
  t.false(statuses.isKept);
  t.deepEqual(facts, [{ type: 'StatusNotKept', instrumentation: 'shop/main' }]);
  t.like(statuses.observed().get('shop/main')?.status, { pods: { missing: 3 } });
});

const noStatus = { kind: 'answer', code: 404, headers: {}, text: '404 page not found\n' } as const;

test('where statuses cannot be written it is known when that is tried again', async (t) => {
  const { scene: outer, write, statuses, machine, world } = scene();
  outer.answerWith = () => noStatus;
  await write([missing(2)]);
  await write([missing(2)]);
  const dueAt = statuses.dueAt();
  t.true(dueAt > machine.now() + 500_000 && dueAt <= machine.now() + 600_000);
  await world.pass(60_000);
  statuses.suspect();
  t.is(statuses.dueAt(), machine.now());
});

test('what could not be written is known until it is, however long ago that was', async (t) => {
  const { scene: outer, write, statuses, api, refresh, world } = scene();
  api.put(kind, 'other', { metadata: { generation: 1 }, spec: {} });
  refresh();
  outer.answerWith = () => noStatus;
  await write([missing(2)]);
  await write([missing(2)]);
  await world.pass(60_000);
  statuses.suspect();
  outer.answerWith = ({ path }) => (path.includes('/other/') ? noStatus : undefined);
  await write([missing(2)]);
  t.true(statuses.isKept);
  const other = () => statuses.observed().get('shop/other')?.status;
  t.like(other(), { observedGeneration: 1 });
  outer.answerWith = () => undefined;
  await write([missing(2)]);
  t.deepEqual(objectAt(api.object(kind, 'shop/other') ?? {}, 'status'), other());
});
