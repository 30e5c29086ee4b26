import test from 'ava';
import { historyOf } from '../../../../domain/restart/judge/history.ts';
import { aMarker, anOtherMarker, aSnapshot, day, hour, noon } from '../../../support/restart.ts';

test('a workload that was never restarted by us has no history', (t) => {
  t.deepEqual(historyOf(aSnapshot()), { latest: undefined, restarts: [], lastNumber: 0 });
});

test('every restart that a template tells of has its number', (t) => {
  const marker = aMarker(3, hour, 2 * hour);
  const { restarts, lastNumber } = historyOf(
    aSnapshot({
      marker,
      revisions: [
        { number: 2, marker },
        { number: 1, marker: anOtherMarker(1, day) },
      ],
    }),
  );
  t.is(lastNumber, 3);
  t.deepEqual(restarts, [
    { at: noon - hour, number: 3 },
    { at: noon - 2 * hour, number: 2 },
    { at: noon - day, number: 1 },
  ]);
});

test('a marker with more times than restarts forgives none of them', (t) => {
  const { restarts } = historyOf(aSnapshot({ marker: aMarker(1, hour, 2 * hour, day) }));
  t.deepEqual(
    restarts.map(({ number }) => number),
    [1, 1, 1],
  );
});

test('what only a revision remembers counts like the rest', (t) => {
  const { latest, lastNumber } = historyOf(
    aSnapshot({ revisions: [{ number: 2 }, { number: 1, marker: aMarker(7, hour) }] }),
  );
  t.is(latest?.number, 7);
  t.is(lastNumber, 7);
});

test('an annotation that no restart of ours wrote tells nothing', (t) => {
  t.is(historyOf(aSnapshot({ marker: 'yesterday' })).lastNumber, 0);
});

test('what its owner has erased is remembered, and what is told twice counts once', (t) => {
  const restarts = [
    { number: 4, at: noon - hour },
    { number: 3, at: noon - 2 * hour },
  ];
  t.deepEqual(historyOf(aSnapshot({ memory: { restarts } })), {
    latest: undefined,
    restarts,
    lastNumber: 4,
  });
  const told = historyOf(aSnapshot({ marker: aMarker(4, hour, day), memory: { restarts } }));
  t.deepEqual(told.restarts, [...restarts, { number: 3, at: noon - day }]);
  t.is(told.latest?.number, 4);
});
