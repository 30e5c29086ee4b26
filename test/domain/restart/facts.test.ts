import test from 'ava';
import { probeProblems } from '../../../domain/restart/facts.ts';

test('every problem of the probe is a sentence, and says what to do', (t) => {
  for (const [key, { sentence, remedy }] of Object.entries(probeProblems)) {
    t.regex(key, /^[A-Z][A-Za-z]+$/);
    t.regex(sentence, /^[A-Z].*\.$/, key);
    t.regex(remedy, /^[A-Z].*[.`]$/, key);
  }
});
