import { annotations } from '../../crds/names.ts';
import type { Defaults } from '../injection/match.ts';
import type { Plan } from '../restart/plan.ts';
import type { Seconds } from '../restart/records/metadata.ts';
import type { Judgement, Verdict } from '../restart/verdict.ts';

/** What statuses are made of, besides the Instrumentation and the workloads that ask for it. */
export interface Telling {
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

/** The form in which Kubernetes writes times. */
export const writeTime = (at: Seconds): string =>
  new Date(at * 1_000).toISOString().replace('.000Z', 'Z');

/** How restarts for an Instrumentation go on that have stopped at that time: the command for it. */
export function closingOf(instrumentation: string, since: Seconds): string {
  const [namespace = '', name = ''] = instrumentation.split('/');
  return `Change its settings, or go on with them by \`kubectl annotate instrumentation ${name} -n ${namespace} ${annotations.resume}=${writeTime(since)} --overwrite\`.`;
}
