import { PassThrough } from 'node:stream';
import test from 'ava';
import type { AdmissionFact, CertificateFact, Fact, ReviewFact } from '../../domain/facts.ts';
import { closeLog, createLog } from '../../controller/log.ts';
import { createRecord } from '../../controller/record.ts';
import { createMetrics } from '../../metrics/observe.ts';

type Line = Readonly<Record<string, unknown>>;

/** What is left in the log and in the metrics when facts have been recorded. */
async function recorded(...facts: readonly Fact[]) {
  const output = new PassThrough();
  const log = createLog({ output, level: 'debug' });
  const metrics = createMetrics(
    { version: '0.0.0', node: 'v24.0.0' },
    { certificates: () => [], caches: () => [], loop: () => undefined },
  );
  const record = createRecord(metrics, log);
  for (const fact of facts) record(fact);
  await closeLog(log);
  const written = String(output.read() ?? '').split('\n');
  const { body } = await metrics.expose({});
  return {
    lines: written
      .filter((line) => line !== '')
      .map((line) => {
        const { ts: _time, ...rest } = JSON.parse(line) as Line;
        return rest;
      }),
    /** Those that are not 0. */
    counts: body
      .toString()
      .split('\n')
      .filter((sample) => /^retrofit_\w+_(?:total|count)[ {]/.test(sample))
      .filter((sample) => !sample.endsWith(' 0') && !sample.includes('retrofit_api_')),
  };
}

type Told = AdmissionFact | ReviewFact | CertificateFact;
type FactOf<T> = Extract<Fact, { type: T }>;

interface Case<T> {
  readonly fact: FactOf<T>;
  readonly line?: Line;
  readonly counts?: readonly string[];
}

const pod = { namespace: 'shop', name: 'cart-' };
const expiresAt = Date.UTC(2027, 0, 2);

/** One of each kind, or the compiler complains. */
const cases: { readonly [T in Told['type']]: Case<T> } = {
  PodInjected: {
    fact: {
      type: 'PodInjected',
      pod,
      dryRun: false,
      given: [{ language: 'java', instrumentation: 'shop/agents', containers: ['cart', 'pay'] }],
      refusals: [{ language: 'go', reason: 'TargetExecutableMissing' }],
      notes: [{ language: 'java', reason: 'EndpointMissing', container: 'cart' }],
    },
    line: {
      level: 'info',
      msg: 'injected',
      ...pod,
      given: ['java: cart, pay'],
      refused: ['go: TargetExecutableMissing'],
      noted: ['java: EndpointMissing'],
    },
    counts: [
      'retrofit_admissions_total{outcome="injected",reason=""} 1',
      'retrofit_injections_total{language="java"} 1',
      'retrofit_refusals_total{language="go",reason="TargetExecutableMissing"} 1',
      'retrofit_notes_total{language="java",reason="EndpointMissing"} 1',
    ],
  },
  PodUnchanged: {
    fact: { type: 'PodUnchanged', pod, dryRun: false, reason: 'NotAsked' },
    line: { level: 'debug', msg: 'left unchanged', ...pod, reason: 'NotAsked' },
    counts: ['retrofit_admissions_total{outcome="unchanged",reason="NotAsked"} 1'],
  },
  PodDeclined: {
    fact: {
      type: 'PodDeclined',
      pod,
      dryRun: false,
      reason: 'NoInstrumentation',
      refusals: [{ language: 'java', reason: 'NoInstrumentation' }],
    },
    line: {
      level: 'warn',
      msg: 'declined',
      ...pod,
      reason: 'NoInstrumentation',
      sentence: 'The annotation says "true" and the namespace holds no Instrumentation.',
      languages: ['java'],
    },
    counts: [
      'retrofit_admissions_total{outcome="declined",reason="NoInstrumentation"} 1',
      'retrofit_refusals_total{language="java",reason="NoInstrumentation"} 1',
    ],
  },
  AdmissionFailed: {
    fact: { type: 'AdmissionFailed', reason: 'Overloaded', pod, cause: 'too many' },
    line: {
      level: 'error',
      msg: 'let through unchanged',
      ...pod,
      reason: 'Overloaded',
      sentence:
        'More reviews arrived at once than are taken at a time, so this one was let through.',
      cause: 'too many',
    },
    counts: ['retrofit_admissions_total{outcome="failed",reason="Overloaded"} 1'],
  },
  ProbeAnswered: {
    fact: { type: 'ProbeAnswered', answer: 'nonce.f00d' },
    line: { level: 'debug', msg: 'probe answered', answer: 'nonce.f00d' },
    counts: ['retrofit_probes_answered_total 1'],
  },
  ReviewAnswered: {
    fact: { type: 'ReviewAnswered', door: 'pods', elapsedMs: 0.2 },
    counts: ['retrofit_admission_duration_seconds_count{door="pods"} 1'],
  },
  ReviewRefused: {
    fact: { type: 'ReviewRefused', problem: 'TooLarge' },
    line: {
      level: 'warn',
      msg: 'request refused',
      problem: 'TooLarge',
      sentence: 'The body is larger than any review can be.',
    },
    counts: ['retrofit_reviews_refused_total{problem="TooLarge"} 1'],
  },
  ReviewOutOfScope: {
    fact: { type: 'ReviewOutOfScope', door: 'pods', operation: 'UPDATE', resource: 'pods' },
    line: {
      level: 'warn',
      msg: 'review is none of ours',
      door: 'pods',
      operation: 'UPDATE',
      resource: 'pods',
    },
    counts: ['retrofit_reviews_out_of_scope_total{door="pods"} 1'],
  },
  InstrumentationReviewed: {
    fact: {
      type: 'InstrumentationReviewed',
      namespace: 'shop',
      name: 'agents',
      allowed: true,
      warnings: 2,
    },
    line: {
      level: 'info',
      msg: 'instrumentation reviewed',
      namespace: 'shop',
      name: 'agents',
      allowed: true,
      warnings: 2,
    },
    counts: ['retrofit_validations_total{outcome="warned",reason=""} 1'],
  },
  ValidationFailed: {
    fact: { type: 'ValidationFailed', reason: 'DeadlinePassed' },
    line: {
      level: 'error',
      msg: 'instrumentation let through',
      reason: 'DeadlinePassed',
      sentence: 'The review was complete only after the API server had stopped waiting for it.',
    },
    counts: ['retrofit_validations_total{outcome="failed",reason="DeadlinePassed"} 1'],
  },
  CertificateIssued: {
    fact: {
      type: 'CertificateIssued',
      certificate: 'serving',
      because: 'RenewalDue',
      expiresAt,
    },
    line: {
      level: 'info',
      msg: 'certificate issued',
      certificate: 'serving',
      because: 'RenewalDue',
      expires: '2027-01-02T00:00:00.000Z',
    },
    counts: ['retrofit_certificates_issued_total{certificate="serving"} 1'],
  },
  CertificateLoaded: {
    fact: { type: 'CertificateLoaded', source: 'secret', expiresAt },
    line: {
      level: 'info',
      msg: 'certificate loaded',
      source: 'secret',
      expires: '2027-01-02T00:00:00.000Z',
    },
  },
  CertificateUnsound: {
    fact: { type: 'CertificateUnsound', source: 'files', problem: 'ServingUnreadable' },
    line: {
      level: 'warn',
      msg: 'certificate unsound',
      source: 'files',
      problem: 'ServingUnreadable',
      sentence: 'The serving certificate is no certificate in PEM.',
    },
    counts: ['retrofit_certificate_problems_total{problem="ServingUnreadable"} 1'],
  },
  CertificateExpired: {
    fact: { type: 'CertificateExpired', expiredAt: expiresAt },
    line: { level: 'error', msg: 'certificate expired', expired: '2027-01-02T00:00:00.000Z' },
  },
  CaBundlePublished: {
    fact: { type: 'CaBundlePublished', configuration: 'retrofit', webhooks: ['pods.example'] },
    line: {
      level: 'info',
      msg: 'authority published',
      configuration: 'retrofit',
      webhooks: ['pods.example'],
    },
    counts: ['retrofit_ca_bundle_writes_total 1'],
  },
  CaBundleManagedElsewhere: {
    fact: {
      type: 'CaBundleManagedElsewhere',
      configuration: 'retrofit',
      webhook: 'pods.example',
      manager: 'cert-manager',
    },
    line: {
      level: 'error',
      msg: 'authority is managed elsewhere',
      configuration: 'retrofit',
      webhook: 'pods.example',
      manager: 'cert-manager',
    },
    counts: ['retrofit_ca_bundle_conflicts_total 1'],
  },
  WebhookConfigurationMissing: {
    fact: { type: 'WebhookConfigurationMissing', configuration: 'retrofit' },
    line: { level: 'warn', msg: 'webhook configuration missing', configuration: 'retrofit' },
  },
  CertificateCallFailed: {
    fact: { type: 'CertificateCallFailed', fault: 'Forbidden', cause: 'HTTP 403' },
    line: {
      level: 'warn',
      msg: 'certificate call failed',
      fault: 'Forbidden',
      sentence: 'Our account has no right to make this call.',
      cause: 'HTTP 403',
    },
  },
};

for (const [type, { fact, line, counts = [] }] of Object.entries(cases)) {
  test(`${type} is counted and told`, async (t) => {
    const { lines, counts: counted } = await recorded(fact);
    t.deepEqual(lines, line === undefined ? [] : [line]);
    t.deepEqual(counted, counts);
  });
}

test('a dry run leaves no pod: it is not counted, and told only to those who look closely', async (t) => {
  const { lines, counts } = await recorded(
    { ...cases.PodInjected.fact, dryRun: true },
    { ...cases.PodDeclined.fact, dryRun: true },
  );
  t.deepEqual(
    lines.map(({ level, msg }) => [level, msg]),
    [
      ['debug', 'injected'],
      ['debug', 'declined'],
    ],
  );
  t.deepEqual(counts, []);
});

test('a failure is told with its cause and the stack', async (t) => {
  const cause = new Error('the cache is on fire');
  const { lines } = await recorded({ type: 'AdmissionFailed', reason: 'Unexpected', cause });
  t.like(lines[0], { cause: { type: 'Error', message: 'the cache is on fire' } });
  t.regex((lines[0] as { cause: { stack: string } }).cause.stack, /record\.test/);
});

test('a flood of one fact is counted in full and told in a few lines', async (t) => {
  const { lines, counts } = await recorded(
    ...Array.from({ length: 500 }, () => cases.ReviewRefused.fact),
  );
  t.true(lines.length < 50);
  t.like(lines.at(-1), { msg: 'lines left out', message: 'request refused' });
  t.deepEqual(counts, ['retrofit_reviews_refused_total{problem="TooLarge"} 500']);
});
