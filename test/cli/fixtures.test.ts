import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { cases, expected, lanes, runCase, sharedEnvironment } from './cases.ts';

const cache = mkdtempSync(join(tmpdir(), 'retrofit-cache-'));
test.after.always(() => rmSync(cache, { recursive: true, force: true }));

const inLane = lanes(3);
const environment = sharedEnvironment(cache);

for (const one of cases()) {
  test(`the command of ${one.name} writes, says and answers what its folder holds`, async (t) => {
    const { stdout, stderr, exit } = await inLane(() => runCase(one, environment));
    t.deepEqual({ stdout, stderr, exit }, expected(one.folder));
  });
}
