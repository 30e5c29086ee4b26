import { images } from '../config/images.ts';
import { admit, patchOf } from '../domain/injection/admit.ts';
import { readInstrumentation } from '../domain/injection/instrumentation/read.ts';
import type { World } from '../domain/injection/match.ts';
import { indexInstrumentations } from '../domain/injection/selector.ts';
import { podOf } from './pods.ts';

/*
 * What a decision costs beside JSON.parse of the same pod, the least that any webhook in JavaScript
 * must pay. Floor and work take turns within each round, so that a noisy machine disturbs both.
 */

const instrumentation = readInstrumentation({
  metadata: { name: 'agents', namespace: 'shop' },
  spec: {
    exporter: { endpoint: 'http://collector.observability:4317' },
    propagators: ['tracecontext', 'baggage'],
    sampler: { type: 'parentbased_traceidratio', argument: '0.25' },
    resource: { addK8sUIDAttributes: true, resourceAttributes: { team: 'checkout' } },
    env: [{ name: 'OTEL_LOG_LEVEL', value: 'warn' }],
  },
});

const world: World = {
  namespace: { name: 'shop', annotations: {} },
  instrumentations: indexInstrumentations(instrumentation === undefined ? [] : [instrumentation]),
  defaults: { images, disabled: [] },
};

const rounds = 41;

interface Row {
  readonly pod: string;
  readonly bytes: number;
  readonly 'per second': number;
  readonly 'µs each': string;
  readonly 'JSON.parse µs': string;
  readonly ratio: string;
}

function measure(label: string, bytes: number, asks: boolean): Row {
  const pod = podOf(bytes, asks);
  const text = JSON.stringify(pod);
  const times = Math.max(50, Math.round(4_000_000 / text.length));
  const samples = Array.from({ length: rounds }, () => ({
    floor: clock(times, () => JSON.parse(text) as unknown),
    work: clock(times, () => patchOf(pod, admit(pod, world))),
  }));
  const work = median(samples.map((sample) => sample.work));
  const floor = median(samples.map((sample) => sample.floor));
  const ratio = median(samples.map((sample) => sample.work / sample.floor));
  return {
    pod: label,
    bytes: text.length,
    'per second': Math.round(1e6 / work),
    'µs each': work.toFixed(2),
    'JSON.parse µs': floor.toFixed(2),
    ratio: ratio.toFixed(3),
  };
}

/** Microseconds for one call. */
function clock(times: number, work: () => unknown): number {
  const started = process.hrtime.bigint();
  let last: unknown;
  for (let index = 0; index < times; index++) last = work();
  const spent = Number(process.hrtime.bigint() - started) / 1000 / times;
  return last === undefined ? Number.NaN : spent;
}

const median = (numbers: readonly number[]) =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

console.table([
  measure('small, asks', 1_500, true),
  measure('typical, asks', 8_000, true),
  measure('64 KB, asks', 64_000, true),
  measure('small, asks for nothing', 1_500, false),
  measure('typical, asks for nothing', 8_000, false),
  measure('64 KB, asks for nothing', 64_000, false),
]);
console.log(
  'ratio: match, inject and patch against JSON.parse of the same bytes; median of',
  rounds,
  'rounds',
);
