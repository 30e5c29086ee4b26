import test from 'ava';
import { levels, type Check } from '../../../../domain/diagnose/checks.ts';
import { installationChecks } from '../../../../domain/diagnose/checks/installation.ts';

const rows = Object.entries<Check>({ ...installationChecks });

test('every check of the installation says in a sentence what is so, and in another what to do', (t) => {
  for (const [key, { level, sentence, remedy }] of rows) {
    t.true(levels.includes(level), key);
    t.regex(sentence, /^[A-Z][^<>]*\.$/, key);
    t.regex(remedy, /^[A-Z].*\.$/, key);
  }
});

test('commands of the installation stand in backquotes, so that they can be copied', (t) => {
  const bare = rows.filter(([, { remedy }]) => /kubectl/.test(remedy.replaceAll(/`[^`]*`/g, '')));
  t.deepEqual(bare, []);
});
