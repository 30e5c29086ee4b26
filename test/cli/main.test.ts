import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import test from 'ava';
import { launcher, root, run } from './cases.ts';

const pod = (index: number) => `apiVersion: v1
kind: Pod
metadata:
  name: pod-${index}
  annotations: {instrumentation.opentelemetry.io/inject-sdk: "true"}
spec:
  containers: [{name: app}]
---
`;
const agents = `apiVersion: opentelemetry.io/v1alpha1
kind: Instrumentation
metadata: {name: agents}
spec: {exporter: {endpoint: "http://collector:4318"}}
`;
const many = Array.from({ length: 300 }, (_none, index) => pod(index)).join('') + agents;

test('the version is that of the package', async (t) => {
  const file = join(import.meta.dirname, '../../package.json');
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string };
  const { stdout, stderr, exit } = await run(['--version']);
  t.deepEqual({ stdout, stderr, exit }, { stdout: `${version}\n`, stderr: '', exit: 0 });
});

test('without a command the help is shown and nothing counts as done', async (t) => {
  const { stdout, stderr, exit } = await run([]);
  t.is(stdout, '');
  t.true(stderr.includes('retrofit inject'));
  t.is(exit, 64);
});

test('a reader that stops early ends the program without a word', async (t) => {
  const child = spawn(process.execPath, [launcher, 'inject', '-']);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(many);
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const [exit] = (await once(child, 'close')) as [number | null];
  t.is(exit, 0);
  t.false(/EPIPE|a fault/.test(stderr), stderr);
  t.true(stderr.endsWith('300 injected, 0 refused, 0 untouched.\n'));
});

test('colours are for terminals alone', async (t) => {
  const { stdout, stderr } = await run(['inject', '-'], { stdin: pod(1) + agents });
  t.false((stdout + stderr).includes('\u001B'));
});

test('all that comes through a pipe is read before anything is written', async (t) => {
  const child = spawn(process.execPath, [launcher, 'inject', '-']);
  const closed = once(child, 'close');
  const out: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.resume();
  for (const letter of pod(1) + agents) child.stdin.write(letter);
  child.stdin.end();
  const [exit] = (await closed) as [number | null];
  t.is(exit, 0);
  t.true(Buffer.concat(out).toString().includes('otel-retrofit.dev/injected'));
});

test('a signal ends the program as a signal', async (t) => {
  for (const node of [process.execPath, ...olderNode()]) {
    const child = spawn(node, [launcher, 'inject', '-']);
    const closed = once(child, 'close');
    child.stdin.write('# more to come\n');
    child.stderr.resume();
    child.stdout.resume();
    await Promise.race([once(child, 'spawn'), closed]);
    child.kill('SIGTERM');
    t.deepEqual(await closed, [null, 'SIGTERM'], node);
  }
});

test('an older Node starts the Node that came with the clone', (t) => {
  const older = olderNode();
  if (older.length === 0) t.log('no older Node is installed here');
  for (const node of older) {
    const folder = join(root, 'documentation/go-without-a-target');
    const error = t.throws<Error & { readonly status?: number; readonly stdout?: Buffer }>(() =>
      execFileSync(node, [launcher, 'inject', 'app.yaml'], { cwd: folder, stdio: 'pipe' }),
    );
    t.is(error?.status, 1);
    t.is(String(error?.stdout), readFileSync(join(folder, 'app.yaml'), 'utf8'));
    const input = pod(1) + agents;
    const piped = execFileSync(node, [launcher, 'inject', '-'], { input, stdio: 'pipe' });
    t.true(piped.toString().includes('otel-retrofit.dev/injected'));
  }
  t.pass();
});

/** A Node on the path that cannot run TypeScript by itself, if there is one. */
function olderNode(): readonly string[] {
  const paths = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'node'));
  const older = paths.find(
    (path) => existsSync(path) && /^v2[0-3]\./.test(execFileSync(path, ['--version']).toString()),
  );
  return older === undefined ? [] : [older];
}
