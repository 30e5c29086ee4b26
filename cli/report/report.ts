import type { Admission } from '../../domain/injection/admit.ts';
import type { Note } from '../../domain/injection/injector.ts';
import type { Refusal } from '../../domain/injection/match.ts';
import { reasons, type Entry, type Reason } from '../../domain/reasons.ts';
import type { Problem } from '../manifest/model.ts';
import { placeOf } from '../manifest/place.ts';
import type { Workload } from '../manifest/workloads.ts';

/** What became of one workload. */
export type Result =
  | { readonly kind: 'workload'; readonly workload: Workload; readonly admission: Admission }
  | { readonly kind: 'elsewhere'; readonly workload: Workload; readonly reference: string };

export interface Report {
  readonly results: readonly Result[];
  /** What people may have meant. */
  readonly hints: readonly Problem[];
  /** The Instrumentations that were read, as `namespace/name`. */
  readonly known: readonly string[];
}

export type Outcome = 'injected' | 'refused' | 'untouched';

export function outcomeOf(result: Result): Outcome {
  if (result.kind === 'elsewhere' || result.admission.kind === 'untouched') return 'untouched';
  return result.admission.kind === 'injected' ? 'injected' : 'refused';
}

export const wasRefused = (result: Result) => refusalsOf(result).length > 0;

export const refusalsOf = (result: Result): readonly Refusal[] =>
  result.kind === 'workload' && result.admission.kind !== 'untouched'
    ? result.admission.refusals
    : [];

export const notesOf = (result: Result): readonly Note[] =>
  result.kind === 'workload' && result.admission.kind === 'injected' ? result.admission.notes : [];

export const nameOf = ({ kind, namespace, name }: Workload) => `${kind}/${namespace}/${name}`;

export function lineOf({ item }: Workload): number {
  const document = item.file.documents[item.document];
  return document === undefined ? 1 : placeOf(item.file, document.yaml, item.at).line;
}

export const entryOf = (reason: Reason): Entry => reasons[reason];

/** How many workloads came out how. */
export function totalsOf({ results }: Report): Readonly<Record<Outcome, number>> {
  const totals = { injected: 0, refused: 0, untouched: 0 };
  for (const result of results) totals[outcomeOf(result)] += 1;
  return totals;
}
