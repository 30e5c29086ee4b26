import { podStates } from '../../domain/restart/coverage.ts';
import type { Plan } from '../../domain/restart/plan.ts';
import type { Judgement, Verdict } from '../../domain/restart/verdict.ts';
import { closingOf } from '../../domain/status/told.ts';
import type { Sight } from './sight.ts';
import type { Head, Restart, Row } from './wire.ts';

/** The last word on a workload: the plan's, where it puts it off. */
export const lastWord = ({ key, verdict }: Judgement, { verdicts }: Plan): Verdict =>
  verdicts.get(key) ?? verdict;

export function rowOf(judgement: Judgement, verdict: Verdict): Row {
  const { key, workload, coverage, since } = judgement;
  const { kind, namespace, name } = workload;
  const isQuiet = verdict.kind === 'exempt' || verdict.kind === 'current';
  const counts = podStates.map((state) => [state, coverage[state]] as const);
  return {
    key,
    kind,
    namespace,
    name,
    verdict: verdict.kind,
    reason: 'reason' in verdict ? verdict.reason : undefined,
    cause: 'cause' in verdict ? verdict.cause : undefined,
    since: isQuiet ? undefined : since,
    until: verdict.kind === 'waiting' ? verdict.until : undefined,
    pods: Object.fromEntries(counts.filter(([, count]) => count > 0)),
    restart: restartOf(judgement),
  };
}

function restartOf({ attempt, workload }: Judgement): Restart | undefined {
  if (attempt.kind === 'none') return undefined;
  const { kind: state, number, at } = attempt;
  const { updated, desired } = workload.counters;
  return { state, number, at, updated, desired };
}

export function headOf(sight: Sight): Head {
  if (sight.kind === 'leading') {
    const { plan, isWebhookProven } = sight;
    return { role: 'leading', isWebhookProven, breakers: breakersIn(plan) };
  }
  const holder = sight.kind === 'standby' ? sight.holder : undefined;
  return { role: sight.kind, holder, isWebhookProven: true, breakers: [] };
}

const breakersIn = ({ breakers }: Plan): Head['breakers'] =>
  [...breakers].map(([instrumentation, { since, workload, reason }]) => ({
    instrumentation,
    since,
    workload,
    reason,
    remedy: closingOf(instrumentation, since),
  }));
