import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { rendered } from '../../docs/render.ts';

const root = join(import.meta.dirname, '../..');

for (const [path, text] of rendered()) {
  test(`${path} is what "npm run render" makes of its source`, (t) => {
    t.is(readFileSync(join(root, path), 'utf8'), text);
  });
}

/** Lines of folded blocks that are indented more than their first: each tool that rewrites them folds them differently. */
function overIndented(text: string): readonly string[] {
  const found: string[] = [];
  let first: number | 'awaited' | undefined;
  for (const line of text.split('\n')) {
    const indent = line.length - line.trimStart().length;
    if (first === 'awaited') first = indent;
    else if (first !== undefined && line.trim() !== '' && indent < first) first = undefined;
    else if (first !== undefined && indent > first) found.push(line.trim());
    if (/: >-?$/.test(line)) first = 'awaited';
  }
  return found;
}

for (const path of globSync('config/{base,components}/**/*.yaml', { cwd: root })) {
  test(`${path} folds to the same text in every tool`, (t) => {
    t.deepEqual(overIndented(readFileSync(join(root, path), 'utf8')), []);
  });
}
