import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isSeq,
  Pair,
  visit,
  type Alias,
  type Document,
  type Node,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Operation } from '../../domain/injection/patch.ts';
import { aliasesOf, type AliasUse } from '../manifest/inspect.ts';
import type { Path } from '../manifest/model.ts';
import { pairOf } from '../manifest/place.ts';

/**
 * A document while operations are applied to it. The tree always says what the document is to
 * become; what it was is kept beside it, so that only what changed is written anew.
 */
export interface Editing {
  readonly yaml: Document;
  readonly aliases: ReadonlyMap<Alias, AliasUse>;
  /** The items that a changed collection had in the text. */
  readonly originals: Map<YAMLMap | YAMLSeq, readonly unknown[]>;
  /** What stood in the text where a new node stands now. */
  readonly olds: Map<Node, Node>;
}

export const startEditing = (yaml: Document): Editing => ({
  yaml,
  aliases: aliasesOf(yaml),
  originals: new Map(),
  olds: new Map(),
});

/** Applies one operation to the value at `base`; nothing that shares text with it changes. */
export function applyOperation(editing: Editing, base: Path, operation: Operation): void {
  const pointer = operation.path
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const way = [...base, ...pointer].map(String);
  const key = way.pop() ?? '';
  let parent: unknown = editing.yaml.contents;
  if (isNode(parent)) release(editing, parent);
  for (const step of way) parent = childOf(editing, parent, step);
  if (isMap(parent)) changeMap(editing, parent, key, operation);
  else if (isSeq(parent)) changeSeq(editing, parent, Number(key), operation);
}

function childOf(editing: Editing, parent: unknown, key: string): unknown {
  if (isSeq(parent)) {
    const index = Number(key);
    const item = parent.items[index];
    if (!isAlias(item)) return own(editing, item);
    touch(editing, parent);
    return (parent.items[index] = copyOf(editing, item, item));
  }
  if (!isMap(parent)) return undefined;
  const pair = pairOf(parent, key) ?? unmerge(editing, parent, key);
  if (isAlias(pair.value)) pair.value = copyOf(editing, pair.value, pair.value);
  return own(editing, pair.value);
}

function own(editing: Editing, node: unknown): unknown {
  if (isNode(node)) release(editing, node);
  return node;
}

/** Gives a map a member of its own that it only had by a merge. */
function unmerge(editing: Editing, map: YAMLMap, key: string) {
  const whole = map.toJS(editing.yaml, { maxAliasCount: -1 }) as Record<string, unknown>;
  const pair = new Pair<unknown>(fresh(editing, key), fresh(editing, whole[key]));
  touch(editing, map);
  map.items.push(pair);
  return pair;
}

function changeMap(editing: Editing, map: YAMLMap, key: string, operation: Operation): void {
  const pair = pairOf(map, key);
  touch(editing, map);
  if (operation.op === 'remove') {
    if (pair === undefined) return flatten(editing, map, key);
    releaseWithin(editing, pair.value);
    map.items.splice(map.items.indexOf(pair as Pair), 1);
    return;
  }
  const value = fresh(editing, operation.value);
  if (pair === undefined) {
    map.items.push(new Pair<unknown>(fresh(editing, key), value));
    return;
  }
  releaseWithin(editing, pair.value);
  replaceWith(editing, pair.value, value);
  pair.value = value;
}

/** What a merge brings in can only be left out by writing out the rest. */
function flatten(editing: Editing, map: YAMLMap, key: string): void {
  const whole = map.toJS(editing.yaml, { maxAliasCount: -1 }) as Record<string, unknown>;
  map.items = Object.entries(whole)
    .filter(([name]) => name !== key)
    .map(([name, value]) => new Pair<unknown>(fresh(editing, name), fresh(editing, value)));
}

function changeSeq(editing: Editing, seq: YAMLSeq, index: number, operation: Operation): void {
  touch(editing, seq);
  const old = seq.items[index];
  if (operation.op === 'add') {
    seq.items.splice(index, 0, fresh(editing, operation.value));
    return;
  }
  releaseWithin(editing, old);
  if (operation.op === 'remove') {
    seq.items.splice(index, 1);
    return;
  }
  const value = fresh(editing, operation.value);
  replaceWith(editing, old, value);
  seq.items[index] = value;
}

const fresh = (editing: Editing, value: unknown): Node =>
  editing.yaml.createNode(value, { aliasDuplicateObjects: false });

function touch({ originals }: Editing, collection: YAMLMap | YAMLSeq): void {
  if (!originals.has(collection)) originals.set(collection, [...collection.items]);
}

function replaceWith({ olds }: Editing, old: unknown, value: Node): void {
  const first = isNode(old) ? (olds.get(old) ?? old) : undefined;
  if (first?.range !== undefined) olds.set(value, first);
}

/** What an alias stands for, in its place. */
function copyOf(editing: Editing, alias: Alias, place: Node): Node {
  const target = editing.aliases.get(alias)?.target;
  const value = fresh(editing, target?.toJS(editing.yaml, { maxAliasCount: -1 }));
  replaceWith(editing, place, value);
  return value;
}

/** Before an anchored node changes, the aliases that stand for it become copies of what it was. */
function release(editing: Editing, node: Node): void {
  if (!('anchor' in node) || node.anchor === undefined) return;
  for (const [alias, { target, ancestors }] of editing.aliases) {
    if (target !== node) continue;
    const parent = ancestors.at(-1);
    if (isPair(parent) && parent.value === alias) parent.value = copyOf(editing, alias, alias);
    if (isSeq(parent) && parent.items.includes(alias)) {
      touch(editing, parent);
      parent.items[parent.items.indexOf(alias)] = copyOf(editing, alias, alias);
    }
  }
}

function releaseWithin(editing: Editing, node: unknown): void {
  if (!isNode(node)) return;
  visit(node, { Node: (_key, inner) => release(editing, inner) });
}

/** The items of a collection as they stand in the text. */
export const originalItems = ({ originals }: Editing, node: YAMLMap | YAMLSeq) =>
  originals.get(node) ?? node.items;

/** A collection of which nothing stays as it was, because all of it went or there was nothing. */
export function isRenewed(editing: Editing, node: unknown): boolean {
  if (!isMap(node) && !isSeq(node)) return false;
  const originals = editing.originals.get(node);
  if (originals === undefined) return false;
  const origins = new Set(node.items.map((item) => originOf(editing, item)));
  return !originals.some((item) => origins.has(item));
}

/** What a node stands for in the text. A pair stays itself when its value changes. */
export const originOf = ({ olds }: Editing, item: unknown) =>
  isNode(item) ? (olds.get(item) ?? item) : item;
