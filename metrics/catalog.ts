import {
  admissionFailures,
  certificateProblems,
  reviewProblems,
  type AdmissionFailure,
} from '../domain/facts.ts';
import { languages, type Language } from '../domain/injection/instrumentation/settings.ts';
import type { Reason } from '../domain/reasons.ts';
import { restartCounters } from './restarts.ts';
import {
  keysOf,
  podReasonsFor,
  type Counter,
  type FactType,
  type Histogram,
  type Labels,
} from './rows.ts';

const failures = keysOf(admissionFailures);
const eachLanguage = (of: readonly Reason[]) =>
  languages.flatMap((language) => of.map((reason) => ({ language, reason })));

/** A dry run leaves no pod behind, and GitOps tools make many. */
const once = (dryRun: boolean, labels: Labels): readonly Labels[] => (dryRun ? [] : [labels]);

const remarks = (dryRun: boolean, given: readonly { language: Language; reason: Reason }[]) =>
  dryRun ? [] : given.map(({ language, reason }) => ({ language, reason }));

const failed = (reason: AdmissionFailure) => ({ outcome: 'failed', reason });

const admissionCounters: readonly Counter[] = [
  {
    name: 'retrofit_admissions_total',
    help: 'Pods that were created, by what became of them: injected, unchanged (nothing to do), declined (asked and got nothing) or failed (a fault of ours). Dry runs do not count.',
    labels: ['outcome', 'reason'],
    counts: {
      PodInjected: ({ dryRun }) => once(dryRun, { outcome: 'injected', reason: '' }),
      PodUnchanged: ({ dryRun, reason }) => once(dryRun, { outcome: 'unchanged', reason }),
      PodDeclined: ({ dryRun, reason }) => once(dryRun, { outcome: 'declined', reason }),
      AdmissionFailed: ({ reason }) => [failed(reason)],
    },
    fromStart: [
      { outcome: 'injected', reason: '' },
      ...podReasonsFor('exempt').map((reason) => ({ outcome: 'unchanged', reason })),
      ...podReasonsFor('refused').map((reason) => ({ outcome: 'declined', reason })),
      ...failures.map(failed),
    ],
  },
  {
    name: 'retrofit_injections_total',
    help: 'Agents given to pods.',
    labels: ['language'],
    counts: {
      PodInjected: ({ dryRun, given }) =>
        given.flatMap(({ language }) => once(dryRun, { language })),
    },
    fromStart: languages.map((language) => ({ language })),
  },
  {
    name: 'retrofit_refusals_total',
    help: 'Agents that pods asked for and did not get, whether or not they got another.',
    labels: ['language', 'reason'],
    counts: {
      PodInjected: ({ dryRun, refusals }) => remarks(dryRun, refusals),
      PodDeclined: ({ dryRun, refusals }) => remarks(dryRun, refusals),
    },
    fromStart: eachLanguage(podReasonsFor('refused')),
  },
  {
    name: 'retrofit_notes_total',
    help: 'Agents given to pods in a way that somebody should look at.',
    labels: ['language', 'reason'],
    counts: { PodInjected: ({ dryRun, notes }) => remarks(dryRun, notes) },
    fromStart: eachLanguage(podReasonsFor('noted')),
  },
  {
    name: 'retrofit_validations_total',
    help: 'Instrumentations that were created or changed, by what was said: allowed, warned, denied or failed (let through unseen by a fault of ours).',
    labels: ['outcome', 'reason'],
    counts: {
      InstrumentationReviewed: ({ allowed, warnings }) => [
        { outcome: allowed ? (warnings > 0 ? 'warned' : 'allowed') : 'denied', reason: '' },
      ],
      ValidationFailed: ({ reason }) => [failed(reason)],
    },
    fromStart: [
      ...['allowed', 'warned', 'denied'].map((outcome) => ({ outcome, reason: '' })),
      ...failures.map(failed),
    ],
  },
  {
    name: 'retrofit_probes_answered_total',
    help: 'Dry runs by which a controller saw that its webhook injects.',
    labels: [],
    counts: { ProbeAnswered: () => [{}] },
    fromStart: [{}],
  },
  {
    name: 'retrofit_reviews_refused_total',
    help: 'Requests that were no review and got an error.',
    labels: ['problem'],
    counts: { ReviewRefused: ({ problem }) => [{ problem }] },
    fromStart: keysOf(reviewProblems).map((problem) => ({ problem })),
  },
  {
    name: 'retrofit_reviews_out_of_scope_total',
    help: 'Reviews of what is not judged here, which a webhook configuration sends all the same.',
    labels: ['door'],
    counts: { ReviewOutOfScope: ({ door }) => [{ door }] },
    fromStart: [{ door: 'pods' }, { door: 'instrumentations' }],
  },
  {
    name: 'retrofit_certificates_issued_total',
    help: 'Certificates that the webhook made for itself.',
    labels: ['certificate'],
    counts: { CertificateIssued: ({ certificate }) => [{ certificate }] },
    fromStart: [{ certificate: 'serving' }, { certificate: 'authority' }],
  },
  {
    name: 'retrofit_certificate_problems_total',
    help: 'Times a certificate was read and found unfit.',
    labels: ['problem'],
    counts: { CertificateUnsound: ({ problem }) => [{ problem }] },
    fromStart: keysOf(certificateProblems).map((problem) => ({ problem })),
  },
  {
    name: 'retrofit_ca_bundle_writes_total',
    help: 'Times the authority was written into a webhook configuration.',
    labels: [],
    counts: { CaBundlePublished: () => [{}] },
    fromStart: [{}],
  },
  {
    name: 'retrofit_ca_bundle_conflicts_total',
    help: 'Times somebody else replaced the authority in a webhook configuration.',
    labels: [],
    counts: { CaBundleManagedElsewhere: () => [{}] },
    fromStart: [{}],
  },
];

export const counters: readonly Counter[] = [...admissionCounters, ...restartCounters];

/** From what a pod that asks for nothing takes to what an API server still waits for. */
export const reviewDuration: Histogram = {
  name: 'retrofit_admission_duration_seconds',
  help: 'From the first byte of a review to the last byte of its answer.',
  labels: ['door'],
  buckets: [
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 1, 3,
  ],
};

/** Facts that nothing counts: a gauge shows their state, or the failing call is counted where it is made. */
export const uncounted = [
  'ReviewAnswered',
  'CertificateLoaded',
  'CertificateExpired',
  'CertificateCallFailed',
  'WebhookConfigurationMissing',
  'RestartUncertain',
  'RestartDropped',
  'WorkloadBehind',
  'WorkloadHeld',
  'WorkloadRefused',
  'WorkloadStuck',
  'WorkloadKeptWaiting',
  'BreakerClosed',
  'LeaseCallFailed',
  'RoundDone',
  'StatusWriteFailed',
  'StatusNotKept',
] as const satisfies readonly FactType[];
