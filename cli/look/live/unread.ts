import type { Answer } from '../answer.ts';

/** Something that whoever asks may not read, and what is not known therefore. */
export interface Unread {
  readonly what: string;
  readonly effect: string;
  readonly remedy: string;
}

/** Of all that could not be read what may have changed these answers. */
export function unreadFor(
  answers: readonly Answer[],
  unread: ReadonlySet<string>,
  home: string,
): readonly Unread[] {
  const isAnyOpen = answers.some(({ verdict }) => open.has(verdict));
  return [...unread]
    .filter((what) => isAnyOpen || what !== `Namespace/${home}`)
    .map((what) => ({
      what,
      effect: effectOf(what, home),
      remedy: `\`kubectl auth can-i ${requestFor(what)}\` tells whether you may.`,
    }));
}

/** Restarts that are switched off for all are made by nobody. */
const open: ReadonlySet<Answer['verdict']> = new Set(['behind', 'waiting']);

function effectOf(what: string, home: string): string {
  if (what === `Namespace/${home}`) return 'whether restarts are switched off there is not known.';
  return what.startsWith('Namespace/')
    ? 'what it asks of its workloads is not known, and not counted.'
    : 'what they forbid is not known, and not counted.';
}

function requestFor(what: string): string {
  const [kind = '', name = ''] = what.split('/');
  if (kind === 'Namespace') return `get namespaces/${name} -n ${name}`;
  return `list limitranges ${name === '' ? '-A' : `-n ${name}`}`;
}
