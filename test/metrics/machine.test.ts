import test from 'ava';
import { readings } from '../../metrics/machine.ts';

const read = (name: string) => readings.find((row) => row.name === name)?.read() ?? NaN;

test('the process started before now, after 2025', (t) => {
  const started = read('process_start_time_seconds');
  t.true(started > 1_735_000_000 && started <= Date.now() / 1000);
});

test('memory is told in bytes', (t) => {
  t.true(read('process_resident_memory_bytes') > 10_000_000);
  t.true(read('nodejs_heap_used_bytes') > 1_000_000);
});

test('counters only grow', (t) => {
  for (const { name, type } of readings) {
    if (type === 'counter') t.true(read(name) <= read(name), name);
  }
});
