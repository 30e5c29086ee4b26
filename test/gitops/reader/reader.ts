import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { goEnvironment } from '../../cluster/binaries.ts';
import { placeOf } from '../tools.ts';

export interface Question {
  readonly image?: string;
  readonly path?: string;
}

/** Text that is no image has neither tag nor digest. */
export interface Answer {
  readonly tag: string;
  readonly digest: string;
  readonly directory: string;
  readonly file: string;
}

/** Built anew when a line of it changes, or a module that it is made from. */
function place(): string {
  const sources = ['main.go', 'go.mod', 'go.sum'].map((name) =>
    readFileSync(join(import.meta.dirname, name)),
  );
  const key = createHash('sha256').update(Buffer.concat(sources)).digest('hex').slice(0, 12);
  return join(placeOf('glua'), '../..', `reader-${key}`, 'reader');
}

/** One that is half built is never seen: it gets its name when it is whole. */
export async function buildReader(): Promise<void> {
  const program = place();
  if (existsSync(program)) return;
  const unfinished = `${program}-${process.pid}`;
  await mkdir(join(program, '..'), { recursive: true });
  try {
    await promisify(execFile)('go', ['build', '-ldflags=-s -w', '-o', unfinished, '.'], {
      cwd: import.meta.dirname,
      env: goEnvironment(process.env),
    });
    await rename(unfinished, program);
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** All in one go, in the order in which they are asked. */
export async function readByGo(questions: readonly Question[]): Promise<readonly Answer[]> {
  const reader = spawn(place(), { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = text(reader.stdout);
  reader.stdin.end(questions.map((one) => `${JSON.stringify(one)}\n`).join(''));
  return (await answers)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer);
}
