import test from 'ava';
import { nearest } from '../../../../domain/diagnose/workload/nearest.ts';

test('the word that takes the fewest changes is meant', (t) => {
  t.is(nearest('agetns', ['servers', 'agents']), 'agents');
  t.is(nearest('NodeJS', ['nodejs', 'dotnet']), 'nodejs');
});

test('words that are far away are meant by nobody', (t) => {
  t.is(nearest('ruby', ['java', 'python']), undefined);
  t.is(nearest('x'.repeat(200), ['java']), undefined);
});
