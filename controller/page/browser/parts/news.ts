import type { Change } from '../model/store.ts';
import { counted, verdictWords } from '../model/words.ts';
import { found, write } from './elements.ts';

/** Whoever listens is not to be flooded. */
const pauseMs = 5_000;

/** Tells by ear what has changed since it last told something. */
export function createNews(): (changes: readonly Change[], notices: readonly string[]) => void {
  const waiting = new Map<string, Change>();
  let grave: readonly string[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = () => {
    timer = undefined;
    if (waiting.size + grave.length === 0) return;
    const told = waiting.size > 0 ? [newsOf([...waiting.values()])] : [];
    write(found('news'), [...grave, ...told].join(' '));
    waiting.clear();
    grave = [];
    timer = setTimeout(tell, pauseMs);
  };
  return (changes, notices) => {
    grave = [...grave, ...notices];
    for (const change of changes) {
      const isNews = change.before !== undefined && change.before.verdict !== change.now.verdict;
      if (isNews) waiting.set(change.now.key, change);
    }
    if (waiting.size + grave.length > 0) timer ??= setTimeout(tell, 300);
  };
}

function newsOf(changes: readonly Change[]): string {
  if (changes.length <= 3) {
    const told = changes.map(
      ({ now }) => `${now.namespace}/${now.name} is now ${verdictWords[now.verdict].toLowerCase()}`,
    );
    return `${told.join('; ')}.`;
  }
  const groups = Map.groupBy(changes, ({ now }) => now.verdict);
  const told = [...groups].map(
    ([verdict, group]) => `${group.length} ${verdictWords[verdict].toLowerCase()}`,
  );
  return `${counted(changes.length, 'workload')} changed: ${told.join(', ')}.`;
}
