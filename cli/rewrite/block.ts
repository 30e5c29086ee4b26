import { isPair, isScalar, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Editing } from './editing.ts';
import { NoPlace, type Edit } from './edits.ts';
import { indentOf, isBlank, lineBefore, lineEnd, lineStart, type Layout } from './layout.ts';
import type { Entry, Part } from './outline.ts';
import { blockLines, plainOf, styled } from './render.ts';

export type Changed = Exclude<Part, { kind: 'kept' }>;

/** What a change means for the text of a block collection. */
export function blockEdits(
  part: Changed,
  node: YAMLMap | YAMLSeq,
  editing: Editing,
  layout: Layout,
): readonly Edit[] {
  const indent = indentOf(node) ?? 0;
  if (part.kind === 'removed') return [removal(part, layout.text)];
  if (part.kind === 'added') return [insertion(part, indent, editing, layout)];
  const value = styled(part.value, part.old, editing.yaml);
  return replacement(part.entry, isSeq(node) ? [value] : { k: value }, indent, layout);
}

/** The first line takes the old value's place; a comment behind that stays, and the rest comes below it. */
function replacement(
  { valueStart, end }: Entry,
  whole: object,
  indent: number,
  layout: Layout,
): readonly Edit[] {
  if (valueStart === undefined) throw new NoPlace();
  const { text, lineBreak } = layout;
  const oldEnd = valueStart + text.slice(valueStart, end).trimEnd().length;
  const below = lineEnd(text, oldEnd);
  const [first = '', ...rest] = blockLines(whole, indent, below, layout);
  const prefix = indent + (Array.isArray(whole) ? '-' : 'k:').length;
  const tail = rest.map((line) => lineBreak + line).join('');
  return [
    { start: valueStart, end: oldEnd, text: first.slice(prefix) },
    { start: below, end: below, text: tail },
  ];
}

function insertion(
  { items, after, before }: Extract<Part, { kind: 'added' }>,
  indent: number,
  editing: Editing,
  layout: Layout,
): Edit {
  const { text, lineBreak } = layout;
  const offset = after === undefined ? before?.start : lineEnd(text, after.end);
  if (offset === undefined) throw new NoPlace();
  const lines = items.flatMap((item) => blockLines(single(item, editing), indent, offset, layout));
  const inserted =
    after === undefined
      ? lines.join(lineBreak).trimStart() + lineBreak + ' '.repeat(indent)
      : lines.map((line) => lineBreak + line).join('');
  return { start: offset, end: offset, text: inserted };
}

/** A pair as a map of its own, an item as a list. */
function single(item: unknown, { yaml }: Editing): object {
  if (!isPair(item)) return [plainOf(item, yaml)];
  const key = isScalar(item.key) ? String(item.key.value) : '';
  return { [key]: plainOf(item.value, yaml) };
}

function removal({ entry, next }: Extract<Part, { kind: 'removed' }>, text: string): Edit {
  const isFirstOnLine = isBlank(text.slice(lineStart(text, entry.start), entry.start));
  if (isFirstOnLine) {
    return { start: lineBefore(text, entry.start), end: lineEnd(text, entry.end), text: '' };
  }
  if (next === undefined) throw new NoPlace();
  return { start: entry.start, end: next.start, text: '' };
}
