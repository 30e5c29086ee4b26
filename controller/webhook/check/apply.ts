import { isObject, type Json, type JsonObject } from '../../../domain/json.ts';
import type { Operation } from '../../../domain/injection/patch.ts';

type Branch = Record<string, Json> | Json[];

/**
 * The value that a JSON Patch leads to, or nothing where an API server would say that it does not
 * apply. Only the path to a change is copied; all else is shared with what was given.
 */
export function applyPatch(
  before: JsonObject,
  operations: readonly Operation[],
): JsonObject | undefined {
  const copies = new Set<Branch>();
  const root: Branch = { ...before };
  copies.add(root);
  let place = '';
  let branch: Branch | undefined = root;
  for (const operation of operations) {
    const cut = operation.path.lastIndexOf('/');
    if (cut === -1) return undefined;
    // Most operations follow one that changed the same list or object.
    const next = operation.path.slice(0, cut);
    if (next !== place) branch = branchAt(root, next, copies);
    place = next;
    if (branch === undefined || !change(branch, operation, cut)) return undefined;
  }
  return root;
}

/** The object or list at a path, with all above it copied once and then ours to change. */
function branchAt(root: Branch, path: string, copies: Set<Branch>): Branch | undefined {
  let branch: Branch | undefined = root;
  for (const step of path.split('/').slice(1)) {
    branch = branch && ownBranch(branch, unescape(step), copies);
  }
  return branch;
}

function change(branch: Branch, operation: Operation, cut: number): boolean {
  const step = unescape(operation.path.slice(cut + 1));
  return Array.isArray(branch)
    ? changeList(branch, step, operation)
    : changeObject(branch, step, operation);
}

function copyOf(value: Json, copies: Set<Branch>): Branch | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const copy: Branch = isObject(value) ? { ...value } : [...value];
  copies.add(copy);
  return copy;
}

const unescape = (step: string) =>
  step.includes('~') ? step.replaceAll('~1', '/').replaceAll('~0', '~') : step;

function ownBranch(parent: Branch, step: string, copies: Set<Branch>): Branch | undefined {
  const key = Array.isArray(parent) ? indexIn(step, parent.length - 1) : step;
  if (key === undefined || isReserved(key) || !Object.hasOwn(parent, key)) return undefined;
  const members = parent as Record<string | number, Json>;
  const value = members[key] ?? null;
  if (copies.has(value as Branch)) return value as Branch;
  const copy = copyOf(value, copies);
  if (copy !== undefined) members[key] = copy;
  return copy;
}

/** Assigned to, this name would change what an object is instead of what it holds. */
const isReserved = (key: string | number) => key === '__proto__';

function changeObject(object: Record<string, Json>, key: string, operation: Operation): boolean {
  if (isReserved(key) || (operation.op !== 'add' && !Object.hasOwn(object, key))) return false;
  if (operation.op === 'remove') delete object[key];
  else object[key] = operation.value;
  return true;
}

function changeList(list: Json[], step: string, operation: Operation): boolean {
  const index = indexIn(step, operation.op === 'add' ? list.length : list.length - 1);
  if (index === undefined) return false;
  if (operation.op === 'add') list.splice(index, 0, operation.value);
  else if (operation.op === 'remove') list.splice(index, 1);
  else list[index] = operation.value;
  return true;
}

function indexIn(step: string, highest: number): number | undefined {
  const index = /^(?:0|[1-9]\d{0,8})$/.test(step) ? Number(step) : -1;
  return index >= 0 && index <= highest ? index : undefined;
}

/** Whether two values are the same JSON; what they share by reference is not looked at. */
export function isSame(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => isSame(item, other[index]));
  }
  if (!isObject(one) || !isObject(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSame(one[key], other[key]))
  );
}
