import type { Defaults } from '../injection/match.ts';
import type { Plan } from '../restart/plan.ts';
import type { Seconds } from '../restart/records/metadata.ts';
import type { Judgement, Verdict } from '../restart/verdict.ts';

/** Everything a status is made of, besides the Instrumentation and what was said of it before. */
export interface Telling {
  readonly judgements: readonly Judgement[];
  readonly plan: Plan;
  /** Unknown until the first probe has been answered or not: then what was said before still holds. */
  readonly webhook: 'proven' | 'unproven' | 'unknown';
  readonly defaults: Defaults;
  readonly now: Seconds;
}

/** One workload that asks for the Instrumentation, with the last word on it. */
export interface Told {
  readonly judgement: Judgement;
  readonly verdict: Verdict;
}

/** By `namespace/name` of the Instrumentation; a workload that asks for two stands in both. */
export function groupByInstrumentation({
  judgements,
  plan: { verdicts },
}: Telling): ReadonlyMap<string, readonly Told[]> {
  const groups = new Map<string, Told[]>();
  for (const judgement of judgements) {
    if (judgement.wanted.kind === 'nothing') continue;
    const told = { judgement, verdict: verdicts.get(judgement.key) ?? judgement.verdict };
    for (const name of judgement.wanted.instrumentations) {
      const group = groups.get(name);
      if (group) group.push(told);
      else groups.set(name, [told]);
    }
  }
  return groups;
}

/** The form in which Kubernetes writes times. */
export const writeTime = (at: Seconds): string =>
  new Date(at * 1_000).toISOString().replace('.000Z', 'Z');
