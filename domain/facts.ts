import type { FaultKey } from './faults.ts';
import type { Given } from './injection/inject.ts';
import type { Note } from './injection/injector.ts';
import type { Refusal } from './injection/match.ts';
import type { ReasonFor } from './reasons.ts';
import type { LoopFact } from './restart/facts.ts';

/** Something that has happened, complete in itself: counters, Events and log lines are made of it. */
export type Fact = AdmissionFact | ReviewFact | CertificateFact | LoopFact;

/** The pod as the API server announces it: before it has a name it has the stem of one. */
export interface PodName {
  readonly namespace: string;
  readonly name: string;
}

/** What became of one pod. A dry run is decided alike, but no pod comes of it. */
export type AdmissionFact =
  | {
      readonly type: 'PodInjected';
      readonly pod: PodName;
      readonly dryRun: boolean;
      readonly given: readonly Given[];
      readonly refusals: readonly Refusal[];
      readonly notes: readonly Note[];
    }
  | {
      readonly type: 'PodUnchanged';
      readonly pod: PodName;
      readonly dryRun: boolean;
      readonly reason: ReasonFor<'exempt'>;
    }
  | {
      readonly type: 'PodDeclined';
      readonly pod: PodName;
      readonly dryRun: boolean;
      readonly reason: ReasonFor<'refused'>;
      readonly refusals: readonly Refusal[];
    }
  | {
      /** Admitted as it was, though it may have asked for more: a fault of ours. */
      readonly type: 'AdmissionFailed';
      readonly reason: AdmissionFailure;
      /** Absent when the review was never read. */
      readonly pod?: PodName;
      readonly cause?: unknown;
    }
  | {
      readonly type: 'ProbeAnswered';
      readonly answer: string;
    };

/** What became of one request, whatever it asked for. */
export type ReviewFact =
  | { readonly type: 'ReviewAnswered'; readonly door: Door; readonly elapsedMs: number }
  | { readonly type: 'ReviewRefused'; readonly problem: ReviewProblem }
  | {
      /** A webhook configuration sends what this door does not judge. */
      readonly type: 'ReviewOutOfScope';
      readonly door: Door;
      readonly operation: string;
      readonly resource: string;
    }
  | {
      readonly type: 'InstrumentationReviewed';
      readonly namespace: string;
      readonly name: string;
      readonly allowed: boolean;
      readonly warnings: number;
    }
  | {
      /** Allowed unseen: a fault of ours. */
      readonly type: 'ValidationFailed';
      readonly reason: AdmissionFailure;
      readonly cause?: unknown;
    };

export type Door = 'pods' | 'instrumentations';

export type CertificateFact =
  | {
      readonly type: 'CertificateIssued';
      readonly certificate: 'serving' | 'authority';
      readonly because: IssueCause;
      readonly expiresAt: number;
    }
  | {
      /** From now on this pair is shown to the API server. */
      readonly type: 'CertificateLoaded';
      readonly source: CertificateSource;
      readonly expiresAt: number;
    }
  | {
      readonly type: 'CertificateUnsound';
      readonly source: CertificateSource;
      readonly problem: CertificateProblem;
    }
  | { readonly type: 'CertificateExpired'; readonly expiredAt: number }
  | {
      readonly type: 'CaBundlePublished';
      readonly configuration: string;
      readonly webhooks: readonly string[];
    }
  | {
      readonly type: 'CaBundleManagedElsewhere';
      readonly configuration: string;
      readonly webhook: string;
      readonly manager: string;
    }
  | { readonly type: 'WebhookConfigurationMissing'; readonly configuration: string }
  | { readonly type: 'CertificateCallFailed'; readonly fault: FaultKey; readonly cause?: unknown };

export type CertificateSource = 'secret' | 'files';

export type IssueCause = 'Absent' | 'Unsound' | 'RenewalDue' | 'NamesMissing' | 'AuthorityRenewed';

export interface Entry {
  /** What happened: one sentence, without names, times or counts. */
  readonly sentence: string;
  /** What a person can do about it; absent when nothing needs doing. */
  readonly remedy?: string;
}

/** Why a pod or an Instrumentation was let through unseen. A key is public: add freely, rename never. */
export const admissionFailures = {
  Overloaded: {
    sentence: 'More reviews arrived at once than are taken at a time, so this one was let through.',
    remedy: 'Add replicas of the webhook, or raise its limits.',
  },
  DeadlinePassed: {
    sentence: 'The review was complete only after the API server had stopped waiting for it.',
    remedy: 'Look at the CPU of the webhook and at the network between it and the API server.',
  },
  UnsafePatch: {
    sentence: 'The changes would have made the pod invalid, so it was let through without them.',
    remedy: 'Please report it with the flaw that the log names.',
  },
  Unexpected: {
    sentence: 'Something failed in a way that is a mistake of ours, so nothing was changed.',
    remedy: 'Please report it with the log line and its stack.',
  },
} as const satisfies Record<string, Entry>;

export type AdmissionFailure = keyof typeof admissionFailures;

/** What can be wrong with a request. A key is public: add freely, rename never. */
export const reviewProblems = {
  UnknownPath: { sentence: 'There is nothing here: reviews go to the paths in the configuration.' },
  WrongMethod: { sentence: 'Reviews are sent with POST.' },
  WrongContentType: { sentence: 'A review is application/json and not compressed.' },
  TooLarge: { sentence: 'The body is larger than any review can be.' },
  TooSlow: { sentence: 'The body did not arrive within the time that its sender waits for it.' },
  Incomplete: { sentence: 'The body ended before it was complete.' },
  Unreadable: { sentence: 'The body is no JSON object in UTF-8.' },
  NoReview: { sentence: 'The body is no AdmissionReview with a request in it.' },
  UnknownVersion: {
    sentence: 'Only reviews of admission.k8s.io/v1 are understood.',
    remedy: 'Set admissionReviewVersions: [v1] in the webhook configuration.',
  },
  NoUid: { sentence: 'The request has no uid, without which no answer is accepted.' },
  NoNamespace: { sentence: 'The request names no namespace.' },
  NoObject: { sentence: 'The request holds no object.' },
  Overloaded: {
    sentence: 'More reviews arrived at once than are taken at a time.',
    remedy: 'Add replicas of the webhook, or raise its limits.',
  },
} as const satisfies Record<string, Entry>;

export type ReviewProblem = keyof typeof reviewProblems;

/** What can be wrong with a certificate and its key. A key is public: add freely, rename never. */
export const certificateProblems = {
  AuthorityMissing: { sentence: 'There is no authority, or none that is still valid.' },
  AuthorityUnreadable: { sentence: 'The authority is no certificate in PEM.' },
  AuthorityKeyMissing: { sentence: 'The key of the authority is missing.' },
  AuthorityKeyUnfit: { sentence: 'The key of the authority is unreadable or belongs to another.' },
  ServingMissing: { sentence: 'The serving certificate or its key is missing.' },
  ServingUnreadable: { sentence: 'The serving certificate is no certificate in PEM.' },
  ServingKeyUnfit: { sentence: 'The serving key is unreadable or belongs to another certificate.' },
  ServingForeign: { sentence: 'The serving certificate was issued by none of the authorities.' },
  ServingExpired: {
    sentence: 'The serving certificate has expired.',
    remedy: 'Renew it, or look for the reason why it was not renewed in time.',
  },
} as const satisfies Record<string, Entry>;

export type CertificateProblem = keyof typeof certificateProblems;
