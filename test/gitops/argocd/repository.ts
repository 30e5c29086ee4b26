import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Files } from '../flux/archive.ts';

/** A Git repository of this machine. */
export interface Repository {
  readonly url: string;
  /** Makes these files all there is in the newest commit, and returns its revision. */
  readonly commit: (files: Files) => Promise<string>;
}

const run = promisify(execFile);

const author = { name: 'A person', email: 'person@shop.example' };

/** Nobody's own settings for Git matter here. */
const environment = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: author.name,
  GIT_AUTHOR_EMAIL: author.email,
  GIT_COMMITTER_NAME: author.name,
  GIT_COMMITTER_EMAIL: author.email,
};

/** In a folder of its own below the one that is given. */
export async function openRepository(directory: string): Promise<Repository> {
  const place = await mkdtemp(join(directory, 'repository-'));
  const git = async (...args: readonly string[]) =>
    (await run('git', ['-C', place, ...args], { env: environment })).stdout.trim();
  await git('init', '--quiet', '--initial-branch=main');
  return {
    url: `file://${place}`,
    async commit(files) {
      await empty(place);
      for (const [path, text] of Object.entries(files)) {
        const file = join(place, path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, text);
      }
      await git('add', '--all');
      await git('commit', '--quiet', '--allow-empty', '--message=Whatever is new');
      return git('rev-parse', 'HEAD');
    },
  };
}

async function empty(place: string): Promise<void> {
  const names = (await readdir(place)).filter((name) => name !== '.git');
  for (const name of names) await rm(join(place, name), { recursive: true });
}
