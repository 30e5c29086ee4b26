import { execFile } from 'node:child_process';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { copyOf, stagesOf, valueOf, type Stage, type Step } from './dockerfile.ts';

const context = join(import.meta.dirname, '../../..');
const run = promisify(execFile);

export interface Image {
  /** The folder that stands for `/` in the image. */
  readonly root: string;
  readonly stage: Stage;
}

/**
 * Carries out the steps of the Dockerfile in an empty folder, each stage with a root of its own.
 * What a stage begins with is left out: it is the Node that runs here.
 */
export async function build(directory: string): Promise<Image> {
  const stages = stagesOf(await readFile(join(context, 'Dockerfile'), 'utf8'));
  const rootOf = (name: string | undefined) => join(directory, name ?? 'image');
  for (const stage of stages) await carryOut(stage, rootOf);
  const stage = stages.at(-1);
  if (stage === undefined) throw new Error('The Dockerfile has no stage.');
  return { root: rootOf(stage.name), stage };
}

async function carryOut(stage: Stage, rootOf: (name: string | undefined) => string): Promise<void> {
  const root = rootOf(stage.name);
  const workplace = join(root, valueOf(stage, 'WORKDIR'));
  await mkdir(workplace, { recursive: true });
  for (const step of stage.steps) {
    if (step.word === 'COPY') await copy(step, workplace, rootOf);
    if (step.word === 'RUN') await run('/bin/sh', ['-c', step.rest], { cwd: workplace });
  }
}

async function copy(
  step: Step,
  workplace: string,
  rootOf: (name: string | undefined) => string,
): Promise<void> {
  const { from, sources, target } = copyOf(step);
  const origin = from === undefined ? context : rootOf(from);
  for (const source of sources) {
    // As Docker has it: into a folder if the target ends in a slash, as that folder otherwise.
    const isFolderContent = source.endsWith('/') || !target.endsWith('/');
    const place = isFolderContent ? target : join(target, source.split('/').at(-1) ?? '');
    await cp(join(origin, source), join(workplace, place), { recursive: true });
  }
}
