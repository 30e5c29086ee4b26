import type { Fields, Json } from '../api.ts';
import { fieldsOf, isFields, isList, isSame, listOf, textOf } from './json.ts';
import type { Cause } from './refusals.ts';

/** Fills in a schema's defaults; what lacks nothing is returned as it is, so that versions share it. */
export function withDefaults(schema: Fields, value: Json): Json {
  if (isList(value)) {
    const items = fieldsOf(schema['items']);
    return unlessSame(
      value,
      value.map((item) => withDefaults(items, item)),
    );
  }
  if (!isFields(value)) return value;
  const result: Record<string, Json | undefined> = { ...value };
  for (const [name, child] of Object.entries(fieldsOf(schema['properties']))) {
    const inner = fieldsOf(child);
    if (result[name] === null && inner['nullable'] !== true) delete result[name];
    result[name] ??= inner['default'];
    if (result[name] === undefined) delete result[name];
    else result[name] = withDefaults(inner, result[name]);
  }
  const others = fieldsOf(schema['additionalProperties']);
  for (const name of Object.keys(others).length === 0 ? [] : Object.keys(result))
    result[name] = withDefaults(others, result[name] ?? null);
  return unlessSame(value, result);
}

/** Keeps the old object where the new one has the very same members. */
export function unlessSame<T extends Json>(old: T, now: T): T {
  const [before, after] = [
    Object.entries(fieldsOf({ ...(old as Fields) })),
    fieldsOf({ ...(now as Fields) }),
  ];
  return before.length === Object.keys(after).length &&
    before.every(([name, value]) => value === after[name])
    ? old
    : now;
}

/** Drops what the schema does not know, and tells which paths that were. */
export function prune(schema: Fields, value: Json, found: string[], path = ''): Json {
  if (isList(value)) {
    const items = fieldsOf(schema['items']);
    return value.map((item, index) => prune(items, item, found, `${path}[${index}]`));
  }
  if (!isFields(value)) return value;
  const known = {
    ...fieldsOf(schema['properties']),
    ...(path === '' || schema['x-kubernetes-embedded-resource'] === true ? typeMeta : {}),
  };
  const others = schema['additionalProperties'];
  const keepsAll = schema['x-kubernetes-preserve-unknown-fields'] === true || others === true;
  const kept: [string, Json][] = [];
  for (const [name, inner = null] of Object.entries(value)) {
    const child = known[name] ?? (isFields(others) ? others : undefined);
    const place = path === '' ? name : `${path}.${name}`;
    if (child === openly) kept.push([name, inner]);
    else if (child !== undefined) kept.push([name, prune(fieldsOf(child), inner, found, place)]);
    else if (keepsAll) kept.push([name, inner]);
    else found.push(place);
  }
  return Object.fromEntries(kept);
}

const openly: Fields = {};
const typeMeta: Fields = { apiVersion: openly, kind: openly, metadata: openly };

/** What is wrong with a value, in the server's words; rules in CEL are not looked at. */
export function validate(schema: Fields, value: Json, path = ''): readonly Cause[] {
  if (value === null && schema['nullable'] === true) return [];
  const type = typeOf(value);
  const wanted =
    schema['x-kubernetes-int-or-string'] === true ? ['integer', 'string'] : schema['type'];
  if (
    wanted !== undefined &&
    ![wanted].flat().some((one) => one === type || (one === 'number' && type === 'integer'))
  )
    return [
      wrong(
        path,
        JSON.stringify(type),
        `${path} in body must be of type ${[wanted].flat().join(',')}: ${JSON.stringify(type)}`,
      ),
    ];
  return [
    ...valueFaults(schema, value, path),
    ...memberFaults(schema, value, path),
    ...branchFaults(schema, value, path),
  ];
}

const typeOf = (value: Json): string => {
  if (value === null) return 'null';
  if (isList(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
};

const wrong = (field: string, shown: string, why: string): Cause => ({
  field,
  message: `Invalid value: ${shown}: ${why}`,
});
const limit = (schema: Fields, name: string, otherwise: number) =>
  typeof schema[name] === 'number' ? schema[name] : otherwise;

function valueFaults(schema: Fields, value: Json, path: string): readonly Cause[] {
  const shown = JSON.stringify(value);
  const choices = schema['enum'];
  const faults: Cause[] = [];
  if (isList(choices) && !choices.some((choice) => isSame(choice, value))) {
    const message = `Unsupported value: ${shown}: supported values: ${choices.map((one) => JSON.stringify(one)).join(', ')}`;
    faults.push({ field: path, message, reason: 'FieldValueNotSupported' });
  }
  if (typeof value === 'string') {
    const most = limit(schema, 'maxLength', Infinity);
    const { pattern, format } = schema;
    if (value.length > most)
      faults.push({
        field: path,
        message: `Too long: may not be more than ${most} bytes`,
        reason: 'FieldValueTooLong',
      });
    if (value.length < limit(schema, 'minLength', 0))
      faults.push(
        wrong(
          path,
          shown,
          `${path} in body should be at least ${limit(schema, 'minLength', 0)} chars long`,
        ),
      );
    if (typeof pattern === 'string' && !new RegExp(pattern).test(value))
      faults.push(wrong(path, shown, `${path} in body should match '${pattern}'`));
    if (format === 'date-time' && !dateTime.test(value))
      faults.push(wrong(path, shown, `${path} in body must be of type date-time: ${shown}`));
  }
  if (typeof value === 'number') {
    if (value < limit(schema, 'minimum', -Infinity))
      faults.push(
        wrong(
          path,
          shown,
          `${path} in body should be greater than or equal to ${limit(schema, 'minimum', 0)}`,
        ),
      );
    if (value > limit(schema, 'maximum', Infinity))
      faults.push(
        wrong(
          path,
          shown,
          `${path} in body should be less than or equal to ${limit(schema, 'maximum', 0)}`,
        ),
      );
  }
  return faults;
}

const dateTime = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

function memberFaults(schema: Fields, value: Json, path: string): readonly Cause[] {
  if (isList(value)) {
    const [least, most] = [limit(schema, 'minItems', 0), limit(schema, 'maxItems', Infinity)];
    return [
      ...(value.length < least
        ? [wrong(path, String(value.length), `${path} in body should have at least ${least} items`)]
        : []),
      ...(value.length > most
        ? [
            {
              field: path,
              message: `Too many: ${value.length}: must have at most ${most} items`,
              reason: 'FieldValueTooMany',
            },
          ]
        : []),
      ...doubles(schema, value, path),
      ...value.flatMap((item, index) =>
        validate(fieldsOf(schema['items']), item, `${path}[${index}]`),
      ),
    ];
  }
  if (!isFields(value)) return [];
  const known = fieldsOf(schema['properties']);
  const below = (name: string) => (path === '' ? name : `${path}.${name}`);
  const missing = listOf(schema['required'])
    .map(textOf)
    .filter((name) => value[name] === undefined);
  return [
    ...missing.map((name) => ({
      field: below(name),
      message: 'Required value',
      reason: 'FieldValueRequired',
    })),
    ...Object.entries(value).flatMap(([name, inner = null]) =>
      validate(fieldsOf(known[name] ?? schema['additionalProperties']), inner, below(name)),
    ),
  ];
}

/** Elements that a map-like list tells apart by the same keys. */
function doubles(schema: Fields, items: readonly Json[], path: string): readonly Cause[] {
  const keys = listOf(schema['x-kubernetes-list-map-keys']).map(textOf);
  if (keys.length === 0) return [];
  const names = items.map((item) =>
    JSON.stringify(Object.fromEntries(keys.map((key) => [key, fieldsOf(item)[key]]))),
  );
  const isDouble = (name: string, index: number) => names.indexOf(name) < index;
  return names.flatMap((name, index) =>
    isDouble(name, index)
      ? [
          {
            field: `${path}[${index}]`,
            message: `Duplicate value: ${name}`,
            reason: 'FieldValueDuplicate',
          },
        ]
      : [],
  );
}

function branchFaults(schema: Fields, value: Json, path: string): readonly Cause[] {
  const met = (name: string) =>
    listOf(schema[name]).filter((branch) => validate(fieldsOf(branch), value, path).length === 0)
      .length;
  const fault = (rule: string) => [
    wrong(path, JSON.stringify(value), `${path} in body must validate ${rule}`),
  ];
  return [
    ...listOf(schema['allOf']).flatMap((branch) => validate(fieldsOf(branch), value, path)),
    ...(isList(schema['anyOf']) && met('anyOf') === 0 ? fault('at least one schema (anyOf)') : []),
    ...(isList(schema['oneOf']) && met('oneOf') !== 1
      ? fault('one and only one schema (oneOf)')
      : []),
    ...(isFields(schema['not']) && validate(schema['not'], value, path).length === 0
      ? fault('not the schema (not)')
      : []),
  ];
}
