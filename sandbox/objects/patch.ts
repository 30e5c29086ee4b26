import { isDeepStrictEqual } from 'node:util';
import type { Fields, Json } from '../api.ts';
import { fieldsOf, isFields, isList, textOf, without } from './json.ts';

/** RFC 7386: null takes a key away, lists are replaced. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isFields(patch)) return patch;
  const merged: Record<string, Json | undefined> = { ...fieldsOf(target) };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null || value === undefined) delete merged[name];
    else merged[name] = mergePatch(merged[name], value);
  }
  return merged;
}

/** RFC 6902 without copy and move, and with the leniency of the real server: `replace` may name a map key that is not there. */
export const jsonPatch = (document: Json, operations: readonly Json[]): Json =>
  operations.reduce((result, operation) => operate(result, fieldsOf(operation)), document);

function operate(document: Json, { op, path, value = null }: Fields): Json {
  const place = stepsOf(path);
  switch (textOf(op)) {
    case 'add':
      return change(document, place, (node, step) => inserted(node, step, value));
    case 'replace':
      return change(document, place, (node, step) =>
        isFields(node) ? { ...node, [step]: value } : replaced(node, step, value),
      );
    case 'remove':
      return change(document, place, removed);
    case 'test':
      if (isDeepStrictEqual(find(document, place), value)) return document;
      throw new Error(`testing value ${textOf(path)} failed: test failed`);
    default:
      throw new Error(`Unexpected kind: ${JSON.stringify(op)}`);
  }
}

function stepsOf(pointer: unknown): readonly string[] {
  const [first, ...steps] = textOf(pointer).split('/');
  if (first !== '' || steps.length === 0)
    throw new Error(`invalid path: ${JSON.stringify(pointer)}`);
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

const missing = (step: string) =>
  new Error(`operation does not apply: doc is missing path: /${step}: missing value`);

function childOf(node: Json, step: string): Json {
  const children: unknown = isList(node) && /^\d+$/.test(step) ? node : isFields(node) && node;
  if (!children || !Object.hasOwn(children, step)) throw missing(step);
  return (children as Fields)[step] ?? null;
}

const find = (document: Json, steps: readonly string[]): Json => steps.reduce(childOf, document);

type Edit = (node: Json, step: string) => Json;

/** Changes the place that holds what the path names; all the rest is shared. */
function change(node: Json, [step = '', ...rest]: readonly string[], edit: Edit): Json {
  if (rest.length === 0) return edit(node, step);
  return replaced(node, step, change(childOf(node, step), rest, edit));
}

function replaced(node: Json, step: string, value: Json): Json {
  childOf(node, step);
  return isList(node) ? node.with(Number(step), value) : { ...fieldsOf(node), [step]: value };
}

function inserted(node: Json, step: string, value: Json): Json {
  if (isFields(node)) return { ...node, [step]: value };
  if (!isList(node) || !/^(?:\d+|-)$/.test(step) || Number(step) > node.length) throw missing(step);
  return node.toSpliced(step === '-' ? node.length : Number(step), 0, value);
}

function removed(node: Json, step: string): Json {
  childOf(node, step);
  return isList(node) ? node.toSpliced(Number(step), 1) : without(fieldsOf(node), step);
}
