import { readFileSync } from 'node:fs';
import test from 'ava';
import { reasons } from '../../../domain/reasons.ts';
import { conditionWords } from '../../../domain/status/words.ts';

test('what conditions say beside reasons is a sentence each, under keys of its own', (t) => {
  for (const [key, { summary }] of Object.entries(conditionWords)) {
    t.regex(key, /^[A-Z][A-Za-z]+$/);
    t.regex(summary, /^[A-Z].*\.$/);
    t.false(Object.hasOwn(reasons, key), key);
  }
});

test('whoever looks a word up finds it on the page of reasons', (t) => {
  const page = readFileSync('docs/reference/reasons.md', 'utf8');
  for (const [key, { summary }] of Object.entries(conditionWords))
    t.true(page.includes(`### ${key}\n\n${summary}\n`), key);
});
