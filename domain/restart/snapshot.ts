import type { Stamp } from '../injection/stamp.ts';
import type { Language } from '../injection/instrumentation/settings.ts';
import type { Note } from '../injection/injector.ts';
import type { Refusal } from '../injection/match.ts';
import type { ReasonFor } from '../reasons.ts';
import type { Seconds } from './records/metadata.ts';
import type { ObservedPod } from './records/pod.ts';
import type { Revision } from './records/revision.ts';
import type { Workload } from './records/workload.ts';

/** Everything known about one workload at one instant: the whole input of a judgement. */
export interface Snapshot {
  readonly key: string;
  readonly workload: Workload;
  /** The newest, by its number, first. */
  readonly revisions: readonly Revision[];
  /** Those that live: neither going, nor done with their work. */
  readonly pods: readonly ObservedPod[];
  readonly isBeingDeleted: boolean;
  readonly wanted: Wanted;
  /** It words the cause, and decides nothing. */
  readonly askedSince: AskedSince;
  readonly policy: Policy;
  /** Whether its disruption budgets can spare a pod right now. */
  readonly mayDisrupt: boolean;
  readonly memory: Memory;
  /** By the API server's clock, as all times in it are. */
  readonly takenAt: Seconds;
}

/** What a pod made of the present template would get. */
export type Wanted =
  | { readonly kind: 'nothing'; readonly reason: ReasonFor<'exempt'> }
  | {
      readonly kind: 'refused';
      readonly reason: ReasonFor<'refused'>;
      readonly stamp: Stamp;
      readonly refusals: readonly Refusal[];
      /** Each as `namespace/name`; none where it is missing. */
      readonly instrumentations: readonly string[];
    }
  | {
      readonly kind: 'given';
      readonly stamp: Stamp;
      readonly languages: readonly Language[];
      readonly refusals: readonly Refusal[];
      readonly notes: readonly Note[];
      readonly instrumentations: readonly string[];
    };

/** When what a pod would get came to be, as far as the cluster tells. */
export interface AskedSince {
  readonly instrumentation: Seconds | undefined;
  /** By the namespace; a workload that asks by itself gets new pods with the request. */
  readonly request: Seconds | undefined;
}

export const remediations = ['restart', 'observe', 'off'] as const;

export type Remediation = (typeof remediations)[number];

/** What people have said about restarts of this workload, the most specific word first. */
export interface Policy {
  readonly remediation: Remediation;
  /** The workload or its namespace says "restart": what only a person can decide is decided. */
  readonly isInsistent: boolean;
  readonly restartsOutdated: boolean;
  readonly isProtected: boolean;
  /** Up to which number our restarts of it are forgiven. */
  readonly resumedTo: number;
}

/** What the cluster does not tell. To have forgotten it makes us slower, and never wilder. */
export interface Memory {
  /** When this difference was first seen. */
  readonly behindSince: Seconds | undefined;
  /** A write that was refused, the digest of the template it was for, and what was asked then. */
  readonly rejected:
    | {
        readonly template: string;
        readonly asked: string;
        readonly at: Seconds;
        /** Up to which restart all was forgiven then: that cannot forgive this one as well. */
        readonly resumedTo?: number;
      }
    | undefined;
  /** A restart that was sent and that the cache does not show yet. */
  readonly sent: { readonly number: number; readonly at: Seconds } | undefined;
  /** Those that were sent within a week: of what its owner erases no template tells any more. */
  readonly restarts: readonly { readonly number: number; readonly at: Seconds }[];
}

/** The digest of what is asked now; undefined where nothing is. */
export const askedOf = (wanted: Wanted): string | undefined =>
  wanted.kind === 'nothing' ? undefined : wanted.stamp.asked;
