import { readFile } from 'node:fs/promises';
import { explain, readSettings, settingsFile } from '../config/settings.ts';
import { run, type RunOptions } from '../controller/run.ts';

export type RunContext = Omit<RunOptions, 'settings'>;

export type Ran =
  | { readonly kind: 'ended' }
  /** Everything that is wrong with the settings, or what they ran into, a line each; nothing was served. */
  | { readonly kind: 'badSettings'; readonly problems: readonly string[] };

/** Runs the controller until it is told to stop, if its settings are right. */
export async function runController(words: readonly string[], context: RunContext): Promise<Ran> {
  const { environment } = context;
  const path = settingsFile(words, environment);
  const file = path === undefined ? undefined : await readText(path);
  if (file === null) {
    return { kind: 'badSettings', problems: [`config: the file ${path} cannot be read.`] };
  }
  const reading = readSettings(words, environment, file);
  if (reading.kind === 'refused') {
    return { kind: 'badSettings', problems: reading.problems.map(explain) };
  }
  const ended = await run({ ...context, settings: reading.settings });
  return ended.kind === 'stopped'
    ? { kind: 'ended' }
    : { kind: 'badSettings', problems: [ended.problem] };
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return null;
  }
}
