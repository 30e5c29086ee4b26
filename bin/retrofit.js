#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';

const bundle = new URL('../dist/bundle/main.mjs', import.meta.url);
const older = new URL('older.js', import.meta.url);
const fresh = new URL('fresh.mjs', import.meta.url);
const source = new URL('../cli/main.ts', import.meta.url);
const [major] = process.versions.node.split('.').map(Number);

// Whoever looks again does not wait for the same to be compiled again; Node 20 cannot keep it.
module.enableCompileCache?.(fileURLToPath(new URL('../dist/bundle/compiled', import.meta.url)));
if (!existsSync(source) || (await import(fresh.href)).isFresh()) await startBundle();
else if (major >= 24) await import(source.href);
else startInClone();

/** What is bundled loads in a third of the time, and is all that the package has. */
async function startBundle() {
  await import(older.href);
  await import(bundle.href);
}

/** TypeScript is run only by a newer Node: the one that npm brought. */
function startInClone() {
  const node = fileURLToPath(
    new URL(`../node_modules/node-linux-${process.arch}/bin/node`, import.meta.url),
  );
  if (!existsSync(node)) {
    process.stderr.write(
      'retrofit needs Node 24 here. Run `npm ci` in the clone, or install it.\n',
    );
    process.exitCode = 69;
    return;
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // A terminal tells both of us about Ctrl-C; to tell the child again would count twice.
    process.on(signal, () => (signal === 'SIGINT' && isatty(0) ? undefined : child.kill(signal)));
  }
  child.on('error', ({ message }) => {
    process.stderr.write(`retrofit could not start ${node}: ${message}\n`);
    process.exitCode = 69;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 1;
    if (signal !== null) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
  });
}
