import { isScalar } from 'yaml';
import { isObject, member, type Json } from '../../domain/json.ts';
import { describe, problemAt } from './items.ts';
import type { Item, Path, Problem } from './model.ts';
import { nodeAt } from './place.ts';
import type { Shape } from './shapes.ts';

/** Everything about an object that is not of the shape in which it is read. */
export function checkShape(item: Item, shape: Shape, at: Path = []): readonly Problem[] {
  const findings: Finding[] = [];
  let value: Json | undefined = item.json;
  for (const key of at) value = isObject(value) ? member(value, String(key)) : undefined;
  compare(value, shape, at, findings);
  return findings.map((finding) => explain(item, finding));
}

interface Finding {
  readonly path: Path;
  readonly expected: string;
  readonly found: Json | undefined;
}

function compare(value: Json | undefined, shape: Shape, path: Path, findings: Finding[]): void {
  if (!isOfKind(value, shape)) {
    findings.push({ path, expected: expectations[shape.kind], found: value });
  } else if (shape.kind === 'list') {
    for (const [index, one] of (value as readonly Json[]).entries()) {
      compare(one, shape.of, [...path, index], findings);
    }
  } else if (isObject(value) && (shape.kind === 'map' || shape.kind === 'fields')) {
    compareMembers(value, shape, path, findings);
  }
}

function compareMembers(
  value: { readonly [key: string]: Json },
  shape: Extract<Shape, { kind: 'map' | 'fields' }>,
  path: Path,
  findings: Finding[],
): void {
  const members = shape.kind === 'map' ? Object.keys(value) : Object.keys(shape.fields);
  for (const key of members) {
    const inner = shape.kind === 'map' ? shape.of : shape.fields[key];
    const one = member(value, key) ?? undefined;
    const isRequired = shape.kind === 'fields' && shape.required.includes(key);
    const isEmptied =
      inner?.kind === 'list' && inner.isFilled && Array.isArray(one) && one.length === 0;
    if (inner === undefined) continue;
    if (isRequired || one !== undefined) {
      if (isEmptied)
        findings.push({ path: [...path, key], expected: 'at least one item', found: one });
      else compare(one, inner, [...path, key], findings);
    }
  }
}

const isOfKind = (value: Json | undefined, { kind }: Shape) => tests[kind](value);

const tests: Readonly<Record<Shape['kind'], (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  truth: (value) => typeof value === 'boolean',
  object: isObject,
  map: isObject,
  list: Array.isArray,
  fields: isObject,
};

const expectations = {
  text: 'text',
  truth: 'true or false',
  object: 'an object',
  map: 'an object',
  list: 'a list',
  fields: 'an object',
} satisfies Record<Shape['kind'], string>;

function explain(item: Item, { path, expected, found }: Finding): Problem {
  const isScalarFound = typeof found === 'number' || typeof found === 'boolean';
  const source = isScalarFound ? sourceOf(item, path, found) : undefined;
  const shown = source === undefined ? describe(found) : `the ${typeof found} ${source}`;
  const sentence = `expected ${expected}, found ${shown}`;
  if (source === undefined || expected !== expectations.text) {
    return problemAt(item, path, { sentence });
  }
  const key = path.at(-1);
  const quoted = `${typeof key === 'string' ? `${key}:` : '-'} ${JSON.stringify(source)}`;
  return problemAt(item, path, { sentence, remedy: `Quote it: ${quoted}` });
}

/** As it is written: `0644` and not 420, `yes` and not true. */
function sourceOf(item: Item, path: Path, found: number | boolean): string {
  const document = item.file.documents[item.document];
  const node = document === undefined ? undefined : nodeAt(document.yaml, [...item.at, ...path]);
  return isScalar(node) && node.source !== undefined ? node.source : String(found);
}
