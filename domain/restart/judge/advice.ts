import { reasons, type Entry, type Reason } from '../../reasons.ts';
import { workloadReasons } from '../../reasons/restart.ts';
import type { Judgement, Verdict } from '../verdict.ts';

/** What is told to people about one workload. */
export interface Advice {
  readonly summary: string;
  /** With the command or annotation to copy; absent when nothing needs doing. */
  readonly remedy: string | undefined;
}

/** Explains a verdict, be it the judge's or the plan's; nothing is said of what is as it should be. */
export function adviceOn(
  { workload, attempt }: Pick<Judgement, 'workload' | 'attempt'>,
  verdict: Verdict,
): Advice | undefined {
  if (verdict.kind === 'current') return undefined;
  const { summary, remedy } = entryOf(verdict.reason);
  const values: Readonly<Record<string, string>> = {
    '<kind>': workload.kind.toLowerCase(),
    '<name>': workload.name,
    '<namespace>': workload.namespace,
    '<number>': String(attempt.lastNumber),
    '<next>': String(attempt.lastNumber + 1),
  };
  // What is said of pods names Instrumentations in the same way.
  if (!Object.hasOwn(workloadReasons, verdict.reason)) return { summary, remedy };
  return { summary, remedy: remedy?.replaceAll(/<\w+>/g, (found) => values[found] ?? found) };
}

const entryOf = (reason: Reason): Entry => reasons[reason];
