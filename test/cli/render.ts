import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cases, lanes, runCase, type Case } from './cases.ts';

const inLane = lanes(3);
await Promise.all(cases().map((one) => inLane(() => render(one))));

async function render(one: Case): Promise<void> {
  const { stdout, stderr, exit } = await runCase(one);
  const texts = { stdout, stderr, exit: exit === 0 ? '' : `${exit}\n` };
  for (const [name, text] of Object.entries(texts)) {
    const path = join(one.folder, name);
    if (text === '') rmSync(path, { force: true });
    else writeFileSync(path, text);
  }
}
