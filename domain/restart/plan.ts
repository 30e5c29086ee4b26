import { breakerGate, openBreakers, type Breaker } from './plan/breaker.ts';
import { hourGate, proofGate, warmGate } from './plan/limits.ts';
import { inOrder } from './plan/order.ts';
import { rampGate, standingsOf } from './plan/ramp.ts';
import { earlier, isCandidate } from './plan/round.ts';
import type { Budget, Candidate, Gate, Round, Wait } from './plan/round.ts';
import { followGate, settleGate } from './plan/settle.ts';
import { slotGate } from './plan/slots.ts';
import type { Seconds } from './records/metadata.ts';
import { writeMarker } from './records/template.ts';
import type { Judgement, Verdict } from './verdict.ts';

export type { Breaker } from './plan/breaker.ts';
export { countsSeconds, type Budget, type Round } from './plan/round.ts';

/** One restart to be sent: the value of the marker is decided here. */
export interface Restart {
  readonly judgement: Judgement;
  readonly marker: string;
  readonly number: number;
}

/** What this round restarts, what it puts off and why, and when to look again. */
export interface Plan {
  readonly restarts: readonly Restart[];
  /** The last word on each workload: that of `judge`, or why the plan puts it off. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** Breakers to be open after this round, by `namespace/name` of their Instrumentation. */
  readonly breakers: ReadonlyMap<string, Breaker>;
  /** Instrumentations whose status has to tell, before the next round, that restarts follow it. */
  readonly follows: ReadonlySet<string>;
  readonly wakeAt: Seconds | undefined;
}

/** Decides which of the workloads that are behind are restarted now. The same round gives the same plan. */
export function plan(round: Round, budget: Budget): Plan {
  const standings = standingsOf(round, budget);
  const breakers = openBreakers(round, standings);
  const follows = new Set<string>();
  // The order is policy: a candidate is told of the first that holds it back.
  const gates: readonly Gate[] = [
    settleGate(round, budget),
    proofGate(round),
    breakerGate(breakers),
    rampGate(standings, budget),
    hourGate(round, budget),
    slotGate(round, budget),
    warmGate(round),
    followGate(round, follows),
  ];
  const verdicts = new Map<string, Verdict>();
  for (const { key, verdict } of round.judgements) verdicts.set(key, verdict);
  const restarts: Restart[] = [];
  for (const candidate of inOrder(round.judgements.filter(isCandidate))) {
    const wait = firstWait(gates, candidate);
    if (wait) verdicts.set(candidate.key, putOff(candidate, wait));
    else {
      gates.forEach((gate) => gate.take?.(candidate));
      restarts.push(restartOf(candidate, round.now));
    }
  }
  return { restarts, verdicts, breakers, follows, wakeAt: wakeAt(verdicts, round.now) };
}

function firstWait(gates: readonly Gate[], candidate: Candidate): Wait | undefined {
  for (const gate of gates) {
    const wait = gate.whyNot(candidate);
    if (wait) return wait;
  }
  return undefined;
}

const putOff = ({ verdict }: Candidate, wait: Wait): Verdict => ({
  kind: 'waiting',
  cause: verdict.reason,
  ...wait,
});

/** Its times go on telling of the earlier ones, also when their revisions are gone. */
function restartOf(candidate: Candidate, now: Seconds): Restart {
  const { attempt, wanted } = candidate;
  const number = attempt.lastNumber + 1;
  const times = [now, ...attempt.times];
  return {
    judgement: candidate,
    number,
    marker: writeMarker({ asked: wanted.stamp.asked, number, times }),
  };
}

/** What has no known end is told by what changes in the cluster, or by the round that comes anyway. */
function wakeAt(verdicts: ReadonlyMap<string, Verdict>, now: Seconds): Seconds | undefined {
  let next: Seconds | undefined;
  for (const verdict of verdicts.values())
    if (verdict.kind === 'waiting') next = earlier(next, verdict.until);
  return next === undefined ? undefined : Math.max(next, now);
}
