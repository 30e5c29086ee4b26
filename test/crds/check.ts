import { isDeepStrictEqual } from 'node:util';
import type { Schema } from '../../crds/schema.ts';

/**
 * What an API server says about a value before any CEL rule runs, in its own words. It knows the
 * keywords that our schema uses and no others; `test/cluster` asks a real one.
 */
export function check(value: unknown, schema: Schema, path = ''): string[] {
  if (value === null) return [];
  if (schema['x-kubernetes-int-or-string'] === true) return quantity(value, schema, path);
  if (schema.type === 'object' && isRecord(value)) return object(value, schema, path);
  if (schema.type === 'array' && Array.isArray(value)) return list(value, schema, path);
  if (schema.type === 'string' && typeof value === 'string') return text(value, schema, path);
  if (schema.type === 'integer' && Number.isInteger(value)) return [];
  if (schema.type === 'boolean' && typeof value === 'boolean') return [];
  return [wrongType(value, schema, path)];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const wrongType = (value: unknown, { type }: Schema, path: string) =>
  `${path} in body must be of type ${type ?? ''}: "${Array.isArray(value) ? 'array' : typeof value}"`;

function object(value: Record<string, unknown>, schema: Schema, path: string): string[] {
  const missing = (schema.required ?? []).filter((name) => value[name] === undefined);
  const members = Object.entries(value).flatMap(([name, member]) => {
    const at = path === '' ? name : `${path}.${name}`;
    const known = schema.properties?.[name] ?? schema.additionalProperties;
    if (known !== undefined) return check(member, known, at);
    return path === 'metadata' ? [] : [`unknown field "${at}"`];
  });
  return [...missing.map((name) => `${path}.${name}: Required value`), ...members];
}

function list(values: readonly unknown[], schema: Schema, path: string): string[] {
  const { items } = schema;
  if (items === undefined) return [`${path} has no schema for its items`];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const keyOf = (value: unknown) => keys.map((key) => isRecord(value) && value[key]);
  return values.flatMap((value, index) => {
    const twice = values
      .slice(0, index)
      .some((other) => keys.length > 0 && isDeepStrictEqual(keyOf(other), keyOf(value)));
    const at = `${path}[${index}]`;
    return check(value, items, at).concat(twice ? [`${at}: Duplicate value`] : []);
  });
}

function text(value: string, schema: Schema, path: string): string[] {
  const { enum: values, maxLength, pattern } = schema;
  const faults: string[] = [];
  if (values !== undefined && !values.includes(value)) {
    faults.push(`${path}: Unsupported value: "${value}"`);
  }
  if (maxLength !== undefined && value.length > maxLength) {
    faults.push(`${path}: Too long: may not be more than ${maxLength} bytes`);
  }
  if (pattern !== undefined && !new RegExp(pattern).test(value)) {
    faults.push(`${path} in body should match '${pattern}'`);
  }
  return faults;
}

function quantity(value: unknown, schema: Schema, path: string): string[] {
  if (Number.isInteger(value)) return [];
  if (typeof value !== 'string') return [`${path} in body must be an integer or a string`];
  return text(value, schema, path);
}
