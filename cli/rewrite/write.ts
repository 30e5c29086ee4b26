import { Document, isMap, isSeq } from 'yaml';
import type { Operation } from '../../domain/injection/patch.ts';
import { cautiousDialect } from '../manifest/dialect.ts';
import type { Path } from '../manifest/model.ts';
import { blockEdits } from './block.ts';
import { applyOperation, startEditing, type Editing } from './editing.ts';
import { areApart, NoPlace, type Edit } from './edits.ts';
import { flowEdits } from './flow.ts';
import { isBlank, layoutOf, lineStart, type Layout } from './layout.ts';
import { outline } from './outline.ts';
import { flowText, fragileLines, plainOf, quote, unfolded } from './render.ts';

interface PodChange {
  readonly at: Path;
  readonly operations: readonly Operation[];
}

/** The fewest lines that make a document say what it should; everything else keeps its very text. */
export function editsInPlace(
  yaml: Document.Parsed,
  changes: readonly PodChange[],
  text: string,
): readonly Edit[] {
  const layout = layoutOf(text, yaml);
  const editing = changed(yaml, changes);
  try {
    const edits = editsOf(yaml.contents, editing, layout);
    if (areApart(edits)) return edits;
  } catch (error) {
    if (!(error instanceof NoPlace)) throw error;
  }
  return [contents(editing, layout)];
}

/** The whole document written out, with its comments but in our layout. */
export const editsAnew = (
  yaml: Document.Parsed,
  changes: readonly PodChange[],
  text: string,
): readonly Edit[] => [contents(changed(yaml, changes), layoutOf(text, yaml))];

function changed(yaml: Document.Parsed, changes: readonly PodChange[]): Editing {
  const editing = startEditing(yaml);
  for (const { at, operations } of changes) {
    for (const operation of operations) applyOperation(editing, at, operation);
  }
  return editing;
}

function editsOf(node: unknown, editing: Editing, layout: Layout): readonly Edit[] {
  if (!isMap(node) && !isSeq(node)) return [];
  return outline(editing, node, layout.text).flatMap((part) => {
    if (part.kind === 'kept') return editsOf(part.value, editing, layout);
    return node.flow === true
      ? flowEdits(part, editing, layout)
      : blockEdits(part, node, editing, layout);
  });
}

function contents({ yaml }: Editing, layout: Layout): Edit {
  const { text } = layout;
  const [start, , end] = yaml.contents?.range ?? [0, 0, 0];
  const written = layout.isJson
    ? flowText(plainOf(yaml.contents, yaml), layout.isCompact ? undefined : '', layout)
    : blockText(yaml, text.slice(lineStart(text, start), start), layout);
  const isClosed = text.slice(start, end).endsWith('\n');
  return { start, end, text: isClosed ? written + layout.lineBreak : written };
}

function blockText(yaml: Document, before: string, layout: Layout): string {
  const copy = new Document(null, { schema: cautiousDialect });
  copy.contents = yaml.contents;
  if (copy.contents !== null) copy.contents.commentBefore = null;
  quote(copy, fragileLines);
  const text = copy.toString({
    indent: layout.step,
    indentSeq: layout.areListsIndented,
    verifyAliasOrder: false,
    ...unfolded,
  });
  const pad = isBlank(before) ? before : '';
  return text.replace(/\n$/, '').replaceAll('\n', layout.lineBreak + pad);
}
