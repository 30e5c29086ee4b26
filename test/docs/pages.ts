import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * How a page of the docs is read.
 *
 * - ```console: "$ " begins a command, "\" at its end continues it, and what follows is what a
 *   person then sees. "…" alone on a line stands for any lines, and inside a line for any text.
 * - ```yaml that begins with a comment of a file's name, "# app.yaml", is that file: the commands
 *   that follow find it in their folder.
 * - <!-- not executed: why --> before a block keeps it from being executed.
 * - <!-- refused: what is wrong --> before a block of YAML says that it is wrong on purpose.
 */

export const root = join(import.meta.dirname, '../..');

export interface Block {
  readonly page: string;
  /** Where the block begins, for a person. */
  readonly line: number;
  /** The heading of the second order that it stands under. */
  readonly chapter: string;
  readonly language: string;
  readonly text: string;
  readonly notExecuted: string | undefined;
  readonly refused: string | undefined;
}

export interface Page {
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** The pages by which people work. */
export const guides = (): readonly Page[] =>
  ['README.md', ...globSync('docs/{guides,runbooks}/**/*.md', { cwd: root })].toSorted().map(read);

/** Every page that somebody can follow a link on. */
export const allPages = (): readonly Page[] =>
  [...globSync('*.md', { cwd: root }), ...globSync('docs/**/*.md', { cwd: root })]
    .toSorted()
    .map(read);

function read(path: string): Page {
  const text = readFileSync(join(root, path), 'utf8');
  return { path, text, blocks: blocksIn(path, text) };
}

const fence =
  /^(?:<!-- (?<mark>not executed|refused): (?<why>[^\n]+?) -->\n+)?(?<indent> *)```(?<language>[\w-]*)[^\n]*\n(?<text>.*?)^\k<indent>```$/gms;

export function blocksIn(page: string, text: string): readonly Block[] {
  return [...text.matchAll(fence)].map((found) => {
    const { mark, why, indent = '', language = '', text: inside = '' } = found.groups ?? {};
    return {
      page,
      line: text.slice(0, found.index).split('\n').length,
      chapter: chapterAt(text, found.index),
      language,
      text: inside.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      notExecuted: mark === 'not executed' ? why : undefined,
      refused: mark === 'refused' ? why : undefined,
    };
  });
}

const chapterAt = (text: string, index: number): string =>
  [...text.slice(0, index).matchAll(/^## (?<heading>.+)$/gm)].at(-1)?.groups?.['heading'] ?? '';

/** A command of a page, and what it is said to print. */
export interface Step {
  readonly kind: 'command';
  readonly place: string;
  readonly command: string;
  readonly expected: readonly string[];
}

/** A file that a reader is asked to write. */
export interface File {
  readonly kind: 'file';
  readonly place: string;
  readonly name: string;
  readonly text: string;
}

/** What a reader does, from the top of a page to its end. */
export const stepsOf = ({ blocks }: Page): readonly (Step | File)[] =>
  blocks.flatMap((block): readonly (Step | File)[] => {
    if (block.notExecuted !== undefined) return [];
    if (block.language === 'console') return commandsIn(block);
    const name = fileNameOf(block);
    const { page, line, text } = block;
    return name === undefined ? [] : [{ kind: 'file', place: `${page}:${line}`, name, text }];
  });

export const fileNameOf = ({ language, text }: Block): string | undefined =>
  language === 'yaml' ? /^# (?<name>[\w-]+\.yaml)\n/.exec(text)?.groups?.['name'] : undefined;

export function commandsIn({ page, line, text }: Block): readonly Step[] {
  const steps: { kind: 'command'; place: string; command: string; expected: string[] }[] = [];
  let isOpen = false;
  for (const [index, one] of text.trimEnd().split('\n').entries()) {
    const last = steps.at(-1);
    if (isOpen && last) last.command += one.trim().replace(/\\$/, '');
    else if (one.startsWith('$ ')) {
      const command = one.slice(2).replace(/\\$/, '');
      steps.push({ kind: 'command', place: `${page}:${line + index + 1}`, command, expected: [] });
    } else last?.expected.push(one);
    isOpen = one.endsWith('\\') && (isOpen || one.startsWith('$ '));
  }
  return steps;
}

/** Columns are as wide as what stands in them, so their width says nothing. */
const squeeze = (line: string) => line.trim().replaceAll(/\s+/g, ' ');

const escape = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** Whether something was printed as a page says. */
export function isAsSaid(printed: string, expected: readonly string[]): boolean {
  const pattern = expected
    .map(squeeze)
    .filter((line) => line !== '')
    .map((line) =>
      line === '…' ? '(?:[^\n]*\n)*?' : `${line.split('…').map(escape).join('[^\n]*?')}\n`,
    );
  const lines = printed
    .split('\n')
    .map(squeeze)
    .filter((line) => line !== '');
  return new RegExp(`^${pattern.join('')}$`).test(lines.map((line) => `${line}\n`).join(''));
}
