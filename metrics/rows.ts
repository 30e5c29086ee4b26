import type { Fact } from '../domain/facts.ts';
import { podReasons, reasons, type Outcome, type Reason } from '../domain/reasons.ts';

export type FactType = Fact['type'];
export type FactOf<T extends FactType> = Extract<Fact, { type: T }>;
export type Labels = Readonly<Record<string, string>>;

/** What a metric is called, on the wire and on the reference page. */
export interface Described {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** Labels are read off the fact and off nothing else: their values are keys of our tables. */
export interface Counter extends Described {
  readonly counts: { readonly [T in FactType]?: (fact: FactOf<T>) => readonly Labels[] };
  /** How often it happened, where one fact tells of many times. */
  readonly times?: { readonly [T in FactType]?: (fact: FactOf<T>) => number };
  /** Series that exist at 0 before anything happens, or an alert would miss the first time. */
  readonly fromStart: readonly Labels[];
}

export interface Histogram extends Described {
  readonly buckets: readonly number[];
}

export const keysOf = <K extends string>(table: Readonly<Record<K, unknown>>) =>
  Object.keys(table) as K[];

export const reasonsFor = (outcome: Outcome): readonly Reason[] =>
  keysOf(reasons).filter((key) => reasons[key].outcome === outcome);

/** Those that can be said of a pod as it is made: the others are the loop's. */
export const podReasonsFor = (outcome: Outcome): readonly Reason[] =>
  keysOf(podReasons).filter((key) => podReasons[key].outcome === outcome);
