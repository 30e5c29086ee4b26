import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { rendered } from '../../docs/render.ts';

const root = join(import.meta.dirname, '../..');

for (const [path, text] of rendered()) {
  test(`${path} is what "npm run render" makes of its source`, (t) => {
    t.is(readFileSync(join(root, path), 'utf8'), text);
  });
}
