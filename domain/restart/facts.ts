import type { FaultKey } from '../faults.ts';
import type { ReasonFor } from '../reasons.ts';
import type { Coverage } from './coverage.ts';
import type { Advice } from './judge/advice.ts';
import type { Seconds } from './records/metadata.ts';
import type { WorkloadName } from './records/workload.ts';
import type { Cause } from './verdict.ts';

/** What happens in the loop, as the leader sees it. */
export type LoopFact = RestartFact | VerdictFact | BreakerFact | ProbeFact | LeaseFact | RoundFact;

/** Of whom it is told. */
export interface About {
  readonly workload: WorkloadName & { readonly uid: string };
  /** Digest of what its pods ask for: what was told under another one is told anew. */
  readonly asked: string;
  /** Each as `namespace/name`. */
  readonly instrumentations: readonly string[];
}

interface Restarted<T extends string> extends About {
  readonly type: T;
  readonly number: number;
}

export type RestartFact =
  | (Restarted<'WorkloadRestarted'> & { readonly cause: Cause })
  | (Restarted<'RestartSucceeded'> & { readonly tookSeconds: Seconds })
  | Restarted<'RestartFailed'>
  | Restarted<'RestartDidNotHelp'>
  | Restarted<'RestartReverted'>
  /** The owner deployed before it was complete. */
  | Restarted<'RestartSuperseded'>
  | (Restarted<'RestartRejected'> & {
      /** Absent where the answer was good and our annotation not in it. */
      readonly fault: FaultKey | undefined;
      /** The webhook or policy, when the answer names one. */
      readonly deniedBy: string | undefined;
    })
  /** Whether it was carried out is not known; the next look tells. */
  | (Restarted<'RestartUncertain'> & { readonly fault: FaultKey })
  /** The cluster moved on between the look and the write. */
  | (Restarted<'RestartDropped'> & { readonly fault: FaultKey });

interface Judged<T extends string, R> extends About {
  readonly type: T;
  readonly reason: R;
  readonly cause: Cause | undefined;
  readonly coverage: Coverage;
  readonly advice: Advice;
}

/** A verdict on a workload that was another one before. */
export type VerdictFact =
  | Judged<'WorkloadBehind', Cause>
  | Judged<'WorkloadHeld', ReasonFor<'held'>>
  | Judged<'WorkloadRefused', ReasonFor<'refused'>>
  | Judged<'WorkloadStuck', ReasonFor<'stuck'>>
  /** It has waited for long for something that no leader can bring about. */
  | (Judged<'WorkloadKeptWaiting', ReasonFor<'waiting'>> & {
      /** Whether this leader saw it begin: what it found so was told by the one before. */
      readonly isNews: boolean;
    });

interface OfInstrumentation {
  /** As `namespace/name`. */
  readonly instrumentation: string;
}

export type BreakerFact =
  | (OfInstrumentation & {
      readonly type: 'BreakerOpened';
      /** The one whose restart went wrong. */
      readonly workload: string;
      readonly reason: string;
      readonly since: Seconds;
    })
  | (OfInstrumentation & { readonly type: 'BreakerClosed' });

export type ProbeFact =
  | { readonly type: 'ProbeSucceeded' }
  | {
      readonly type: 'ProbeFailed';
      readonly problem: ProbeProblem;
      readonly fault: FaultKey | undefined;
      /** Nobody has been told of it for a while. */
      readonly isNews: boolean;
    };

export type LeaseFact =
  | { readonly type: 'LeaseGained'; readonly term: number }
  | { readonly type: 'LeaseLost' }
  | { readonly type: 'LeaseCallFailed'; readonly fault: FaultKey; readonly cause?: unknown };

export type RoundFact =
  | {
      readonly type: 'RoundDone';
      readonly elapsedMs: number;
      readonly judged: number;
      readonly restarts: number;
    }
  | { readonly type: 'RoundFailed'; readonly cause: unknown }
  | {
      readonly type: 'StatusWriteFailed';
      readonly instrumentation: string;
      readonly fault: FaultKey;
    }
  /** The definition of somebody else prunes what we would write. */
  | { readonly type: 'StatusNotKept'; readonly instrumentation: string }
  | {
      readonly type: 'EventWriteFailed';
      readonly fault: FaultKey;
      /** How many were lost: of those for which there was no room it is told once for all. */
      readonly events: number;
    };

/** Why a dry run did not prove that the webhook works. A key is public: add freely, rename never. */
export const probeProblems = {
  NoAnswer: {
    sentence: 'The API server took the dry-run pod and the webhook did not touch it.',
    remedy:
      'See whether the webhook runs and is ready, and whether its MutatingWebhookConfiguration holds the right authority: `kubectl get pods -A -l app.kubernetes.io/component=webhook`.',
  },
  OtherView: {
    sentence:
      'The webhook decides by other settings or other Instrumentations than the controller.',
    remedy:
      'Normal for moments after a change and during an upgrade. If it lasts, give both roles the same images and switches.',
  },
  CallFailed: {
    sentence: 'The API server did not take the dry-run pod.',
    remedy:
      'Look at the fault that is named. A quota or a policy in our own namespace must let the dry run pass.',
  },
} as const satisfies Readonly<Record<string, { sentence: string; remedy: string }>>;

export type ProbeProblem = keyof typeof probeProblems;
