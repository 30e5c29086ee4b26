import { Document, isNode, isScalar, Scalar, visit, type Node, type ToStringOptions } from 'yaml';
import { cautiousDialect } from '../manifest/dialect.ts';
import type { Layout } from './layout.ts';

/** Text is never broken into lines: what is searched for is found. */
export const unfolded = { lineWidth: 0, doubleQuotedMinMultiLineLength: Infinity };

/** A new value as JSON. */
export const plainOf = (node: unknown, yaml: Document): unknown =>
  isNode(node) ? node.toJS(yaml, { maxAliasCount: -1 }) : null;

/** A new value, quoted as the text was that it replaces. */
export function styled(node: unknown, old: Node | undefined, yaml: Document): unknown {
  if (!isScalar(node)) return plainOf(node, yaml);
  const scalar = new Scalar(node.value);
  const isText = typeof node.value === 'string';
  if (isText && isScalar(old) && old.type !== undefined) scalar.type = old.type;
  return scalar;
}

/**
 * Lines of block style, to stand in by `indent` behind the line that ends at `offset`. A comment
 * that follows would become part of a block of text, and at the end such a block may lack its last
 * line break: there, text of several lines is quoted.
 */
export function blockLines(
  value: unknown,
  indent: number,
  offset: number,
  layout: Layout,
): readonly string[] {
  const comment = /\s*#/y;
  comment.lastIndex = offset;
  const isExposed = offset === layout.text.length || comment.test(layout.text);
  const text = written(value, isExposed ? severalLines : fragileLines, {
    indent: layout.step,
    indentSeq: layout.areListsIndented,
  });
  const lines = text.replace(/\n$/, '').split('\n');
  return lines.map((line) => (line === '' ? '' : ' '.repeat(indent) + line));
}

/** Flow style on one line, or JSON over as many as it takes, each further one behind `pad`. */
export function flowText(value: unknown, pad: string | undefined, layout: Layout): string {
  if (!layout.isJson) return flowYaml(value);
  const json: unknown = isScalar(value) ? value.value : value;
  if (layout.isCompact) return JSON.stringify(json);
  if (pad === undefined) return JSON.stringify(json, null, 1).replaceAll(/\n\s*/g, ' ');
  const indent = pad.startsWith('\t') ? '\t' : layout.step;
  return JSON.stringify(json, null, indent).replaceAll('\n', layout.lineBreak + pad);
}

const flowYaml = (value: unknown): string =>
  written([value], severalLines, { collectionStyle: 'flow', flowCollectionPadding: false })
    .trimEnd()
    .slice(1, -1);

/** A value as YAML; text that matches `fragile` is put between double quotes. */
function written(value: unknown, fragile: RegExp, options: ToStringOptions): string {
  const document = new Document(value, { schema: cautiousDialect, aliasDuplicateObjects: false });
  quote(document, fragile);
  return document.toString({ ...options, ...unfolded });
}

const severalLines = /\n/;

/** What a block of text does not bring over whole: blank lines at its end, blanks at its beginning. */
export const fragileLines = /^[ \t][^]*\n|\n\n$/;

export function quote(document: Document, fragile: RegExp): void {
  visit(document, {
    Scalar: (_key, scalar) => {
      const isFragile = typeof scalar.value === 'string' && fragile.test(scalar.value);
      if (isFragile) scalar.type = Scalar.QUOTE_DOUBLE;
    },
  });
}
