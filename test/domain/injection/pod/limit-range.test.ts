import test from 'ava';
import { amountsIn, filled, readLimitRange } from '../../../../domain/injection/pod/limit-range.ts';
import type { JsonObject } from '../../../../domain/json.ts';
import { aLimitRange, frozen } from '../../../support/build.ts';

const defaultsOf = (...items: readonly JsonObject[]) => {
  const { requests, limits } = readLimitRange(aLimitRange(...items))?.defaults ?? {};
  return { requests: [...(requests ?? [])], limits: [...(limits ?? [])] };
};

test('amounts are compared in thousandths, rounded up', (t) => {
  const written = { cpu: '0.057', memory: '1Ki', tiny: '1n', many: 3, none: '', odd: 'much' };
  t.deepEqual(
    [...amountsIn(frozen(written))],
    [
      ['cpu', 57],
      ['memory', 1_024_000],
      ['tiny', 1],
      ['many', 3_000],
    ],
  );
  t.deepEqual([...amountsIn(undefined)], []);
});

test('what is there is not filled in', (t) => {
  const [there, others] = [amountsIn({ cpu: 1 }), amountsIn({ cpu: 2, memory: 3 })];
  t.deepEqual(
    [...filled(there, others)],
    [
      ['cpu', 1_000],
      ['memory', 3_000],
    ],
  );
});

test('bounds are read of containers and pods, as they are written', (t) => {
  const read = readLimitRange(
    aLimitRange(
      { type: 'Container', min: { cpu: '50m' }, maxLimitRequestRatio: { cpu: 4 } },
      { type: 'Pod', max: { memory: '1Gi' } },
      { type: 'PersistentVolumeClaim', max: { storage: '1Gi' } },
    ),
  );
  t.is(read?.name, 'limits');
  t.deepEqual(
    read?.bounds.map(({ of, kind, resource, text }) => [of, kind, resource, text].join(' ')),
    ['Container min cpu 50m', 'Container maxLimitRequestRatio cpu 4', 'Pod max memory 1Gi'],
  );
});

const cpu = (amount: number) => [['cpu', amount]];

test('where no default is said, the most and the least stand in for it', (t) => {
  const most = { type: 'Container', max: { cpu: 2 } };
  const least = { type: 'Container', min: { cpu: 1 } };
  t.deepEqual(defaultsOf(most), { requests: cpu(2_000), limits: cpu(2_000) });
  t.deepEqual(defaultsOf(least), { requests: cpu(1_000), limits: [] });
  t.deepEqual(defaultsOf({ ...most, default: { cpu: 1 } }), {
    requests: cpu(1_000),
    limits: cpu(1_000),
  });
  t.deepEqual(defaultsOf({ ...most, ...least, defaultRequest: { cpu: '1.5' } }), {
    requests: cpu(1_500),
    limits: cpu(2_000),
  });
  t.deepEqual(defaultsOf({ ...most, type: 'Pod' }), { requests: [], limits: [] });
});

test('what has no name is no LimitRange', (t) => {
  t.is(readLimitRange({ metadata: {}, spec: { limits: [] } }), undefined);
  t.is(readLimitRange('limits'), undefined);
  t.deepEqual(readLimitRange({ metadata: { name: 'a' } })?.bounds, []);
});
