import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { findSource } from '../../binaries.ts';

const PATH = process.env['PATH'] ?? '';

test('an existing cluster comes before all binaries', async (t) => {
  const env = { RETROFIT_KUBECONFIG: '/somewhere/config', KUBEBUILDER_ASSETS: '/elsewhere', PATH };
  t.like(await findSource(env), { kind: 'existing', kubeconfig: '/somewhere/config' });
});

test('a folder of binaries comes before the cache, and says what it lacks', async (t) => {
  const assets = await folderWith('.', ['etcd']);
  const env = { KUBEBUILDER_ASSETS: assets, PATH };
  const lacking = await findSource(env);
  t.true(lacking.kind === 'missing' && lacking.remedy.includes('lacks etcd or kube-apiserver'));

  await writeFile(join(assets, 'kube-apiserver'), '');
  t.like(await findSource(env), { directory: assets, controllerManager: undefined });
  await writeFile(join(assets, 'kube-controller-manager'), '');
  t.like(await findSource(env), { controllerManager: join(assets, 'kube-controller-manager') });
  await rm(assets, { recursive: true });
});

test('with nothing there, one line says how to provide a control plane', async (t) => {
  const cache = await folderWith('.', []);
  const source = await findSource({ RETROFIT_CACHE: cache, PATH });
  t.is(source.kind, 'missing');
  t.regex(source.kind === 'missing' ? source.remedy : '', /^[^\n]*npm run test:cluster[^\n]*$/);
  await rm(cache, { recursive: true });
});

test('a build of other modules is not taken from the cache', async (t) => {
  const stranger = 'control-plane/0000000000000000-go1.26.0/bin';
  const cache = await folderWith(stranger, ['etcd', 'kube-apiserver']);
  t.like(await findSource({ RETROFIT_CACHE: cache, PATH }), { kind: 'missing' });
  t.like(await findSource({ RETROFIT_CACHE: cache, PATH: '' }), { kind: 'missing' });
  await rm(cache, { recursive: true });
});

async function folderWith(path: string, files: readonly string[]): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'retrofit-binaries-'));
  await mkdir(join(root, path), { recursive: true });
  for (const file of files) await writeFile(join(root, path, file), '');
  return root;
}
