import { isObject, listAt, objectAt, textAt, type JsonObject } from '../../json.ts';

/** Whether a label selector takes these labels; one that says nothing takes all. */
export function selectorMatches(selector: JsonObject | undefined, labels: JsonObject): boolean {
  if (selector === undefined) return true;
  const wanted = Object.entries(objectAt(selector, 'matchLabels') ?? {});
  const expressions = (listAt(selector, 'matchExpressions') ?? []).filter(isObject);
  return (
    wanted.every(([key, value]) => textIn(labels, key) === value) &&
    expressions.every((one) => isMet(one, labels))
  );
}

function isMet(expression: JsonObject, labels: JsonObject): boolean {
  const value = textIn(labels, textAt(expression, 'key') ?? '');
  const values = listAt(expression, 'values') ?? [];
  const isListed = value !== undefined && values.includes(value);
  const operator = textAt(expression, 'operator');
  if (operator === 'In') return isListed;
  if (operator === 'NotIn') return !isListed;
  if (operator === 'Exists') return value !== undefined;
  return operator !== 'DoesNotExist' || value === undefined;
}

/** A label may be empty and is there all the same. */
function textIn(labels: JsonObject, key: string): string | undefined {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}
