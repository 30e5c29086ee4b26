import { faults } from '../../../domain/faults.ts';
import { reasons } from '../../../domain/reasons.ts';
import { probeProblems, type About, type LoopFact } from '../../../domain/restart/facts.ts';
import { workloadKey } from '../../../domain/restart/records/workload.ts';
import { closingOf } from '../../../domain/status/told.ts';
import { line, type Line, type Writers } from '../../log/told.ts';
import type { Level } from '../../log.ts';

/** How the log tells what happens in the loop. */
export const loopWriters: Writers<LoopFact['type']> = {
  WorkloadRestarted: ({ cause, ...fact }) =>
    line('info', 'restarted', { ...about(fact), cause, sentence: reasons[cause].summary }),
  RestartSucceeded: ({ tookSeconds, ...fact }) =>
    line('info', 'restart succeeded', { ...about(fact), tookSeconds }),
  RestartFailed: (fact) => outcome('restart failed', fact),
  RestartDidNotHelp: (fact) => outcome('restart did not help', fact),
  RestartReverted: (fact) => outcome('restart was undone', fact),
  RestartSuperseded: (fact) => line('info', 'restart superseded by its owner', about(fact)),
  RestartRejected: ({ fault, deniedBy, ...fact }) => {
    const { sentence, remedy }: Told =
      fault === undefined ? { sentence: reasons.RestartRejected.summary } : faults[fault];
    return line('warn', 'restart rejected', { ...about(fact), fault, deniedBy, sentence, remedy });
  },
  RestartUncertain: ({ fault, ...fact }) =>
    line('warn', 'restart without an answer', {
      ...about(fact),
      fault,
      sentence: faults[fault].sentence,
    }),
  RestartDropped: ({ fault, ...fact }) =>
    line('debug', 'restart dropped', { ...about(fact), fault }),

  WorkloadBehind: (fact) => verdict('info', 'workload is behind', fact),
  WorkloadHeld: (fact) => verdict('info', 'workload is left to people', fact),
  WorkloadRefused: (fact) => verdict('warn', 'workload is refused', fact),
  WorkloadStuck: (fact) => verdict('warn', 'workload is stuck', fact),
  WorkloadKeptWaiting: (fact) =>
    verdict(fact.isNews ? 'info' : 'debug', 'workload is kept waiting', fact),

  BreakerOpened: ({ type: _type, ...fact }) =>
    line('error', 'breaker opened', {
      ...fact,
      sentence: reasons.BreakerOpen.summary,
      remedy: closingOf(fact.instrumentation, fact.since),
    }),
  BreakerClosed: ({ instrumentation }) => line('info', 'breaker closed', { instrumentation }),

  ProbeSucceeded: () => line('debug', 'webhook proven', {}),
  ProbeFailed: ({ problem, fault, isNews }) =>
    line(isNews ? 'warn' : 'debug', 'webhook not proven', {
      problem,
      fault,
      ...probeProblems[problem],
    }),

  LeaseGained: ({ term }) => line('info', 'leading', { term }),
  LeaseLost: () => line('info', 'no longer leading', {}),
  LeaseCallFailed: ({ fault, cause }) =>
    line('warn', 'lease call failed', { fault, sentence: faults[fault].sentence, cause }),

  RoundDone: ({ elapsedMs, judged, restarts }) =>
    line('debug', 'round done', { elapsedMs: Math.round(elapsedMs), judged, restarts }),
  RoundFailed: ({ cause }) => line('error', 'round failed', { cause }),
  StatusWriteFailed: ({ instrumentation, fault }) =>
    line('warn', 'status not written', {
      instrumentation,
      fault,
      sentence: faults[fault].sentence,
    }),
  StatusNotKept: ({ instrumentation }) =>
    line('warn', 'status is not kept', {
      instrumentation,
      sentence:
        'The installed definition of Instrumentations has no room for a status, so none is written.',
      remedy:
        'Apply the definition that comes with this version; the status follows within minutes, by itself.',
    }),
  EventWriteFailed: ({ fault, events }) =>
    line('warn', 'event not written', { fault, events, sentence: faults[fault].sentence }),
};

const about = ({ workload, instrumentations, ...fact }: About & { readonly number?: number }) => ({
  workload: workloadKey(workload),
  instrumentations,
  number: fact.number,
});

interface Told {
  readonly sentence: string;
  readonly remedy?: string;
}

type Outcome = Extract<
  LoopFact,
  { type: 'RestartFailed' | 'RestartDidNotHelp' | 'RestartReverted' }
>;

/** What to do depends on how the workload is now, and is told with its verdict. */
const outcome = (message: string, fact: Outcome): Line =>
  line('warn', message, { ...about(fact), sentence: reasons[fact.type].summary });

type Verdict = Extract<
  LoopFact,
  {
    type:
      | 'WorkloadBehind'
      | 'WorkloadHeld'
      | 'WorkloadRefused'
      | 'WorkloadStuck'
      | 'WorkloadKeptWaiting';
  }
>;

function verdict(level: Level, message: string, fact: Verdict): Line {
  const { reason, cause, coverage, advice, ...who } = fact;
  const { summary: sentence, remedy } = advice;
  const pods = Object.fromEntries(Object.entries(coverage).filter(([, count]) => count > 0));
  return line(level, message, { ...about(who), reason, cause, pods, sentence, remedy });
}
