import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentOf, stagesOf } from '../../test/gitops/image/dockerfile.ts';

/** What the image tells Node. */
export function flagsOfImage(root: string): readonly string[] {
  const image = stagesOf(readFileSync(join(root, 'Dockerfile'), 'utf8')).at(-1);
  if (image === undefined) throw new Error('The Dockerfile has no stage.');
  return (environmentOf(image)['NODE_OPTIONS'] ?? '').split(' ');
}
