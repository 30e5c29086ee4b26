import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

type Tool = 'promtool' | 'prometheus';

/**
 * Debian's program: where a variable says, on the path, or unpacked beside the other caches. A
 * variable that is set and leads nowhere is a failure to be seen, not a reason to test less.
 */
export function findTool(tool: Tool): string | undefined {
  const { env } = process;
  const told = env[`RETROFIT_${tool.toUpperCase()}`];
  if (told !== undefined) return told;
  const cache =
    env['RETROFIT_CACHE'] ??
    join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'otel-retrofit');
  const folders = [...(env['PATH'] ?? '').split(delimiter), join(cache, 'prometheus/usr/bin')];
  return folders.map((folder) => join(folder, tool)).find(existsSync);
}
