import test from 'ava';
import { annotations as keys } from '../../../../crds/names.ts';
import { createMemories, type Memories } from '../../../../controller/loop/looking/memory.ts';
import type { Workload } from '../../../../domain/restart/records/workload.ts';
import { aJudgement, aWorkload, asked, askedBefore } from '../../../domain/restart/plan/build.ts';

const at = 1_800_000_000;
const cart = (differences: Partial<Workload> = {}): Workload => ({
  ...aWorkload(),
  ...differences,
});
const judged = (workload: Workload) => ({ ...aJudgement(), workload });

test('since when pods are behind is remembered for as long as they are', (t) => {
  const memories = createMemories();
  const one = aJudgement();
  t.is(memories.see(one, at), at);
  t.is(memories.see(one, at + 60), at);
  const current = aJudgement(undefined, { coverage: { missing: 0, current: 1 } });
  t.is(memories.see(current, at + 90), undefined);
  t.is(memories.see(one, at + 120), at + 120);
});

test('what is behind for other settings is behind since then', (t) => {
  const memories = createMemories();
  memories.see(aJudgement(), at);
  const stamp = { asked: askedBefore, defaults: '' };
  t.is(memories.see(aJudgement(undefined, { wanted: { stamp } }), at + 60), at + 60);
});

test('a restart is remembered until the cache shows its number', (t) => {
  const memories = createMemories();
  const before = cart();
  memories.begin(judged(before), 1, at);
  memories.end(judged(before), { kind: 'sent', version: '9' }, at);
  t.deepEqual(memories.of(before, [], at + 1).sent, { number: 1, at, tells: { from: '9' } });
  t.is(memories.unseen(), 1);
  const marker = { asked, number: 1, times: [at] };
  t.is(memories.of(cart({ marker, version: '9' }), [], at + 1).sent, undefined);
  t.is(memories.unseen(), 0);
});

test('a restart that its owner has overwritten is seen by the version', (t) => {
  const memories = createMemories();
  memories.begin(judged(cart()), 1, at);
  memories.end(judged(cart()), { kind: 'sent', version: '9' }, at);
  t.truthy(memories.of(cart({ version: '8' }), [], at).sent);
  t.is(memories.of(cart({ version: '10' }), [], at).sent, undefined);
});

test('a restart of unknown outcome is waited for until the cache shows anything new, or a minute', (t) => {
  for (const [version, later] of [
    ['8', 1],
    ['7', 61],
  ] as const) {
    const memories = createMemories();
    memories.begin(judged(cart()), 1, at);
    memories.end(judged(cart()), { kind: 'uncertain', fault: 'TimedOut' }, at);
    t.truthy(memories.of(cart(), [], at + 1).sent);
    t.is(memories.of(cart({ version }), [], at + later).sent, undefined);
  }
});

test('what was surely not carried out leaves nothing behind', (t) => {
  const memories = createMemories();
  memories.begin(judged(cart()), 1, at);
  memories.end(judged(cart()), { kind: 'dropped', fault: 'Conflict' }, at);
  t.deepEqual(memories.of(cart(), [], at), {
    behindSince: undefined,
    rejected: undefined,
    sent: undefined,
    restarts: [],
  });
});

test('a refused write counts for an hour, and is remembered with what was forgiven by then', (t) => {
  const memories = createMemories();
  const workload = cart({ annotations: { [keys.resume]: '3' } });
  memories.begin(judged(workload), 1, at);
  const denied = { kind: 'rejected', fault: 'Forbidden', deniedBy: undefined } as const;
  memories.end(judged(workload), denied, at);
  t.deepEqual(memories.of(workload, [], at).rejected, {
    template: workload.digest,
    asked,
    at,
    resumedTo: 3,
  });
  t.deepEqual(memories.untoldAt(at + 3_599), [at]);
  t.deepEqual(memories.untoldAt(at + 3_600), []);
});

test('what is gone is forgotten', (t) => {
  const memories = createMemories();
  memories.see(aJudgement(), at);
  memories.begin(judged(cart()), 1, at);
  memories.forget(cart().uid);
  t.is(memories.of(cart(), [], at).behindSince, undefined);
  t.is(memories.unseen(), 0);
});

test('pods that were declined are behind as well', (t) => {
  const memories = createMemories();
  const declined = aJudgement(undefined, { coverage: { missing: 0, refused: 1, current: 1 } });
  t.is(memories.see(declined, at), at);
  t.is(memories.see(declined, at + 60), at);
});

const day = 86_400;

/** A restart that the cache has shown, and that its owner has erased since. */
function erased(memories: Memories, number: number, when: number): Workload {
  memories.begin(judged(cart()), number, when);
  memories.end(judged(cart()), { kind: 'sent', version: '9' }, when);
  const workload = cart({ version: '10' });
  memories.of(workload, [], when + 1);
  return workload;
}

test('a restart is remembered for a week, whatever its owner erases', (t) => {
  const memories = createMemories();
  const workload = erased(memories, 1, at);
  t.deepEqual(memories.of(workload, [], at + 7 * day - 1).restarts, [{ number: 1, at }]);
  t.deepEqual(memories.of(workload, [], at + 7 * day).restarts, []);
});

test('no more is kept of one workload than anybody could want to know', (t) => {
  const memories = createMemories();
  for (let number = 1; number <= 40; number += 1) erased(memories, number, at + number);
  const { restarts } = memories.of(cart({ version: '10' }), [], at + 50);
  t.is(restarts.length, 16);
  t.deepEqual(restarts[0], { number: 40, at: at + 40 });
});

test('one of unknown outcome is remembered when the cache has shown that it was carried out', (t) => {
  for (const isCarriedOut of [true, false]) {
    const memories = createMemories();
    memories.begin(judged(cart()), 1, at);
    memories.end(judged(cart()), { kind: 'uncertain', fault: 'TimedOut' }, at);
    const marker = isCarriedOut ? { asked, number: 1, times: [at] } : undefined;
    memories.of(cart({ marker, version: '8' }), [], at + 1);
    const { restarts } = memories.of(cart({ version: '9' }), [], at + 2);
    t.deepEqual(restarts, isCarriedOut ? [{ number: 1, at }] : []);
  }
});

test('restarts of workloads that are gone count for an hour, each once', (t) => {
  const memories = createMemories();
  erased(memories, 1, at);
  memories.begin(judged(cart()), 2, at + 60);
  memories.end(judged(cart()), { kind: 'sent', version: '19' }, at + 60);
  t.deepEqual(memories.untoldAt(at + 61), []);
  memories.forget(cart().uid);
  memories.forget(cart().uid);
  t.deepEqual(memories.untoldAt(at + 61), [at + 60, at]);
  t.deepEqual(memories.untoldAt(at + 3_600), [at + 60]);
});
