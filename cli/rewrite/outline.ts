import {
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { isRenewed, originalItems, originOf, type Editing } from './editing.ts';
import { itemTokens, startOf, valueStartOf } from './layout.ts';

/** Where an item stands in the text. */
export interface Entry {
  readonly start: number;
  /** Behind its last character, comments left aside. */
  readonly end: number;
  /** Behind the colon or the dash, if there is one. */
  readonly valueStart: number | undefined;
}

/** What becomes of a collection's items, in the order of the text. */
export type Part =
  | { readonly kind: 'kept'; readonly value: unknown }
  | { readonly kind: 'replaced'; readonly entry: Entry; readonly old: Node; readonly value: Node }
  | {
      readonly kind: 'removed';
      readonly entry: Entry;
      /** The item before it, unless everything before it goes too. */
      readonly previous: Entry | undefined;
      readonly next: Entry | undefined;
    }
  | {
      readonly kind: 'added';
      readonly items: readonly unknown[];
      /** The nearest items that stay. */
      readonly after: Entry | undefined;
      readonly before: Entry | undefined;
    };

export function outline(editing: Editing, node: YAMLMap | YAMLSeq, text: string): readonly Part[] {
  const originals = originalItems(editing, node);
  const entries = entriesOf(editing, node, text);
  const survivors = new Map(node.items.map((item) => [originOf(editing, item), item]));
  const queue: unknown[] = [...node.items];
  const parts: Part[] = [];
  let after: Entry | undefined;
  for (const [index, original] of originals.entries()) {
    const [last, entry, next] = [entries[index - 1], entries[index], entries[index + 1]];
    if (entry === undefined) continue;
    const survivor = survivors.get(original);
    if (survivor === undefined) {
      parts.push({ kind: 'removed', entry, previous: after && last, next });
      continue;
    }
    const items = queue.splice(0, queue.indexOf(survivor));
    queue.shift();
    if (items.length > 0) parts.push({ kind: 'added', items, after, before: entry });
    parts.push(survival(editing, survivor, entry));
    after = entry;
  }
  if (queue.length > 0) parts.push({ kind: 'added', items: queue, after, before: undefined });
  return parts;
}

function survival(editing: Editing, survivor: unknown, entry: Entry): Part {
  const value = isPair(survivor) ? survivor.value : survivor;
  if (!isNode(value)) return { kind: 'kept', value };
  const old = editing.olds.get(value) ?? (isRenewed(editing, value) ? value : undefined);
  return old === undefined ? { kind: 'kept', value } : { kind: 'replaced', entry, old, value };
}

function entriesOf(editing: Editing, node: YAMLMap | YAMLSeq, text: string): readonly Entry[] {
  const tokens = itemTokens(node);
  return originalItems(editing, node).flatMap((item, index) => {
    const token = tokens[index];
    if (token === undefined) return [];
    const end = endOf(editing, item, text);
    return [{ start: startOf(token), end, valueStart: valueStartOf(token) }];
  });
}

/** Where something that stood in the text ended. */
function endOf(editing: Editing, item: unknown, text: string): number {
  if (isPair(item)) {
    const [key, value] = [endOf(editing, item.key, text), endOf(editing, item.value, text)];
    return Math.max(key, value);
  }
  const node = isNode(item) ? (editing.olds.get(item) ?? item) : undefined;
  const [start, end] = node?.range ?? [-1, -1];
  if (isScalar(node) && node.type?.startsWith('BLOCK') === true)
    return endOfBlock(text, start, end);
  if ((isMap(node) || isSeq(node)) && node.flow !== true) {
    return endOf(editing, originalItems(editing, node).at(-1), text);
  }
  return end;
}

/** Blank lines behind a block of text are part of it only if its header says so. */
function endOfBlock(text: string, start: number, end: number): number {
  const block = text.slice(start, end);
  const header = block.slice(0, Math.max(0, block.indexOf('\n')));
  const kept = header.split('#')[0]?.includes('+') === true ? block : block.trimEnd();
  return start + kept.replace(/\r?\n$/, '').length;
}
