import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { readSources } from '../../cli/read.ts';

function aFolder(t: ExecutionContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'retrofit-read-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

async function namesIn(folder: string, paths: readonly string[] = ['.']): Promise<string[]> {
  const { files, problems } = await readSources(
    paths.map((path) => join(folder, path)),
    async () => new Uint8Array(),
  );
  return [
    ...files,
    ...problems.map(({ file, sentence }) => ({ path: `${file}: ${sentence}` })),
  ].map(({ path }) => relative(folder, path));
}

const piped = (bytes: Buffer) => readSources(['-'], async () => bytes);

test('a folder is read to its ground, by name, hidden and foreign files left out', async (t) => {
  const folder = aFolder(t, {
    'b.yaml': '',
    'a/z.yml': '',
    'a/y.JSON': '{}',
    'a/b/c.yaml': '',
    '.git/config.yaml': '',
    '.hidden.yaml': '',
    'node_modules/x.yaml': '',
    'notes.txt': '',
  });
  t.deepEqual(await namesIn(folder), ['a/b/c.yaml', 'a/y.JSON', 'a/z.yml', 'b.yaml']);
});

test('a file named by hand is read whatever it is called', async (t) => {
  const folder = aFolder(t, { '.hidden/notes.txt': 'a: 1' });
  t.deepEqual(await namesIn(folder, ['.hidden/notes.txt']), ['.hidden/notes.txt']);
});

test('a file is read once, however many ways lead to it', async (t) => {
  const folder = aFolder(t, { 'a.yaml': '', 'b.yaml': '' });
  symlinkSync('a.yaml', join(folder, 'z.yaml'));
  symlinkSync('.', join(folder, 'circle'));
  t.deepEqual(await namesIn(folder, ['b.yaml', '.', 'a.yaml']), ['b.yaml', 'a.yaml']);
});

test('what cannot be read is named, all of it at once', async (t) => {
  const folder = aFolder(t, { 'empty/notes.txt': '', 'broken/a.yaml': '' });
  symlinkSync('nowhere.yaml', join(folder, 'broken/b.yaml'));
  t.deepEqual(await namesIn(folder, ['missing.yaml', 'empty', 'broken']), [
    'missing.yaml: There is no such file or folder.',
    'empty: The folder holds no file that ends in .yaml, .yml or .json.',
    'broken/b.yaml: There is no such file or folder.',
  ]);
});

test('a file beyond 64 MiB is refused before it is read', async (t) => {
  const folder = aFolder(t, { 'large.yaml': '' });
  truncateSync(join(folder, 'large.yaml'), 64 * 1024 * 1024 + 1);
  t.deepEqual(await namesIn(folder, ['large.yaml']), [
    'large.yaml: The file is larger than 64 MiB.',
  ]);
});

test('what is piped in is called so, and is read once', async (t) => {
  let asked = 0;
  const stdin = async () => {
    asked++;
    return Buffer.from('a: 1');
  };
  const { files } = await readSources(['-', '-'], stdin);
  t.deepEqual(files, [{ path: '<stdin>', text: 'a: 1' }]);
  t.is(asked, 1);
});

test('other encodings than UTF-8 are refused, and a mark of UTF-8 is kept', async (t) => {
  const { problems } = await piped(Buffer.from([0xff, 0xfe, 0x61, 0x00]));
  t.is(problems[0]?.sentence, 'The file is not text in UTF-8.');
  t.is((await piped(Buffer.from('\uFEFFa: 1'))).files[0]?.text, '\uFEFFa: 1');
});
