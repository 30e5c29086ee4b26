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
  if (before === after) return;
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
    else compare(old, value, join(path, key), operations);
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
  const originOf = origins(before, after);
  let next = 0;
  let index = 0;
  const dropUntil = (end: number) => {
    for (; next < end; next++) operations.push({ op: 'remove', path: `${path}/${index}` });
  };
  for (const item of after) {
    const origin = originOf(item);
    const old = origin === undefined || origin < next ? undefined : before[origin];
    if (origin === undefined || old === undefined) {
      operations.push({ op: 'add', path: `${path}/${index}`, value: item });
    } else {
      dropUntil(origin);
      next = origin + 1;
      compare(old, item, `${path}/${index}`, operations);
    }
    index++;
  }
  dropUntil(before.length);
}

function origins(before: readonly JsonObject[], after: readonly JsonObject[]) {
  const byIdentity = new Map(before.map((item, index) => [item, index]));
  const kept = new Set(after.filter((item) => byIdentity.has(item)));
  const byName = new Map<string | undefined, number>();
  for (const [index, item] of before.entries()) {
    if (!kept.has(item)) byName.set(textAt(item, 'name'), index);
  }
  return (item: JsonObject): number | undefined => {
    const same = byIdentity.get(item);
    if (same !== undefined) return same;
    const name = textAt(item, 'name');
    const index = byName.get(name);
    byName.delete(name);
    return index;
  };
}
