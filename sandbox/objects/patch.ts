import type { Fields, Json } from '../api.ts';
import { fieldsOf, isFields, isList, isSame, listOf, textOf } from './json.ts';

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

/** RFC 6902, with the leniency of the real server: `replace` may name a map key that is not there. */
export function jsonPatch(document: Json, operations: readonly Json[]): Json {
  return operations.reduce(
    (result, operation) => applyOperation(result, fieldsOf(operation)),
    document,
  );
}

function applyOperation(document: Json, operation: Fields): Json {
  const path = stepsOf(operation['path']);
  switch (operation['op']) {
    case 'add':
    case 'replace':
      return place(document, path, { value: operation['value'] ?? null, op: operation['op'] });
    case 'remove':
      return remove(document, path);
    case 'copy':
      return place(document, path, {
        value: find(document, stepsOf(operation['from'])),
        op: 'add',
      });
    case 'move': {
      const from = stepsOf(operation['from']);
      return place(remove(document, from), path, { value: find(document, from), op: 'add' });
    }
    case 'test':
      if (isSame(find(document, path), operation['value'] ?? null)) return document;
      throw new Error(`testing value ${textOf(operation['path'])} failed: test failed`);
    default:
      throw new Error(`Unexpected kind: ${JSON.stringify(operation['op'])}`);
  }
}

const stepsOf = (pointer: unknown): readonly string[] => {
  const [first, ...steps] = textOf(pointer).split('/');
  if (first !== '') throw new Error(`invalid path: ${JSON.stringify(pointer)}`);
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
};

function missing(steps: readonly string[], op: string): Error {
  return new Error(
    `${op} operation does not apply: doc is missing path: /${steps.join('/')}: missing value`,
  );
}

function find(document: Json, steps: readonly string[]): Json {
  let found: Json | undefined = document;
  for (const step of steps) found = childOf(found, step);
  if (found === undefined) throw missing(steps, 'copy or test');
  return found;
}

function childOf(node: Json | undefined, step: string): Json | undefined {
  if (isList(node)) return indexPattern.test(step) ? node[Number(step)] : undefined;
  return isFields(node) && Object.hasOwn(node, step) ? node[step] : undefined;
}

const indexPattern = /^(?:0|[1-9]\d*)$/;

interface Placement {
  readonly value: Json;
  readonly op: 'add' | 'replace';
}

function place(node: Json, steps: readonly string[], what: Placement): Json {
  const [step, ...rest] = steps;
  if (step === undefined) return what.value;
  const child = childOf(node, step);
  if (rest.length > 0) {
    if (child === undefined) throw missing(steps, what.op);
    return withChild(node, step, place(child, rest, what));
  }
  if (!isList(node)) {
    if (!isFields(node)) throw missing(steps, what.op);
    return { ...node, [step]: what.value };
  }
  if (what.op === 'replace' && child !== undefined) return withChild(node, step, what.value);
  const index = step === '-' ? node.length : Number(step);
  if (what.op === 'replace' || (step !== '-' && !indexPattern.test(step)) || index > node.length)
    throw missing(steps, what.op);
  return node.toSpliced(index, 0, what.value);
}

function remove(node: Json, [step = '', ...rest]: readonly string[]): Json {
  const child = childOf(node, step);
  if (child === undefined) throw missing([step, ...rest], 'remove');
  if (rest.length > 0) return withChild(node, step, remove(child, rest));
  if (isList(node)) return node.toSpliced(Number(step), 1);
  const { [step]: _gone, ...others } = fieldsOf(node);
  return others;
}

const withChild = (node: Json, step: string, child: Json): Json =>
  isList(node) ? node.with(Number(step), child) : { ...fieldsOf(node), [step]: child };

/** By which field the elements of a list are told apart; any other list is replaced whole. */
const mergeKeys: Readonly<Record<string, readonly string[]>> = {
  addresses: ['type'],
  conditions: ['type'],
  containers: ['name'],
  env: ['name'],
  ephemeralContainers: ['name'],
  hostAliases: ['ip'],
  imagePullSecrets: ['name'],
  initContainers: ['name'],
  ownerReferences: ['uid'],
  podIPs: ['ip'],
  ports: ['containerPort', 'port'],
  secrets: ['name'],
  topologySpreadConstraints: ['topologyKey'],
  volumeDevices: ['devicePath'],
  volumeMounts: ['mountPath'],
  volumes: ['name'],
  webhooks: ['name'],
};

/** The merge that knows Kubernetes' lists, with the directives that kubectl writes. */
export function strategicPatch(target: Json | undefined, patch: Json): Json {
  if (!isFields(patch)) return patch;
  if (patch['$patch'] === 'replace') return withoutDirectives(patch);
  const merged: Record<string, Json | undefined> = { ...fieldsOf(target) };
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith('$') || value === undefined) continue;
    if (value === null || fieldsOf(value)['$patch'] === 'delete') delete merged[name];
    else
      merged[name] = isList(value)
        ? mergeList(name, merged[name], { value, patch })
        : strategicPatch(merged[name], value);
  }
  for (const [name, value] of Object.entries(patch)) {
    const dropped = name.startsWith('$deleteFromPrimitiveList/')
      ? name.slice(name.indexOf('/') + 1)
      : undefined;
    if (dropped !== undefined)
      merged[dropped] = listOf(merged[dropped]).filter((item) => !listOf(value).includes(item));
  }
  const kept = patch['$retainKeys'];
  if (!isList(kept)) return merged;
  return Object.fromEntries(Object.entries(merged).filter(([name]) => kept.includes(name)));
}

const withoutDirectives = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !name.startsWith('$')));

interface ListPatch {
  readonly value: readonly Json[];
  /** The map the list stands in: it may also tell the order of the elements. */
  readonly patch: Fields;
}

function mergeList(name: string, target: Json | undefined, { value, patch }: ListPatch): Json {
  if (name === 'finalizers') return [...new Set([...listOf(target), ...value])];
  const key = mergeKeys[name]?.find((each) =>
    value.some((item) => Object.hasOwn(fieldsOf(item), each)),
  );
  if (key === undefined || value.some((item) => fieldsOf(item)['$patch'] === 'replace'))
    return value.filter((item) => fieldsOf(item)['$patch'] === undefined);
  const nameOf = (item: Json) => fieldsOf(item)[key];
  let items = [...listOf(target)];
  const added: Json[] = [];
  for (const change of value) {
    const index = items.findIndex((item) => nameOf(item) === nameOf(change));
    if (fieldsOf(change)['$patch'] === 'delete') items = items.filter((_, i) => i !== index);
    else if (index < 0) added.push(strategicPatch({}, change));
    else items[index] = strategicPatch(items[index], change);
  }
  const order = listOf(patch[`$setElementOrder/${name}`]).map(nameOf);
  return order.length === 0 ? [...added, ...items] : inOrder([...items, ...added], order, nameOf);
}

/** The named elements in the order told; each of the others stays behind the one it stood behind. */
function inOrder(
  items: readonly Json[],
  order: readonly unknown[],
  nameOf: (item: Json) => unknown,
): Json {
  const rank = (item: Json) => order.indexOf(nameOf(item));
  const result = items.filter((item) => rank(item) >= 0).toSorted((a, b) => rank(a) - rank(b));
  for (const [index, item] of items.entries()) {
    const before = items[index - 1];
    if (rank(item) < 0)
      result.splice(before === undefined ? 0 : result.indexOf(before) + 1, 0, item);
  }
  return result;
}
