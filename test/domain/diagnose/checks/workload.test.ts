import test from 'ava';
import { levels, type Check } from '../../../../domain/diagnose/checks.ts';
import {
  requestChecks,
  podChecks,
  behaviourChecks,
} from '../../../../domain/diagnose/checks/workload.ts';

const rows = Object.entries<Check>({ ...requestChecks, ...podChecks, ...behaviourChecks });

test('every check of the workload says in a sentence what is so, and in another what to do', (t) => {
  for (const [key, { level, sentence, remedy }] of rows) {
    t.true(levels.includes(level), key);
    t.regex(sentence, /^[A-Z][^<>]*\.$/, key);
    t.regex(remedy, /^[A-Z].*\.$/, key);
  }
});

test('commands of the workload stand in backquotes, so that they can be copied', (t) => {
  const bare = rows.filter(([, { remedy }]) => /kubectl/.test(remedy.replaceAll(/`[^`]*`/g, '')));
  t.deepEqual(bare, []);
});
