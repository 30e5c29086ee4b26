import { isPair, isScalar, type Document } from 'yaml';
import type { Changed } from './block.ts';
import type { Editing } from './editing.ts';
import { NoPlace, type Edit } from './edits.ts';
import { isBlank, lineStart, type Layout } from './layout.ts';
import type { Entry } from './outline.ts';
import { flowText, plainOf, styled } from './render.ts';

/** What a change means for the text of a flow collection, and so for JSON. */
export function flowEdits(part: Changed, editing: Editing, layout: Layout): readonly Edit[] {
  if (part.kind === 'removed') return [removal(part)];
  if (part.kind === 'added') return [insertion(part, editing, layout)];
  return [replacement(part, editing, layout)];
}

/** What stands before an item on its line, if nothing but white space does. */
function padOf({ start }: Entry, text: string): string | undefined {
  const pad = text.slice(lineStart(text, start), start);
  return isBlank(pad) && lineStart(text, start) > 0 ? pad : undefined;
}

function replacement(
  { entry, old, value }: Extract<Changed, { kind: 'replaced' }>,
  { yaml }: Editing,
  layout: Layout,
): Edit {
  const text = flowText(styled(value, old, yaml), padOf(entry, layout.text), layout);
  const { start, end, valueStart } = entry;
  if (valueStart === undefined) return { start, end, text };
  const space = /^\s*/.exec(layout.text.slice(valueStart, end))?.[0] ?? '';
  return { start: valueStart, end, text: (space === '' && !layout.isJson ? ' ' : space) + text };
}

function insertion(
  { items, after, before }: Extract<Changed, { kind: 'added' }>,
  { yaml }: Editing,
  layout: Layout,
): Edit {
  const neighbour = after ?? before;
  if (neighbour === undefined) throw new NoPlace();
  const pad = padOf(neighbour, layout.text);
  const besides = layout.isCompact ? '' : ' ';
  const gap = pad === undefined ? besides : layout.lineBreak + pad;
  const texts = items.map((item) => itemText(item, pad, yaml, layout));
  if (after !== undefined) {
    const { end } = after;
    return { start: end, end, text: texts.map((text) => `,${gap}${text}`).join('') };
  }
  const { start } = neighbour;
  return { start, end: start, text: texts.map((text) => `${text},${gap}`).join('') };
}

function itemText(item: unknown, pad: string | undefined, yaml: Document, layout: Layout): string {
  if (!isPair(item)) return flowText(plainOf(item, yaml), pad, layout);
  const key = isScalar(item.key) ? String(item.key.value) : '';
  const value = plainOf(item.value, yaml);
  if (!layout.isJson) return flowText({ [key]: value }, pad, layout).slice(1, -1);
  const colon = layout.isCompact ? ':' : ': ';
  return JSON.stringify(key) + colon + flowText(value, pad, layout);
}

function removal({ entry, previous, next }: Extract<Changed, { kind: 'removed' }>): Edit {
  if (previous !== undefined) return { start: previous.end, end: entry.end, text: '' };
  if (next === undefined) throw new NoPlace();
  return { start: entry.start, end: next.start, text: '' };
}
