import { join } from 'node:path';
import test from 'ava';
import { readTree, rules } from './support/guard.ts';

const tree = readTree(join(import.meta.dirname, '..'));

for (const { title, offences, planted } of rules) {
  test(title, (t) => {
    t.deepEqual(offences(tree), []);
  });

  test(`an offender is caught: ${title}`, (t) => {
    const [path, text] = planted;
    t.not(offences(new Map([...tree, [path, text]])).length, offences(tree).length);
  });
}
