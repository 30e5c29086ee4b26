import { setImmediate as breathe } from 'node:timers/promises';
import test from 'ava';
import { createWrites } from '../../../../controller/loop/telling/writes.ts';

/** Those that wait, and those that are under way. */
const most = 5_000 + 4;

test('what finds no room is told once, when there is room again', async (t) => {
  const dropped: number[] = [];
  const writes = createWrites((count) => void dropped.push(count));
  const open = Promise.withResolvers<void>();
  const written: number[] = [];
  const write = async () => {
    await open.promise;
    written.push(1);
  };
  for (let turn = 0; turn < most + 30; turn += 1) writes.add(write);
  await breathe();
  t.deepEqual(dropped, []);
  open.resolve();
  while (written.length < most) await breathe();
  t.deepEqual(dropped, [30]);
});

test('nothing is told where all have found room', async (t) => {
  const dropped: number[] = [];
  const writes = createWrites((count) => void dropped.push(count));
  const written: number[] = [];
  for (let turn = 0; turn < 100; turn += 1)
    writes.add(async () => {
      await breathe();
      written.push(turn);
    });
  while (written.length < 100) await breathe();
  t.deepEqual(dropped, []);
});
