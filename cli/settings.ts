import { readFile } from 'node:fs/promises';
import { explain, readSettings, type Settings } from '../config/settings.ts';
import type { Problem } from './manifest/model.ts';

export type SettingsRead =
  | { readonly kind: 'settings'; readonly settings: Settings }
  | { readonly kind: 'unread'; readonly problems: readonly Problem[] };

/** The settings of the installation, from a file, or as they are where nobody said anything. */
export async function settingsFrom(path: string | undefined): Promise<SettingsRead> {
  const text = path === undefined ? undefined : await readFile(path, 'utf8').catch(() => null);
  const file = path ?? '';
  if (text === null) {
    return { kind: 'unread', problems: [{ file, sentence: 'The file cannot be read.' }] };
  }
  const reading = readSettings([], {}, text);
  if (reading.kind === 'settings') return { kind: 'settings', settings: reading.settings };
  const problems = reading.problems.map((one) => ({ file, sentence: explain(one) }));
  return { kind: 'unread', problems };
}
