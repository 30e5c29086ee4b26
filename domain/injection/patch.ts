import { isObject, member, textAt, type Json, type JsonObject } from '../json.ts';

export type Operation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: Json }
  | { readonly op: 'remove'; readonly path: string };

/**
 * The JSON Patch that leads from one value to another. Whatever the two share by reference is taken
 * as equal without a look, so the cost is that of what was changed.
 */
export function diff(before: JsonObject, after: JsonObject): readonly Operation[] {
  const operations: Operation[] = [];
  compareObjects(before, after, '', operations);
  return operations;
}

function compare(before: Json, after: Json, path: string, operations: Operation[]): void {
  if (isObject(before) && isObject(after)) compareObjects(before, after, path, operations);
  else if (isNamedList(before) && isNamedList(after)) compareLists(before, after, path, operations);
  else operations.push({ op: 'replace', path, value: after });
}

function compareObjects(
  before: JsonObject,
  after: JsonObject,
  path: string,
  operations: Operation[],
): void {
  for (const key of Object.keys(before)) {
    if (!Object.hasOwn(after, key)) operations.push({ op: 'remove', path: join(path, key) });
  }
  for (const key of Object.keys(after)) {
    const value = member(after, key) ?? null;
    const old = member(before, key);
    if (old === undefined) operations.push({ op: 'add', path: join(path, key), value });
    else if (old !== value) compare(old, value, join(path, key), operations);
  }
}

const join = (path: string, key: string) =>
  `${path}/${key.includes('~') || key.includes('/') ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key}`;

const isNamedList = (value: Json): value is readonly JsonObject[] =>
  Array.isArray(value) &&
  value.every((item) => isObject(item) && textAt(item, 'name') !== undefined);

/** Items are followed by identity, else by name; what moved backwards is removed and added again. */
function compareLists(
  before: readonly JsonObject[],
  after: readonly JsonObject[],
  path: string,
  operations: Operation[],
): void {
  let next = 0;
  let index = 0;
  const dropUntil = (end: number) => {
    for (; next < end; next++) operations.push({ op: 'remove', path: `${path}/${index}` });
  };
  for (const item of after) {
    const origin = originOf(item, before, next);
    const old = before[origin];
    if (old === undefined) {
      operations.push({ op: 'add', path: `${path}/${index}`, value: item });
    } else {
      dropUntil(origin);
      next = origin + 1;
      if (old !== item) compare(old, item, `${path}/${index}`, operations);
    }
    index++;
  }
  dropUntil(before.length);
}

function originOf(item: JsonObject, before: readonly JsonObject[], from: number): number {
  if (before[from] === item) return from;
  const same = before.indexOf(item, from);
  if (same !== -1) return same;
  for (let index = from; index < before.length; index++) {
    if (before[index]?.['name'] === item['name']) return index;
  }
  return -1;
}
