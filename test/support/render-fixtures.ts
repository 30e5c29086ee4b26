import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixtures, outcomeText } from './fixtures.ts';

for (const fixture of fixtures()) {
  writeFileSync(join(fixture.folder, 'expected.yaml'), outcomeText(fixture));
}
