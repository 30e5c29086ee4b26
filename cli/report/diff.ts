import { FILE_HEADERS_ONLY, formatPatch, structuredPatch, type StructuredPatchHunk } from 'diff';
import { applyEdits, inOrder, type Edit } from '../rewrite/edits.ts';
import { lineStart } from '../rewrite/layout.ts';
import type { Paint } from './table.ts';

interface Changed {
  readonly path: string;
  readonly before: string;
  readonly edits: readonly Edit[];
}

/** The files' changes in the form that `patch -p1` and `git apply` take. */
export function unifiedDiff(files: readonly Changed[], paint: Paint): string {
  return files
    .map((file) => ({ path: file.path, hunks: hunksOf(file) }))
    .filter(({ hunks }) => hunks.length > 0)
    .map(({ path, hunks }) => {
      const name = path.replace(/^(?:\.{0,2}\/)+/, '');
      const names = { oldFileName: `a/${name}`, newFileName: `b/${name}` };
      const patch = { ...names, oldHeader: undefined, newHeader: undefined, hunks };
      return coloured(formatPatch(patch, FILE_HEADERS_ONLY), paint);
    })
    .join('');
}

/**
 * We know where we changed what, so only the lines around each change are compared: comparing whole
 * files takes minutes when they are large.
 */
function hunksOf({ before, edits }: Changed): StructuredPatchHunk[] {
  let [from, line, shift] = [0, 0, 0];
  return regionsOf(before, edits).flatMap((region) => {
    line += linesIn(before.slice(from, region.start));
    from = region.start;
    const [oldOffset, newOffset] = [line, line + shift];
    const { old, changed } = textsOf(before, region);
    shift += linesIn(changed) - linesIn(old);
    const { hunks } = structuredPatch('', '', old, changed, '', '', { context });
    return hunks.map((hunk) => ({
      ...hunk,
      oldStart: hunk.oldStart + oldOffset,
      newStart: hunk.newStart + newOffset,
    }));
  });
}

interface Region {
  readonly start: number;
  readonly end: number;
  readonly edits: readonly Edit[];
}

const context = 3;

/** Stretches of whole lines with edits in them, so far apart that no line is context to two. */
function regionsOf(text: string, edits: readonly Edit[]): readonly Region[] {
  const regions: Region[] = [];
  for (const edit of inOrder(edits)) {
    const [start, end] = [linesBack(text, edit.start), linesOn(text, edit.end)];
    const last = regions.at(-1);
    if (last === undefined || start > last.end) regions.push({ start, end, edits: [edit] });
    else regions.splice(-1, 1, { start: last.start, end, edits: [...last.edits, edit] });
  }
  return regions;
}

function linesBack(text: string, offset: number): number {
  let start = lineStart(text, offset);
  for (let count = 0; count <= context && start > 0; count++) start = lineStart(text, start - 1);
  return start;
}

function linesOn(text: string, offset: number): number {
  let end = offset;
  for (let count = 0; count <= context + 1 && end < text.length; count++) {
    const index = text.indexOf('\n', end);
    end = index === -1 ? text.length : index + 1;
  }
  return end;
}

function textsOf(text: string, { start, end, edits }: Region) {
  const old = text.slice(start, end);
  const inside = edits.map((edit) => ({
    ...edit,
    start: edit.start - start,
    end: edit.end - start,
  }));
  return { old, changed: applyEdits(old, inside) };
}

const linesIn = (text: string) => text.split('\n').length - 1;

function coloured(text: string, paint: Paint): string {
  const lines = text.split('\n').map((line) => {
    if (/^(?:---|\+\+\+) /.test(line)) return paint('bold', line);
    if (line.startsWith('+')) return paint('green', line);
    return line.startsWith('-') ? paint('red', line) : line;
  });
  return lines.join('\n');
}
