import { faults } from '../domain/faults.ts';
import { probeProblems } from '../domain/restart/facts.ts';
import { workloadKinds, type WorkloadKind } from '../domain/restart/records/metadata.ts';
import { keysOf, reasonsFor, type Counter, type Histogram } from './rows.ts';

const outcomes = [
  'succeeded',
  'failed',
  'did_not_help',
  'reverted',
  'superseded',
  'rejected',
] as const;

const ended =
  (outcome: (typeof outcomes)[number]) =>
  ({ workload: { kind } }: { readonly workload: { readonly kind: WorkloadKind } }) => [
    { kind, outcome },
  ];

/** What the loop does, and what comes of it. */
export const restartCounters: readonly Counter[] = [
  {
    name: 'retrofit_restarts_total',
    help: 'Workloads that were restarted, by why their pods were behind.',
    labels: ['kind', 'cause'],
    counts: { WorkloadRestarted: ({ workload: { kind }, cause }) => [{ kind, cause }] },
    fromStart: workloadKinds.flatMap((kind) =>
      reasonsFor('behind').map((cause) => ({ kind, cause })),
    ),
  },
  {
    name: 'retrofit_restart_outcomes_total',
    help: 'Restarts that came to an end while this leader watched, by what came of them. Superseded: the owner deployed before it was complete. Rejected: the API server did not take it.',
    labels: ['kind', 'outcome'],
    counts: {
      RestartSucceeded: ended('succeeded'),
      RestartFailed: ended('failed'),
      RestartDidNotHelp: ended('did_not_help'),
      RestartReverted: ended('reverted'),
      RestartSuperseded: ended('superseded'),
      RestartRejected: ended('rejected'),
    },
    fromStart: workloadKinds.flatMap((kind) => outcomes.map((outcome) => ({ kind, outcome }))),
  },
  {
    name: 'retrofit_breaker_openings_total',
    help: 'Times that restarts on behalf of an Instrumentation were stopped because some of them went wrong.',
    labels: [],
    counts: { BreakerOpened: () => [{}] },
    fromStart: [{}],
  },
  {
    name: 'retrofit_probes_total',
    help: 'Dry runs that were to prove that the webhook injects and decides as the controller does, by what kept them from it; an empty problem is a proof.',
    labels: ['problem'],
    counts: {
      ProbeSucceeded: () => [{ problem: '' }],
      ProbeFailed: ({ problem }) => [{ problem }],
    },
    fromStart: [{ problem: '' }, ...keysOf(probeProblems).map((problem) => ({ problem }))],
  },
  {
    name: 'retrofit_leader_changes_total',
    help: 'Times that this process became the leader, or ceased to be it.',
    labels: ['change'],
    counts: {
      LeaseGained: () => [{ change: 'gained' }],
      LeaseLost: () => [{ change: 'lost' }],
    },
    fromStart: [{ change: 'gained' }, { change: 'lost' }],
  },
  {
    name: 'retrofit_round_failures_total',
    help: 'Rounds of the loop that ended in a mistake of ours.',
    labels: [],
    counts: { RoundFailed: () => [{}] },
    fromStart: [{}],
  },
  {
    name: 'retrofit_events_lost_total',
    help: 'Events that could not be written, by the fault. What they would have said stands in the log and in the status too, and nothing depends on them.',
    labels: ['fault'],
    counts: { EventWriteFailed: ({ fault }) => [{ fault }] },
    times: { EventWriteFailed: ({ events }) => events },
    fromStart: keysOf(faults).map((fault) => ({ fault })),
  },
];

export const roundDuration: Histogram = {
  name: 'retrofit_round_duration_seconds',
  help: 'Time that a round of the loop took, from the first judgement to the last.',
  labels: [],
  buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
};

export const restartDuration: Histogram = {
  name: 'retrofit_restart_duration_seconds',
  help: 'From a restart to its success: every pod is new, ready, and has not restarted for a while.',
  labels: ['kind'],
  buckets: [30, 60, 90, 120, 180, 300, 600, 900, 1800, 3600, 7200],
};
