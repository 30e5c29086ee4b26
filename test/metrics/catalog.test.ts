import test from 'ava';
import { counters, reviewDuration, uncounted } from '../../metrics/catalog.ts';
import { apiDuration, apiRequests, buildInfo } from '../../metrics/calls.ts';
import { gauges } from '../../metrics/gauges.ts';
import { readings } from '../../metrics/machine.ts';
import { restartDuration, roundDuration } from '../../metrics/restarts.ts';
import type { FactType } from '../../metrics/rows.ts';

/** Written out, so that a new fact is noticed: the compiler wants its row. */
const factTypes: Record<FactType, true> = {
  PodInjected: true,
  PodUnchanged: true,
  PodDeclined: true,
  AdmissionFailed: true,
  ProbeAnswered: true,
  ReviewAnswered: true,
  ReviewRefused: true,
  ReviewOutOfScope: true,
  InstrumentationReviewed: true,
  ValidationFailed: true,
  CertificateIssued: true,
  CertificateLoaded: true,
  CertificateUnsound: true,
  CertificateExpired: true,
  CaBundlePublished: true,
  CaBundleManagedElsewhere: true,
  WebhookConfigurationMissing: true,
  CertificateCallFailed: true,
  WorkloadRestarted: true,
  RestartSucceeded: true,
  RestartFailed: true,
  RestartDidNotHelp: true,
  RestartReverted: true,
  RestartSuperseded: true,
  RestartRejected: true,
  RestartUncertain: true,
  RestartDropped: true,
  WorkloadBehind: true,
  WorkloadHeld: true,
  WorkloadRefused: true,
  WorkloadStuck: true,
  WorkloadKeptWaiting: true,
  BreakerOpened: true,
  BreakerClosed: true,
  ProbeSucceeded: true,
  ProbeFailed: true,
  LeaseGained: true,
  LeaseLost: true,
  LeaseCallFailed: true,
  RoundDone: true,
  RoundFailed: true,
  StatusWriteFailed: true,
  StatusNotKept: true,
  EventWriteFailed: true,
};

const counted = new Set(counters.flatMap(({ counts }) => Object.keys(counts)));

test('every fact is counted, or it is written down that it is not', (t) => {
  const listed = new Set<string>(uncounted);
  t.deepEqual(
    Object.keys(factTypes).filter((type) => counted.has(type) === listed.has(type)),
    [],
  );
});

const all = [
  ...counters,
  ...gauges,
  ...readings,
  reviewDuration,
  restartDuration,
  roundDuration,
  apiRequests,
  apiDuration,
  buildInfo,
];

test('no two metrics share a name', (t) => {
  t.is(new Set(all.map(({ name }) => name)).size, all.length);
});

test('names say whose they are, and counters end in _total', (t) => {
  for (const { name } of all) t.regex(name, /^(?:retrofit|process|nodejs)_[a-z]+(?:_[a-z]+)*$/);
  for (const { name } of [...counters, apiRequests]) t.regex(name, /_total$/);
  for (const { name } of gauges) t.notRegex(name, /_total$/);
  for (const { name, type } of readings) t.is(name.endsWith('_total'), type === 'counter', name);
});

test('help is whole sentences without quotes', (t) => {
  for (const { name, help } of all) t.regex(help, /^[A-Z][^"\n]{8,}\.$/, name);
});

test('series that exist from the start carry every label of their counter and no other', (t) => {
  for (const { name, labels, fromStart } of counters) {
    t.true(fromStart.length > 0, name);
    for (const series of fromStart) t.deepEqual(Object.keys(series).toSorted(), labels.toSorted());
    t.is(new Set(fromStart.map((series) => JSON.stringify(series))).size, fromStart.length, name);
  }
});

test('what happens within a millisecond is told apart', (t) => {
  t.true(reviewDuration.buckets.filter((edge) => edge <= 0.001).length >= 5);
  t.deepEqual(
    reviewDuration.buckets.toSorted((a, b) => a - b),
    reviewDuration.buckets,
  );
  t.deepEqual(
    apiDuration.buckets.toSorted((a, b) => a - b),
    apiDuration.buckets,
  );
});
