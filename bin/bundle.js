#!/usr/bin/env node
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { changedAt, isFresh, origin } from './fresh.mjs';
import { lean, leanDefinitions } from './lean.ts';

/*
 * The program without its packages' folders: a few files that load in a fraction of the time, in
 * `dist/bundle` or in the folder that is named; with `--if-stale` only where sources have changed.
 * Packages that are CommonJS ask for `require`, which a module does not have, so they are given one.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const usual = join(root, 'dist/bundle');
const [wish = usual] = process.argv.slice(2);
const isIfStale = wish === '--if-stale';
if (isIfStale && isFresh()) process.exit();
const outdir = isIfStale ? usual : resolve(root, wish);
const begunAt = Date.now();

const banner =
  "const require=process.getBuiltinModule('node:module').createRequire(import.meta.url);";

rmSync(outdir, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { main: 'cli/main.ts' },
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  chunkNames: 'part-[hash]',
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // Stacks and the names of errors are read by people, so names stay as they are.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'linked',
  // A package tries whether it is there: here only because a development tool brings it.
  external: ['supports-color'],
  banner: { js: banner },
  define: leanDefinitions,
  plugins: [lean],
  metafile: true,
});

const packages = packagesIn(Object.keys(metafile.inputs));
writeFileSync(join(outdir, 'LICENSES.txt'), packages.map(licenceOf).join('\n'));
if (outdir === usual) tellOrigin(sourcesIn(metafile));
for (const [path, { bytes }] of Object.entries(metafile.outputs)) {
  if (path.endsWith('.mjs') && !isIfStale) console.log(`${path} ${Math.ceil(bytes / 1024)} KB`);
}

/** What changes while it is read may be in the bundle or not: then nothing is said of it. */
function tellOrigin(sources) {
  const told = sources.map((path) => [path, changedAt(path)]);
  if (told.some(([, at]) => at >= begunAt)) rmSync(origin, { force: true });
  else writeFileSync(origin, JSON.stringify(Object.fromEntries(told)));
}

/** Of the packages only npm changes anything, and says so in a file of its own. */
function sourcesIn({ inputs }) {
  const ours = Object.keys(inputs).filter((path) => !path.startsWith('node_modules/'));
  const all = [...ours, 'bin/bundle.js', 'bin/lean.ts', 'node_modules/.package-lock.json'];
  return all.filter((path) => existsSync(join(root, path)));
}

/** The folders of all packages of which something is in the bundle. */
function packagesIn(inputs) {
  const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;
  return [...new Set(inputs.flatMap((input) => folder.exec(input) ?? []))].toSorted((a, b) =>
    a.localeCompare(b),
  );
}

/** Most licences want their text to go along with the code, and some a notice. */
function licenceOf(folder) {
  const path = join(root, folder);
  const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  const files = readdirSync(path).filter((file) => /^(?:licen[cs]e|notice)(?:\.|$)/i.test(file));
  const texts = files.map((file) => readFileSync(join(path, file), 'utf8').trim());
  return [`${name} ${version} (${license})`, ...texts, ''].join('\n\n');
}
