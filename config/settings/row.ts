import type { Parser } from './parsers.ts';

export const groups = [
  'What it does',
  'Agents',
  'Restarts',
  'Ports',
  'Limits',
  'Certificates',
  'Names',
  'Log',
] as const;

export type Value = string | number | boolean | readonly string[] | undefined;

export interface Row<T> {
  readonly group: (typeof groups)[number];
  readonly parser: Parser<T>;
  readonly default: T;
  /** What the reference page says in place of a default that nobody wrote. */
  readonly unset?: string;
  readonly help: string;
  /** The version that brought it. */
  readonly since: string;
}

export const since = '0.1';

/** A setting that may stay unset. */
export const optional = <T>(parser: Parser<T>): Parser<T | undefined> => parser;
