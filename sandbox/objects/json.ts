import { isDeepStrictEqual } from 'node:util';
import type { Fields, Json, Metadata } from '../api.ts';

/** An object as it is stored: without kind and apiVersion, for one object may be served as several. */
export type Thing = Fields & { readonly metadata: Metadata & Fields };

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isList = (value: unknown): value is readonly Json[] => Array.isArray(value);

const none: Fields = Object.freeze({});
export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : none);
export const listOf = (value: unknown): readonly Json[] => (isList(value) ? value : []);
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What lies at a path such as `spec.template.metadata`. */
export function at(value: Json | undefined, path: string): Json | undefined {
  let found = value;
  for (const name of path.split('.')) found = isFields(found) ? found[name] : undefined;
  return found;
}

/** The same object with another value at the path; `undefined` takes it away. What lies beside is shared. */
export function put<T extends Fields>(object: T, path: string, value: Json | undefined): T {
  const [name = '', ...rest] = path.split('.');
  const inner = rest.length === 0 ? value : put(fieldsOf(object[name]), rest.join('.'), value);
  if (inner === object[name]) return object;
  if (inner !== undefined) return { ...object, [name]: inner };
  const { [name]: _gone, ...others } = object;
  return others as T;
}

export const isSame = (one: unknown, other: unknown): boolean => isDeepStrictEqual(one, other);

/** What is stored is shared by every reader, so nobody may change it; frozen parts are taken over as they are. */
export function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) freeze(inner);
  return Object.freeze(value);
}
