import test from 'ava';
import {
  admissionFailures,
  certificateProblems,
  reviewProblems,
  type Entry,
} from '../../domain/facts.ts';

const tables: Readonly<Record<string, Readonly<Record<string, Entry>>>> = {
  admissionFailures,
  certificateProblems,
  reviewProblems,
};

for (const [title, table] of Object.entries(tables)) {
  test(`every row of ${title} says in a sentence what happened`, (t) => {
    for (const [key, { sentence }] of Object.entries(table)) {
      t.regex(key, /^[A-Z][A-Za-z]+$/);
      t.regex(sentence, /^[A-Z].*\.$/, key);
    }
  });

  test(`every remedy of ${title} is a sentence of its own`, (t) => {
    for (const [key, { remedy }] of Object.entries(table))
      t.regex(remedy ?? 'None.', /\.$|`$/, key);
  });
}

test('no key means two things', (t) => {
  const keys = [...Object.keys(certificateProblems), ...Object.keys(admissionFailures)];
  t.is(new Set(keys).size, keys.length);
});
