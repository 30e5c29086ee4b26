#!/usr/bin/env node
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';

/*
 * The parts of the status page as one module of plain text: so it is there wherever the program
 * is, from its sources, as a package or as one bundle, and nothing has to be found at run time.
 * With --print it is shown and nothing is written.
 */

const place = fileURLToPath(new URL('../controller/page/', import.meta.url));
const target = ['chrome120', 'firefox120', 'safari17'];

const styles = await transform(readFileSync(join(place, 'browser/page.css'), 'utf8'), {
  loader: 'css',
  minify: true,
  lineLimit: 400,
  target,
});
const { outputFiles } = await build({
  entryPoints: [join(place, 'browser/main.ts')],
  bundle: true,
  write: false,
  format: 'iife',
  minify: true,
  lineLimit: 400,
  legalComments: 'none',
  target,
});
const body = readFileSync(join(place, 'browser/page.html'), 'utf8').replaceAll(/\s*\n\s*/g, '\n');

const text = [
  '// Rendered from the folder "browser" by "node bin/page.js": change the files there, not this one.',
  ...[
    ['body', body],
    ['styles', styles.code],
    ['script', outputFiles[0].text],
  ].map(([name, part]) => `export const ${name} = \`${literal(part.trim())}\`;`),
  '',
].join('\n\n');

if (process.argv.includes('--print')) process.stdout.write(text);
else writeFileSync(join(place, 'rendered.ts'), text);

function literal(part) {
  return part.replaceAll(/[\\`]|\$(?=\{)/g, String.raw`\$&`);
}
