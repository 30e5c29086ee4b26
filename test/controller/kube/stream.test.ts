import test from 'ava';
import type { Fault } from '../../../controller/kube/fault.ts';
import { lines, readEvents } from '../../../controller/kube/stream.ts';

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size)
    yield bytes.subarray(start, start + size);
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const each of source) found.push(each);
  return found;
}

async function* endless(): AsyncGenerator<Buffer> {
  for (;;) yield Buffer.alloc(1024 * 1024, 'x');
}

test('lines come whole, however the bytes are cut, inside a character too', async (t) => {
  const text = 'Grüße, 世界 🌍\n\nzweite\r\ndritte\n';
  for (let size = 1; size <= 50; size += 1) {
    t.deepEqual(await all(lines(pieces(Buffer.from(text), size))), [
      'Grüße, 世界 🌍',
      'zweite\r',
      'dritte',
    ]);
  }
});

test('a stream that ends in the middle of a line is broken', async (t) => {
  const fault = await t.throwsAsync<Fault>(all(lines(pieces(Buffer.from('one\ntw'), 3))));
  t.is(fault.key, 'ConnectionBroken');
});

test('a line that does not end is given up before it fills the memory', async (t) => {
  const fault = await t.throwsAsync<Fault>(all(lines(endless())));
  t.is(fault.key, 'Garbled');
});

test('a stream that is always full leaves others their turn', async (t) => {
  let turns = 0;
  const counting = setInterval(() => (turns += 1), 0);
  const event = '{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"1"}}}\n';
  await all(readEvents(pieces(Buffer.from(event.repeat(100_000)), 16_384)));
  clearInterval(counting);
  t.true(turns > 5, String(turns));
});

test('a parse error does not repeat what it could not read', async (t) => {
  const fault = await t.throwsAsync<Fault>(
    all(readEvents(pieces(Buffer.from('{"PASSWORD":hunter2}\n'), 9))),
  );
  t.is(fault.key, 'Garbled');
  t.notRegex(`${fault.message}${fault.stack}${String(fault.cause)}`, /hunter2/);
});
