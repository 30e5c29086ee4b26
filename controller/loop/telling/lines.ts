import { faults } from '../../../domain/faults.ts';
import { reasons } from '../../../domain/reasons.ts';
import { probeProblems, type About, type LoopFact } from '../../../domain/restart/facts.ts';
import { workloadKey } from '../../../domain/restart/records/workload.ts';
import { line, type Line, type Writers } from '../../log/told.ts';
import type { Level } from '../../log.ts';

/** How the log tells what happens in the loop. */
export const loopWriters: Writers<LoopFact['type']> = {
  WorkloadRestarted: ({ cause, ...fact }) =>
    line('info', 'restarted', { ...about(fact), cause, sentence: reasons[cause].summary }),
  RestartSucceeded: ({ tookSeconds, ...fact }) =>
    line('info', 'restart succeeded', { ...about(fact), tookSeconds }),
  RestartFailed: (fact) => stuck('restart failed', 'RestartFailed', fact),
  RestartDidNotHelp: (fact) => stuck('restart did not help', 'RestartDidNotHelp', fact),
  RestartReverted: (fact) => stuck('restart was undone', 'RestartReverted', fact),
  RestartSuperseded: (fact) => line('info', 'restart superseded by its owner', about(fact)),
  RestartRejected: ({ fault, deniedBy, ...fact }) =>
    line('warn', 'restart rejected', {
      ...about(fact),
      fault,
      deniedBy,
      sentence: fault === undefined ? reasons.RestartRejected.summary : faults[fault].sentence,
      remedy: reasons.RestartRejected.remedy,
    }),
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

  BreakerOpened: ({ type: _type, ...fact }) => line('error', 'breaker opened', fact),
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
      remedy: 'Apply the definition that comes with this version.',
    }),
  EventWriteFailed: ({ fault }) =>
    line('warn', 'event not written', { fault, sentence: faults[fault].sentence }),
};

const about = ({ workload, instrumentations, ...fact }: About & { readonly number?: number }) => ({
  workload: workloadKey(workload),
  instrumentations,
  number: fact.number,
});

type StuckReason = 'RestartFailed' | 'RestartDidNotHelp' | 'RestartReverted';

function stuck(message: string, reason: StuckReason, fact: About): Line {
  const { summary: sentence, remedy } = reasons[reason];
  return line('warn', message, { ...about(fact), sentence, remedy });
}

type Verdict = Extract<
  LoopFact,
  { type: 'WorkloadBehind' | 'WorkloadHeld' | 'WorkloadRefused' | 'WorkloadStuck' }
>;

function verdict(level: Level, message: string, fact: Verdict): Line {
  const { reason, cause, coverage, advice, ...who } = fact;
  const { summary: sentence, remedy } = advice;
  const pods = Object.fromEntries(Object.entries(coverage).filter(([, count]) => count > 0));
  return line(level, message, { ...about(who), reason, cause, pods, sentence, remedy });
}
