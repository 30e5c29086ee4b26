import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';

const root = join(import.meta.dirname, '../../..');

test('the page that is served is the one that its parts give', async (t) => {
  const printing = [join(root, 'bin/page.js'), '--print'];
  const { stdout } = await promisify(execFile)(process.execPath, printing);
  t.is(readFileSync(join(root, 'controller/page/rendered.ts'), 'utf8'), stdout);
});
