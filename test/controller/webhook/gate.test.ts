import test from 'ava';
import { createGate, createPresence } from '../../../controller/webhook/gate.ts';

const limits = { requests: 2, bytes: 100, body: 100, connections: 1 };

test('only so many are taken at a time', (t) => {
  const gate = createGate(limits);
  t.deepEqual([gate.enter(1), gate.enter(1), gate.enter(1)], [true, true, false]);
  gate.leave(1);
  t.true(gate.enter(1));
});

test('what all hold together has a bound, which may be reached', (t) => {
  const gate = createGate(limits);
  t.deepEqual([gate.enter(60), gate.enter(41), gate.enter(40)], [true, false, true]);
});

test('whoever leaves takes along what he held, however many come', (t) => {
  const gate = createGate(limits);
  for (let turn = 0; turn < 1_000; turn += 1) {
    t.true(gate.enter(100), `turn ${turn}`);
    gate.leave(100);
  }
});

test('it is known who is inside, and told when all have left', async (t) => {
  const presence = createPresence();
  await presence.emptied();
  const leaves = [presence.entered(), presence.entered()];
  let isEmpty = false;
  const emptied = presence.emptied().then(() => (isEmpty = true));
  leaves[0]?.();
  await Promise.resolve();
  t.deepEqual([presence.inside(), isEmpty], [1, false]);
  leaves[1]?.();
  await emptied;
  t.is(presence.inside(), 0);
});
