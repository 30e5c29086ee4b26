import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { parseAllDocuments } from 'yaml';
import { ways } from '../live/ways.ts';
import type { Manifest } from '../manifests.ts';

const root = join(import.meta.dirname, '../../..');

for (const [name, way] of Object.entries(ways)) {
  test(`the commands of ${name} are those of the guides`, async (t) => {
    const pages = await Promise.all(
      ['install', 'uninstall', 'gitops'].map((page) =>
        readFile(join(root, `docs/guides/${page}.md`), 'utf8'),
      ),
    );
    const lines = new Set(pages.flatMap((page) => page.split('\n')));
    const { install, uninstall, rest } = way;
    for (const command of [install, uninstall, ...rest]) t.true(lines.has(`$ ${command}`), command);
  });
}

test('every file of the guides is YAML that says what it is', (t) => {
  const folder = join(root, 'docs/guides/gitops');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => name.endsWith('.yaml'))) {
    const text = readFileSync(join(folder, file), 'utf8');
    t.notRegex(text, /caBundle|hook|otel-retrofit\.dev\/restart/, file);
    for (const document of parseAllDocuments(text)) {
      t.deepEqual(document.errors, [], file);
      const { kind } = document.toJS() as Manifest;
      t.is(typeof kind, 'string', file);
    }
  }
});

test('the kustomization of the guide is the file that it names', (t) => {
  const guide = readFileSync(join(root, 'docs/guides/install.md'), 'utf8');
  const file = readFileSync(join(root, 'docs/guides/gitops/kustomization.yaml'), 'utf8');
  t.true(guide.includes(file.slice(file.indexOf('apiVersion:'))));
});
