import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import type { Paint } from './table.ts';

interface Rewritten {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** All files as one stream of documents. */
export function stream(files: readonly Rewritten[]): string {
  let whole = '';
  for (const { after } of files) {
    whole = whole === '' ? after : whole + joint(whole, after) + after.replace(/^\uFEFF/, '');
  }
  return whole;
}

/** What must stand between two files so that neither changes the other. */
function joint(before: string, after: string): string {
  const lineBreak = /\r?\n/.exec(before)?.[0] ?? '\n';
  const end = before.endsWith('\n') ? '' : lineBreak;
  const firstLine = /^(?:\uFEFF?(?:[ \t]*(?:#[^\n]*)?\r?\n)*)(?<first>[^\r\n]*)/.exec(after);
  const first = firstLine?.groups?.['first'] ?? '';
  if (first.startsWith('%')) return `${end}...${lineBreak}`;
  return /^---(?:\s|$)/.test(first) || isClosed(before) ? end : `${end}---${lineBreak}`;
}

const isClosed = (text: string) => /(?:^|\n)(?:---|\.\.\.)[ \t]*\s*$/.test(text.slice(-200));

/** The files' changes in the form that `patch -p1` and `git apply` take. */
export function unifiedDiff(files: readonly Rewritten[], paint: Paint): string {
  return files
    .filter(({ before, after }) => before !== after)
    .map(({ path, before, after }) => {
      const name = path.replace(/^(?:\.{0,2}\/)+/, '');
      const options = { context: 3, headerOptions: FILE_HEADERS_ONLY };
      return createTwoFilesPatch(
        `a/${name}`,
        `b/${name}`,
        before,
        after,
        undefined,
        undefined,
        options,
      );
    })
    .map((text) => coloured(text, paint))
    .join('');
}

function coloured(text: string, paint: Paint): string {
  return text
    .split('\n')
    .map((line) => {
      if (/^(?:---|\+\+\+) /.test(line)) return paint('bold', line);
      if (line.startsWith('+')) return paint('green', line);
      return line.startsWith('-') ? paint('red', line) : line;
    })
    .join('\n');
}
