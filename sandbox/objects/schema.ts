import { isDeepStrictEqual } from 'node:util';
import type { Fields, Json } from '../api.ts';
import { fieldsOf, isFields, isList, listOf, textOf } from './json.ts';

/** One thing wrong with an object: the field, a colon, what kind of fault, a colon, why. */
export type Fault = string;

/** Of what a schema says nothing. */
const unknown: Fields = {};

/**
 * What is frozen was stored before, and so it is in order: versions of an object share most of their
 * parts, and looking at each part again would be most of the work of a write.
 */
const isSettled = (value: Json) =>
  typeof value === 'object' && value !== null && Object.isFrozen(value);

/** The schema of a member of an object, whether it is named or only allowed. */
function memberOf(schema: Fields, name: string): Fields | undefined {
  const member = fieldsOf(schema['properties'])[name] ?? schema['additionalProperties'];
  return isFields(member) ? member : undefined;
}

/** Fills in a schema's defaults and leaves out what is null. */
export function withDefaults(schema: Fields, value: Json): Json {
  if (isSettled(value)) return value;
  if (isList(value)) return eachOf(value, (item) => withDefaults(fieldsOf(schema['items']), item));
  if (!isFields(value)) return value;
  const names = [...Object.keys(value), ...Object.keys(fieldsOf(schema['properties']))];
  return sameOr(
    value,
    [...new Set(names)].flatMap((name) => {
      const member = memberOf(schema, name) ?? unknown;
      const isAbsent = value[name] === null && member['nullable'] !== true;
      const given = (isAbsent ? undefined : value[name]) ?? member['default'];
      return given === undefined ? [] : [[name, withDefaults(member, given)] as const];
    }),
  );
}

const below = (path: string, name: string) => (path === '' ? name : `${path}.${name}`);
const typeMeta = new Set(['apiVersion', 'kind', 'metadata']);

/** Drops what the schema does not know, and tells which paths that were. */
export function prune(schema: Fields, value: Json, found: string[], path = ''): Json {
  if (isSettled(value)) return value;
  if (isList(value)) {
    const items = fieldsOf(schema['items']);
    return eachOf(value, (item, index) => prune(items, item, found, `${path}[${index}]`));
  }
  if (!isFields(value)) return value;
  const isOpen =
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    schema['additionalProperties'] === true;
  return sameOr(
    value,
    Object.entries(value).flatMap(([name, inner = null]) => {
      const member = memberOf(schema, name);
      const place = below(path, name);
      if (member !== undefined) return [[name, prune(member, inner, found, place)] as const];
      if (isOpen || (path === '' && typeMeta.has(name))) return [[name, inner]];
      found.push(place);
      return [];
    }),
  );
}

/** What comes out as it went in stays the same object, so that versions share what they have in common. */
function eachOf(list: readonly Json[], change: (item: Json, index: number) => Json) {
  const items = list.map(change);
  return items.every((item, index) => item === list[index]) ? list : items;
}

function sameOr(fields: Fields, entries: readonly (readonly [string, Json])[]): Fields {
  const isSame = entries.every(([name, inner]) => inner === fields[name]);
  const hasAll = entries.length === Object.keys(fields).length;
  return isSame && hasAll ? fields : Object.fromEntries(entries);
}

/** What is wrong with a value, in the server's words; rules in CEL are not looked at. */
export function validate(schema: Fields, value: Json, path = ''): readonly Fault[] {
  if (isSettled(value) || schema === unknown) return [];
  if (value === null && schema['nullable'] === true) return [];
  const isEither = schema['x-kubernetes-int-or-string'] === true;
  const types = isEither ? ['integer', 'string'] : [textOf(schema['type']) || typeOf(value)];
  const type = typeOf(value);
  if (!types.includes(type) && !(type === 'integer' && types[0] === 'number')) {
    const why = `${path} in body must be of type ${types.join()}: "${type}"`;
    return [`${path}: Invalid value: "${type}": ${why}`];
  }
  const faults = Object.entries(schema).flatMap(
    ([name, limit]) => keywords[name]?.(value as never, limit as never) ?? [],
  );
  return [...faults.map((why) => `${path}: ${why}`), ...memberFaults(schema, value, path)];
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (isList(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

const formats: Readonly<Record<string, RegExp>> = {
  'date-time': /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/,
  microtime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(?:Z|[+-]\d\d:\d\d)$/,
};

const wrong = (isRight: boolean, why: string) => (isRight ? undefined : `Invalid value: ${why}`);

/** Why a value does not keep to a keyword's limit. The type was seen to before. */
const keywords: Readonly<Record<string, (value: never, limit: never) => string | undefined>> = {
  enum: (value: Json, choices: readonly Json[]) =>
    choices.some((choice) => isDeepStrictEqual(choice, value))
      ? undefined
      : `Unsupported value: ${JSON.stringify(value)}: supported values: ${choices.map((one) => JSON.stringify(one)).join(', ')}`,
  pattern: (value: Json, pattern: string) =>
    wrong(typeof value !== 'string' || new RegExp(pattern).test(value), `should match ${pattern}`),
  format: (value: string, format: string) =>
    wrong(formats[format]?.test(value) ?? true, `must be of type ${format}: "${value}"`),
  minimum: (value: number, least: number) =>
    wrong(value >= least, `should be greater than or equal to ${least}`),
  maximum: (value: number, most: number) =>
    wrong(value <= most, `should be less than or equal to ${most}`),
  minLength: ({ length }: string, least: number) =>
    wrong(length >= least, `should be at least ${least} chars long`),
  maxLength: ({ length }: string, most: number) =>
    length <= most ? undefined : `Too long: may not be more than ${most} bytes`,
  minItems: ({ length }: readonly Json[], least: number) =>
    length >= least ? undefined : 'Required value',
  maxItems: ({ length }: readonly Json[], most: number) =>
    length <= most ? undefined : `Too many: ${length}: must have at most ${most} items`,
  'x-kubernetes-list-map-keys': (items: readonly Json[], keys: readonly string[]) => {
    const names = items.map((item) => JSON.stringify(keys.map((key) => fieldsOf(item)[key])));
    const double = names.find((name, index) => names.indexOf(name) < index);
    return double && `Duplicate value: ${double}`;
  },
};

function memberFaults(schema: Fields, value: Json, path: string): readonly Fault[] {
  if (isList(value)) {
    const items = fieldsOf(schema['items']);
    return value.flatMap((item, index) => validate(items, item, `${path}[${index}]`));
  }
  if (!isFields(value)) return [];
  const required = listOf(schema['required']).map(textOf);
  const missing = required.filter((name) => value[name] === undefined);
  const inner = Object.entries(value).flatMap(([name, one = null]) =>
    validate(memberOf(schema, name) ?? unknown, one, below(path, name)),
  );
  return [...missing.map((name) => `${below(path, name)}: Required value`), ...inner];
}
