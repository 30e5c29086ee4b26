import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const guides = join(import.meta.dirname, '../../../docs/guides');

/** A file that the guide names, such as `argocd/health.lua`. */
export const fileOfGuide = (path: string): string =>
  readFileSync(join(guides, 'gitops', path), 'utf8');

/** The block of YAML in the guide that begins with this member. */
export function blockOfGuide(member: string): unknown {
  const text = readFileSync(join(guides, 'gitops.md'), 'utf8');
  const blocks = [...text.matchAll(/```yaml\n(?<block>[^`]+)```/g)].map(
    ({ groups }) => groups?.['block'] ?? '',
  );
  const found = blocks.find((block) => block.startsWith(`${member}:`));
  if (found === undefined) throw new Error(`the guide has no block that begins with ${member}`);
  return parse(found);
}
