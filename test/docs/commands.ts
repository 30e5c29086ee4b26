import type { File, Step } from './pages.ts';

/** Who executes a command of a page. */
export type Stage =
  /** `npm test`: it needs nothing but the clone. */
  | 'here'
  /** `npm run test:guides`: it needs kubectl and an API server. */
  | 'cluster'
  /** A test of its own, which the table names. */
  | 'elsewhere';

/** Programs that other tests run, as the pages have them. */
export const elsewhere: Readonly<Record<string, string>> = {
  helm: 'test/gitops/suites/install.test.ts',
  flux: 'test/gitops/suites/health.test.ts',
  docker: 'test/gitops/suites/image.test.ts',
  npm: 'test/journeys/demo/demo.test.ts',
};

/** The programs that a line starts, in its order, with their words. */
export const programsIn = (command: string): readonly (readonly string[])[] =>
  command
    .split(/\s(?:\||&&)\s/)
    .map(wordsOf)
    .map((words) => (words[0] === 'npx' ? words.slice(1) : words));

const quoted = /'(?<single>[^']*)'|"(?<double>[^"]*)"|(?<plain>[^\s'"]+)/g;

/** Good enough for what the pages hold: a word is quoted whole, or from its equals sign on. */
function wordsOf(command: string): readonly string[] {
  const words: string[] = [];
  let end = -1;
  for (const found of command.trim().matchAll(quoted)) {
    const { single, double, plain } = found.groups ?? {};
    const text = single ?? double ?? plain ?? '';
    if (found.index === end) words.push(`${words.pop() ?? ''}${text}`);
    else words.push(text);
    end = found.index + found[0].length;
  }
  return words;
}

function stageOf({ command }: Step): Stage {
  const programs = programsIn(command);
  if (programs.some(([name = '']) => name in elsewhere)) return 'elsewhere';
  return programs.some(asksACluster) ? 'cluster' : 'here';
}

const questions = new Set(['status', 'plan', 'doctor']);

function asksACluster([name, verb = '', ...words]: readonly string[]): boolean {
  if (name === 'kubectl') return true;
  const isElsewise = words.some((word) => ['-f', '--file', '--help'].includes(word));
  return name === 'retrofit' && questions.has(verb) && !isElsewise;
}

export interface Staged<S> {
  readonly step: S;
  readonly stage: Stage;
}

/** What a command of the cluster has written to a file can be read there alone. */
export function staged(steps: readonly (Step | File)[]): readonly Staged<Step | File>[] {
  const written: string[] = [];
  return steps.map((step) => {
    if (step.kind === 'file') return { step, stage: 'here' };
    const isRead = written.some((name) => step.command.split(/\s+/).includes(name));
    const stage = isRead ? 'cluster' : stageOf(step);
    const target = / > (?<name>\S+)/.exec(step.command)?.groups?.['name'];
    if (stage === 'cluster' && target !== undefined) written.push(target);
    return { step, stage };
  });
}

/** It answers until it is told to stop. */
export const isServer = ({ command }: Step): boolean =>
  programsIn(command).some(
    ([name, verb, ...words]) => name === 'retrofit' && verb === 'run' && !words.includes('--help'),
  );

/** What reads may be asked again until it is so; what changes something is done once. */
const readers = new Set(['get', 'describe', 'logs', 'events', 'status', 'plan', 'doctor']);

export const isReader = ({ command }: Step): boolean =>
  programsIn(command).every(
    ([name = '', ...words]) =>
      !['kubectl', 'retrofit'].includes(name) || readers.has(verbOf(words)),
  );

const withValue = /^(?:-n|-f|-o|-l|-k|--namespace|--filename|--output|--selector|--kustomize)$/;

/** The first word that is neither a flag nor the value of one. */
export const verbOf = (words: readonly string[]): string =>
  words.find((word, at) => !word.startsWith('-') && !withValue.test(words[at - 1] ?? '')) ?? '';
