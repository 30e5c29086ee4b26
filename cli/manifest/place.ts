import { isAlias, isMap, isNode, isScalar, isSeq, type Document, type Node } from 'yaml';
import type { ManifestFile, Path } from './model.ts';

/** As people write it: `spec.template.spec.containers[0].name`. */
export function pathText(path: Path): string {
  const parts = path.map((key) => {
    if (typeof key === 'number') return `[${key}]`;
    return /^[\w-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
  });
  return parts.join('').replace(/^\./, '');
}

/** Where a value begins, or the nearest thing around it when the value is not there. */
export const offsetOf = (document: Document, path: Path) =>
  nodeAt(document, path)?.range?.[0] ?? document.range?.[0] ?? 0;

export const placeOf = (file: ManifestFile, document: Document, path: Path) =>
  file.placeAt(offsetOf(document, path));

/** The place of a member's key. */
export function placeOfKey(file: ManifestFile, document: Document, path: Path) {
  const around = nodeAt(document, path.slice(0, -1));
  const pair = isMap(around) ? pairOf(around, path.at(-1) ?? '') : undefined;
  const start = isNode(pair?.key) ? pair.key.range?.[0] : undefined;
  return start === undefined ? placeOf(file, document, path) : file.placeAt(start);
}

/** The node of a value, or the nearest one around it. */
export function nodeAt(document: Document, path: Path): Node | undefined {
  let node: unknown = document.contents;
  let nearest = isNode(node) ? node : undefined;
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document);
    const inside = isMap(node) ? pairOf(node, key) : undefined;
    node = isSeq(node) ? node.items[Number(key)] : inside?.value;
    if (isNode(node)) nearest = node;
    else if (isNode(inside?.key)) nearest = inside.key;
    else break;
  }
  return nearest;
}

export const pairOf = (map: { readonly items: readonly unknown[] }, key: string | number) =>
  (map.items as readonly { readonly key: unknown; value: unknown }[]).find(
    (pair) => keyText(pair.key) === String(key),
  );

/** What a key becomes in JSON; nothing for keys that JSON cannot have, and for merges. */
export function keyText(key: unknown): string | undefined {
  const value = isScalar(key) ? key.value : Symbol('none');
  if (value === null) return '';
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

/** Whether the line at a place holds what only a template engine understands. */
export function isTemplate(text: string, offset: number): boolean {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return text.slice(start, `${text}\n`.indexOf('\n', offset)).includes('{{');
}

export const templateRemedy =
  'This looks like a template. Render it first, for example: helm template . | retrofit inject -';
