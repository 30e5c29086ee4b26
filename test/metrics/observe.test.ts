import { execFileSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import test from 'ava';
import type { Fact } from '../../domain/facts.ts';
import { createMetrics, type Metrics } from '../../metrics/observe.ts';
import type { State } from '../../metrics/gauges.ts';

const quiet: State = { certificates: () => [], caches: () => [], loop: () => undefined };
const build = { version: '1.2.3', node: 'v24.0.0' };

const aMetrics = (state: Partial<State> = {}): Metrics =>
  createMetrics(build, { ...quiet, ...state });

async function textOf(metrics: Metrics): Promise<string> {
  const { body } = await metrics.expose({});
  return body.toString();
}

/** The samples that are not 0. */
async function samples(metrics: Metrics, name: RegExp): Promise<string[]> {
  const lines = (await textOf(metrics)).split('\n');
  return lines.filter((line) => !line.startsWith('#') && name.test(line) && !line.endsWith(' 0'));
}

const pod = { namespace: 'shop', name: 'cart-' };
const java = { language: 'java', instrumentation: 'shop/agents', containers: ['cart'] } as const;

const cart = {
  workload: { kind: 'Deployment', namespace: 'shop', name: 'cart', uid: 'u' },
  asked: '0123456789abcdef',
  instrumentations: ['shop/agents'],
} as const;

const facts: readonly (readonly [string, Fact, readonly string[]])[] = [
  [
    'an injected pod counts once, and each of its agents, refusals and notes',
    {
      type: 'PodInjected',
      pod,
      dryRun: false,
      given: [java, { ...java, language: 'python' }],
      refusals: [{ language: 'go', reason: 'TargetExecutableMissing' }],
      notes: [{ language: 'python', reason: 'ProtocolMismatch', container: 'cart' }],
    },
    [
      'retrofit_admissions_total{outcome="injected",reason=""} 1',
      'retrofit_injections_total{language="java"} 1',
      'retrofit_injections_total{language="python"} 1',
      'retrofit_refusals_total{language="go",reason="TargetExecutableMissing"} 1',
      'retrofit_notes_total{language="python",reason="ProtocolMismatch"} 1',
    ],
  ],
  [
    'a dry run leaves no pod and counts none',
    { type: 'PodInjected', pod, dryRun: true, given: [java], refusals: [], notes: [] },
    [],
  ],
  [
    'a pod that asks for nothing is unchanged',
    { type: 'PodUnchanged', pod, dryRun: false, reason: 'NotAsked' },
    ['retrofit_admissions_total{outcome="unchanged",reason="NotAsked"} 1'],
  ],
  [
    'a pod that got nothing is declined',
    {
      type: 'PodDeclined',
      pod,
      dryRun: false,
      reason: 'NoInstrumentation',
      refusals: [{ language: 'java', reason: 'NoInstrumentation' }],
    },
    [
      'retrofit_admissions_total{outcome="declined",reason="NoInstrumentation"} 1',
      'retrofit_refusals_total{language="java",reason="NoInstrumentation"} 1',
    ],
  ],
  [
    'a fault of ours is told apart',
    { type: 'AdmissionFailed', reason: 'Overloaded' },
    ['retrofit_admissions_total{outcome="failed",reason="Overloaded"} 1'],
  ],
  [
    'an Instrumentation with warnings is warned of',
    { type: 'InstrumentationReviewed', namespace: 'a', name: 'b', allowed: true, warnings: 2 },
    ['retrofit_validations_total{outcome="warned",reason=""} 1'],
  ],
  [
    'an Instrumentation that is refused is denied',
    { type: 'InstrumentationReviewed', namespace: 'a', name: 'b', allowed: false, warnings: 0 },
    ['retrofit_validations_total{outcome="denied",reason=""} 1'],
  ],
  [
    'a restart counts by kind and cause',
    { type: 'WorkloadRestarted', ...cart, number: 1, cause: 'WebhookMissed' },
    ['retrofit_restarts_total{kind="Deployment",cause="WebhookMissed"} 1'],
  ],
  [
    'a restart that was rejected is an outcome',
    { type: 'RestartRejected', ...cart, number: 1, fault: 'Forbidden', deniedBy: undefined },
    ['retrofit_restart_outcomes_total{kind="Deployment",outcome="rejected"} 1'],
  ],
  [
    'a probe that failed counts by what is wrong',
    { type: 'ProbeFailed', problem: 'NoAnswer', fault: undefined, isNews: true },
    ['retrofit_probes_total{problem="NoAnswer"} 1'],
  ],
  [
    'Events that were lost count each, though they are told of together',
    { type: 'EventWriteFailed', fault: 'QueueFull', events: 7 },
    ['retrofit_events_lost_total{fault="QueueFull"} 7'],
  ],
  [
    'a request that is no review counts by what is wrong with it',
    { type: 'ReviewRefused', problem: 'TooLarge' },
    ['retrofit_reviews_refused_total{problem="TooLarge"} 1'],
  ],
];

for (const [title, fact, expected] of facts) {
  test(title, async (t) => {
    const metrics = aMetrics();
    metrics.observe(fact);
    t.deepEqual(await samples(metrics, /^retrofit_(?!build)/), [...expected]);
  });
}

test('every series of a counter is there at 0 before anything happens', async (t) => {
  const text = await textOf(aMetrics());
  for (const series of [
    'retrofit_admissions_total{outcome="injected",reason=""} 0',
    'retrofit_admissions_total{outcome="failed",reason="Unexpected"} 0',
    'retrofit_admissions_total{outcome="declined",reason="SeveralInstrumentationsSelect"} 0',
    'retrofit_injections_total{language="sdk"} 0',
    'retrofit_refusals_total{language="nginx",reason="AgentsExclude"} 0',
    'retrofit_ca_bundle_conflicts_total 0',
  ]) {
    t.true(text.includes(`\n${series}\n`), series);
  }
});

test('the time of a review falls into a bucket in seconds', async (t) => {
  const metrics = aMetrics();
  metrics.observe({ type: 'ReviewAnswered', door: 'pods', elapsedMs: 0.4 });
  const lines = await samples(metrics, /^retrofit_admission_duration/);
  t.is(lines[0], 'retrofit_admission_duration_seconds_bucket{le="0.0005",door="pods"} 1');
  t.true(lines.includes('retrofit_admission_duration_seconds_sum{door="pods"} 0.0004'));
});

test('a restart that succeeded is timed by its kind', async (t) => {
  const metrics = aMetrics();
  metrics.observe({ type: 'RestartSucceeded', ...cart, number: 1, tookSeconds: 75 });
  const lines = await samples(metrics, /^retrofit_restart_duration/);
  t.is(lines[0], 'retrofit_restart_duration_seconds_bucket{le="90",kind="Deployment"} 1');
  t.deepEqual(await samples(metrics, /^retrofit_restart_outcomes/), [
    'retrofit_restart_outcomes_total{kind="Deployment",outcome="succeeded"} 1',
  ]);
});

test('a round is timed in seconds', async (t) => {
  const metrics = aMetrics();
  metrics.observe({ type: 'RoundDone', elapsedMs: 3, judged: 10, restarts: 0 });
  const lines = await samples(metrics, /^retrofit_round_duration/);
  t.is(lines[0], 'retrofit_round_duration_seconds_bucket{le="0.005"} 1');
});

test('calls to the API server count by verb, resource and code', async (t) => {
  const metrics = aMetrics();
  metrics.observeCall('list', 'pods', '200', 0.02);
  metrics.observeCall('list', 'pods', 'Unreachable', 1);
  const [ok, broken] = await samples(metrics, /^retrofit_api_requests_total/);
  t.is(ok, 'retrofit_api_requests_total{verb="list",resource="pods",code="200"} 1');
  t.is(broken, 'retrofit_api_requests_total{verb="list",resource="pods",code="Unreachable"} 1');
});

test('state is read when it is scraped, and what is gone has no series', async (t) => {
  let expiresAt: number | undefined = 5000;
  const metrics = aMetrics({
    certificates: () =>
      expiresAt === undefined ? [] : [{ certificate: 'serving' as const, expiresAt }],
    caches: () => [{ resource: 'namespaces', isSynced: true, lastEventAt: undefined }],
  });
  t.deepEqual(await samples(metrics, /expiry|cache|watch/), [
    'retrofit_certificate_expiry_timestamp_seconds{certificate="serving"} 5',
    'retrofit_cache_synced{resource="namespaces"} 1',
  ]);
  expiresAt = undefined;
  t.deepEqual(await samples(metrics, /expiry/), []);
});

test('a process without the loop has no series of the loop, not even a 0', async (t) => {
  const text = await textOf(aMetrics());
  for (const name of ['retrofit_leader', 'retrofit_probe_success', 'retrofit_breakers_open']) {
    t.regex(text, new RegExp(`^# TYPE ${name} gauge$`, 'm'));
    t.notRegex(text, new RegExp(`^${name}[ {]`, 'm'));
  }
});

test('series of the loop end with the leadership', async (t) => {
  let isLeader = true;
  const metrics = aMetrics({
    loop: () => ({ isLeader, lastRoundAt: isLeader ? 5_000 : undefined, cluster: undefined }),
  });
  t.deepEqual(await samples(metrics, /^retrofit_l/), [
    'retrofit_leader 1',
    'retrofit_last_round_timestamp_seconds 5',
  ]);
  isLeader = false;
  const text = await textOf(metrics);
  t.regex(text, /^retrofit_leader 0$/m);
  t.notRegex(text, /^retrofit_last_round_timestamp_seconds /m);
});

test('no admission, refusal or note is counted for a reason that only the loop has', async (t) => {
  const text = await textOf(aMetrics());
  for (const reason of ['NothingRuns', 'BeingDeleted', 'UnknownRefusal'])
    t.notRegex(
      text,
      new RegExp(`^retrofit_(?:admissions|refusals|notes)_total\\{.*"${reason}"`, 'm'),
    );
});

test('the version is told', async (t) => {
  const [line] = await samples(aMetrics(), /^retrofit_build_info/);
  t.is(line, 'retrofit_build_info{version="1.2.3",node="v24.0.0"} 1');
});

test('the process is told, and its counters do not add up twice', async (t) => {
  const metrics = aMetrics();
  await textOf(metrics);
  const [cpu] = await samples(metrics, /^process_cpu_seconds_total/);
  const { user, system } = process.cpuUsage();
  t.true(Number(cpu?.split(' ')[1]) <= (user + system) / 1e6);
});

test('two instances share nothing', async (t) => {
  const [one, other] = [aMetrics(), aMetrics()];
  one.observe({ type: 'AdmissionFailed', reason: 'Unexpected' });
  t.deepEqual(await samples(other, /^retrofit_admissions_total/), []);
});

test('scrapes in both forms at once do not disturb each other', async (t) => {
  const metrics = aMetrics();
  const open = { accept: 'application/openmetrics-text', acceptEncoding: 'gzip' };
  const [first, , second, plain] = await Promise.all([
    metrics.expose({}),
    metrics.expose(open),
    metrics.expose({}),
    metrics.expose(open),
  ]);
  t.regex(first.body.toString(), /^# TYPE retrofit_admissions_total counter$/m);
  t.regex(second.body.toString(), /^# TYPE retrofit_admissions_total counter$/m);
  t.regex(gunzipSync(plain.body).toString(), /^# TYPE retrofit_admissions counter$/m);
});

const promtool = process.env['RETROFIT_PROMTOOL'];
/** Debian's package has it; CI brings it along. */
if (promtool !== undefined) {
  test('promtool finds nothing to say', async (t) => {
    const metrics = aMetrics({
      certificates: () => [{ certificate: 'authority', expiresAt: 1e12 }],
      caches: () => [{ resource: 'namespaces', isSynced: false, lastEventAt: 1e12 }],
    });
    metrics.observe({ type: 'ReviewAnswered', door: 'pods', elapsedMs: 1 });
    metrics.observeCall('get', 'pods', '200', 0.1);
    const input = await textOf(metrics);
    t.notThrows(() => execFileSync(promtool, ['check', 'metrics'], { input, stdio: 'pipe' }));
  });
}
