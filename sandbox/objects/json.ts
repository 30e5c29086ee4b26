import type { Fields, Json, Metadata } from '../api.ts';

/** An object as it is stored: without kind and apiVersion, for one object may be served as several. */
export type Thing = Fields & { readonly metadata: Metadata & Fields };

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isList = (value: unknown): value is readonly Json[] => Array.isArray(value);

export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});
export const listOf = (value: unknown): readonly Json[] => (isList(value) ? value : []);
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** To the second, as objects have it. */
export const timeOf = (date: Date) => date.toISOString().replace(/\.\d+Z$/, 'Z');

/** What lies at a path such as `spec.template.metadata`. */
export const at = (value: unknown, path: string): Json | undefined => reach(path)(value);

/** The same for many. */
export function reach(path: string): (value: unknown) => Json | undefined {
  const steps = path.split('.');
  return (value) => {
    let found = value;
    for (const step of steps) found = isFields(found) ? found[step] : undefined;
    return found as Json | undefined;
  };
}

/** The same object with another value at the path, or without one; what lies beside is shared. */
export function put<T extends Fields>(object: T, path: string, value: Json | undefined): T {
  const [step = '', ...rest] = path.split('.');
  const inner = rest.length > 0 ? put(fieldsOf(object[step]), rest.join('.'), value) : value;
  if (inner === object[step]) return object;
  return (inner === undefined ? without(object, step) : { ...object, [step]: inner }) as T;
}

export const without = (fields: Fields, ...names: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));

/** What is stored is shared by every reader, so nobody may change it; frozen parts are taken over as they are. */
export function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) freeze(inner);
  return Object.freeze(value);
}
