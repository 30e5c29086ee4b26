import type { Fact } from '../../domain/facts.ts';
import type { Fields, Level } from '../log.ts';

/** What the log says of a fact. */
export interface Line {
  readonly level: Level;
  readonly message: string;
  readonly fields: Fields;
}

/** How one fact is told; nothing where a line would only repeat another. */
export type Writer<T extends Fact['type']> = (fact: Extract<Fact, { type: T }>) => Line | undefined;

export type Writers<T extends Fact['type']> = { readonly [K in T]: Writer<K> };

export const line = (level: Level, message: string, fields: Fields): Line => ({
  level,
  message,
  fields,
});
