/** JSON as it arrives: nothing is known of it until it has been looked at. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What the text holds, if it is one object and nothing else. */
export function objectIn(text: string): JsonObject | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The member itself, never what a prototype would answer for it: that is a function, or the
 * prototype, and JSON holds neither.
 */
export function member(object: JsonObject, key: string): Json | undefined {
  const value: unknown = object[key];
  const isInherited = typeof value === 'function' || value === Object.prototype;
  return isInherited ? undefined : (value as Json | undefined);
}

export function objectAt(object: JsonObject, key: string): JsonObject | undefined {
  const value = member(object, key);
  return isObject(value) ? value : undefined;
}

export function listAt(object: JsonObject, key: string): readonly Json[] | undefined {
  const value = member(object, key);
  return Array.isArray(value) ? (value as readonly Json[]) : undefined;
}

/** A string that is there and not empty: Kubernetes treats the empty one as absent. */
export function textAt(object: JsonObject, key: string): string | undefined {
  const value = member(object, key);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
