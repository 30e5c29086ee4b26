import test from 'ava';
import { faults, type Entry, type FaultKey } from '../../domain/faults.ts';

const rows = Object.entries(faults) as [FaultKey, Entry][];

test('a fault is known by a key that can be a metric label and the reason of an Event', (t) => {
  for (const [key] of rows) t.regex(key, /^[A-Z][A-Za-z]{1,126}$/);
});

test('a fault is told in one plain sentence without numbers or quotes', (t) => {
  for (const [key, { sentence }] of rows) t.regex(sentence, /^[A-Z][^0-9"]{10,110}\.$/, key);
});

test('what stops us says what a person can do', (t) => {
  const silent = rows.filter(([, { response, remedy }]) => response === 'stop' && !remedy);
  t.deepEqual(silent, []);
});

test('a remedy is a full sentence', (t) => {
  for (const [key, { remedy }] of rows) if (remedy) t.regex(remedy, /^[A-Z].{10,}\.$/s, key);
});

test('no two faults are told in the same words', (t) => {
  t.is(new Set(rows.map(([, { sentence }]) => sentence)).size, rows.length);
});

test('what another write may have changed is looked at again, never sent again', (t) => {
  t.is(faults.Conflict.response, 'forget');
  t.is(faults.NotFound.response, 'forget');
  t.is(faults.LeaseLost.response, 'forget');
});
