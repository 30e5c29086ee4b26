import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answer } from '../../../cli/look/show.ts';
import { readCommand } from '../../../cli/program.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { context, serve, silent, type Manner } from './serving.ts';

async function seen(...words: readonly string[]) {
  const asked = readCommand(words, '0', silent);
  if (asked.kind !== 'status' && asked.kind !== 'plan') throw new Error(asked.kind);
  return answer(asked, context, (_look, text) => text);
}

/** What is told where everything was written down whole. */
export async function fromFiles(all: readonly JsonObject[], words: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'retrofit-whole-'));
  const file = join(folder, 'dump.json');
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: all }));
  try {
    return await seen(...words, '-f', file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What is told of a server that has the same. */
export async function fromServer(
  all: readonly JsonObject[],
  words: readonly string[],
  manner: Manner,
) {
  const serving = await serve(all, manner);
  try {
    const shown = await seen(...words, '--kubeconfig', serving.kubeconfig);
    return { shown, asked: serving.asked, connections: serving.connections() };
  } finally {
    await serving.stop();
  }
}
