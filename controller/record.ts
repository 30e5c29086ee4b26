import type { Fact } from '../domain/facts.ts';
import { admissionFailures, certificateProblems, reviewProblems } from '../domain/facts.ts';
import { faults } from '../domain/faults.ts';
import { reasons } from '../domain/reasons.ts';
import type { Metrics } from '../metrics/observe.ts';
import { line, type Line, type Writers } from './log/told.ts';
import type { Log } from './log.ts';
import { loopWriters } from './loop/telling/lines.ts';

/** Whoever else wants to be told of what happens, such as the writer of Events. */
export type Listen = (fact: Fact) => void;

/** The fan-out: whatever happens is counted, told in one line, and handed on. */
export function createRecord(
  metrics: Pick<Metrics, 'observe'>,
  log: Log,
  listen: Listen = () => undefined,
): (fact: Fact) => void {
  return (fact) => {
    metrics.observe(fact);
    listen(fact);
    const told = lineOf(fact);
    if (told !== undefined) log[told.level](told.message, told.fields);
  };
}

/** How each fact is told. What nobody asked for is told only to those who look closely. */
const writers: Writers<Fact['type']> = {
  ...loopWriters,
  PodInjected: ({ pod, dryRun, given, refusals, notes }) =>
    line(dryRun ? 'debug' : 'info', 'injected', {
      ...pod,
      given: given.map(({ language, containers }) => `${language}: ${containers.join(', ')}`),
      refused: refusals.map(({ language, reason }) => `${language}: ${reason}`),
      noted: notes.map(({ language, reason }) => `${language}: ${reason}`),
    }),
  PodUnchanged: ({ pod, reason }) => line('debug', 'left unchanged', { ...pod, reason }),
  PodDeclined: ({ pod, dryRun, reason, refusals }) =>
    line(dryRun ? 'debug' : 'warn', 'declined', {
      ...pod,
      reason,
      sentence: reasons[reason].summary,
      languages: refusals.map(({ language }) => language),
    }),
  AdmissionFailed: ({ reason, pod, cause }) =>
    line('error', 'let through unchanged', {
      ...pod,
      reason,
      sentence: admissionFailures[reason].sentence,
      cause,
    }),
  ProbeAnswered: ({ answer }) => line('debug', 'probe answered', { answer }),
  ReviewAnswered: () => undefined,
  ReviewRefused: ({ problem }) =>
    line('warn', 'request refused', { problem, sentence: reviewProblems[problem].sentence }),
  ReviewOutOfScope: ({ door, operation, resource }) =>
    line('warn', 'review is none of ours', { door, operation, resource }),
  InstrumentationReviewed: ({ namespace, name, allowed, warnings }) =>
    line('info', 'instrumentation reviewed', { namespace, name, allowed, warnings }),
  ValidationFailed: ({ reason, cause }) =>
    line('error', 'instrumentation let through', {
      reason,
      sentence: admissionFailures[reason].sentence,
      cause,
    }),
  CertificateIssued: ({ certificate, because, expiresAt }) =>
    line('info', 'certificate issued', { certificate, because, expires: day(expiresAt) }),
  CertificateLoaded: ({ source, expiresAt }) =>
    line('info', 'certificate loaded', { source, expires: day(expiresAt) }),
  CertificateUnsound: ({ source, problem }) =>
    line('warn', 'certificate unsound', {
      source,
      problem,
      sentence: certificateProblems[problem].sentence,
    }),
  CertificateExpired: ({ expiredAt }) =>
    line('error', 'certificate expired', { expired: day(expiredAt) }),
  CaBundlePublished: ({ configuration, webhooks }) =>
    line('info', 'authority published', { configuration, webhooks }),
  CaBundleManagedElsewhere: ({ configuration, webhook, manager }) =>
    line('error', 'authority is managed elsewhere', { configuration, webhook, manager }),
  WebhookConfigurationMissing: ({ configuration }) =>
    line('warn', 'webhook configuration missing', { configuration }),
  CertificateCallFailed: ({ fault, cause }) =>
    line('warn', 'certificate call failed', { fault, sentence: faults[fault].sentence, cause }),
};

function lineOf(fact: Fact): Line | undefined {
  const write = writers[fact.type] as (fact: Fact) => Line | undefined;
  return write(fact);
}

const day = (at: number) => new Date(at).toISOString();
