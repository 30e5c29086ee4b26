import { isMap, isSeq, type CST, type Document, visit } from 'yaml';

/** How a file is laid out, as far as what is added should look like the rest. */
export interface Layout {
  readonly text: string;
  readonly lineBreak: '\n' | '\r\n';
  /** Spaces by which a member stands in. */
  readonly step: number;
  /** Whether lists stand in below the member that holds them. */
  readonly areListsIndented: boolean;
  /** Whether the document is JSON. */
  readonly isJson: boolean;
  /** Whether it is JSON without a blank. */
  readonly isCompact: boolean;
}

export function layoutOf(text: string, yaml: Document): Layout {
  const steps: number[] = [];
  const lists: number[] = [];
  visit(yaml, {
    Pair: (_key, { value }, ancestors) => {
      const outer = indentOf(ancestors.at(-1));
      const inner = indentOf(value);
      if (outer === undefined || inner === undefined) return undefined;
      if (isMap(value)) steps.push(inner - outer);
      if (isSeq(value)) lists.push(inner - outer);
      return steps.length > 0 && lists.length > 0 ? visit.BREAK : undefined;
    },
  });
  const isJson = /^\uFEFF?\s*[{[]/.test(text);
  return {
    text,
    lineBreak: /\r?\n/.exec(text)?.[0] === '\r\n' ? '\r\n' : '\n',
    step: isJson ? jsonStep(text) : Math.max(1, steps[0] ?? 2),
    areListsIndented: (lists[0] ?? 2) > 0,
    isJson,
    isCompact: isJson && !/[:,{]\s/.test(text.slice(0, 200)),
  };
}

const jsonStep = (text: string) =>
  /[{[]\r?\n(?<indent> +)/.exec(text)?.groups?.['indent']?.length ?? 2;

/** The column of a block collection; flow collections have none. */
export function indentOf(node: unknown): number | undefined {
  if (!isMap(node) && !isSeq(node)) return undefined;
  const token = node.srcToken;
  return token?.type === 'block-map' || token?.type === 'block-seq' ? token.indent : undefined;
}

/** The tokens of each item of a collection, in the order of its items. */
export function itemTokens(node: unknown): readonly CST.CollectionItem[] {
  const token = isMap(node) || isSeq(node) ? node.srcToken : undefined;
  if (token?.type === 'block-seq') {
    return token.items.filter(({ start }) => start.some(({ type }) => type === 'seq-item-ind'));
  }
  if (token?.type !== 'block-map' && token?.type !== 'flow-collection') return [];
  return token.items.filter(({ key, sep, value }) => key || sep || value);
}

const space = new Set<string>(['space', 'newline', 'comment', 'comma']);

/** Where an item begins, with its anchor, its tag or its dash. */
export function startOf({ start, key, sep, value }: CST.CollectionItem): number {
  const first = start.find(({ type }) => !space.has(type));
  return (first ?? key ?? sep?.[0] ?? value)?.offset ?? -1;
}

/** Where an item's value may begin: behind its colon or its dash. */
export function valueStartOf({ start, sep }: CST.CollectionItem): number | undefined {
  const indicator =
    sep?.find(({ type }) => type === 'map-value-ind') ??
    start.find(({ type }) => type === 'seq-item-ind');
  return indicator === undefined ? undefined : indicator.offset + indicator.source.length;
}

/** Where the line ends that holds a place, before its line break. */
export function lineEnd(text: string, offset: number): number {
  const index = text.indexOf('\n', offset);
  if (index === -1) return text.length;
  return index > offset && text[index - 1] === '\r' ? index - 1 : index;
}

export const lineStart = (text: string, offset: number) => text.lastIndexOf('\n', offset - 1) + 1;

/** Nothing but indentation; a byte order mark is something. */
export const isBlank = (text: string) => /^[ \t]*$/.test(text);

/** The end of the line before the one that holds a place. */
export function lineBefore(text: string, offset: number): number {
  const start = lineStart(text, offset);
  if (start === 0) return 0;
  return text[start - 2] === '\r' ? start - 2 : start - 1;
}
