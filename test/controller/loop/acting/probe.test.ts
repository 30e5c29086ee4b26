import test, { type ExecutionContext } from 'ava';
import { marks } from '../../../../crds/names.ts';
import { objectAt, textAt, type JsonObject } from '../../../../domain/json.ts';
import type { ProbeFact } from '../../../../domain/restart/facts.ts';
import { createProber } from '../../../../controller/loop/acting/probe.ts';
import { loopWriters } from '../../../../controller/loop/telling/lines.ts';
import { failure, json, type Request } from '../../../support/faults/api.ts';
import { aScene } from '../support.ts';

type Webhook = 'answers' | 'is silent' | 'has another view' | 'is in the way';

/** A prober that runs, and a webhook that does what a test says. */
function scene(t: ExecutionContext) {
  const state = { webhook: 'answers' as Webhook, view: 'one' };
  const asked: Request[] = [];
  const facts: ProbeFact[] = [];
  let changes = 0;
  const simulated = aScene();
  simulated.answerWith = (request) => {
    asked.push(request);
    if (state.webhook === 'is in the way') return failure(403, 'Forbidden', 'no pods today');
    const pod = JSON.parse(request.body ?? '{}') as JsonObject;
    const metadata = objectAt(pod, 'metadata') ?? {};
    const nonce = textAt(objectAt(metadata, 'annotations') ?? {}, marks.probe);
    const said = { answers: `.${state.view}`, 'has another view': '.other' };
    const suffix = state.webhook === 'is silent' ? '' : said[state.webhook];
    const annotations = { [marks.probe]: `${nonce}${suffix}` };
    return json(201, { ...pod, metadata: { ...metadata, annotations } });
  };
  let count = 0;
  const prober = createProber({
    client: simulated.client,
    namespace: 'otel-retrofit',
    intervalMs: 30_000,
    fingerprint: () => state.view,
    record: (fact) => void facts.push(fact),
    onChange: () => (changes += 1),
    time: simulated.machine,
    now: () => Math.floor(simulated.machine.now() / 1_000),
    nonce: () => `n${(count += 1)}`,
  });
  const ending = new AbortController();
  const running = prober.run(ending.signal);
  t.teardown(async () => {
    ending.abort();
    await simulated.world.pass(0);
    await running;
  });
  const pass = (ms: number) => simulated.world.pass(ms);
  return { prober, state, asked, facts, pass, changes: () => changes };
}

test('one answer by our own view proves the webhook, and is told to whoever waits', async (t) => {
  const { prober, pass, changes } = scene(t);
  t.is(prober.verdict(), 'unknown');
  await pass(1);
  t.true(prober.isProven());
  t.is(prober.verdict(), 'proven');
  t.is(changes(), 1);
});

test('what is asked is a dry run of a pod that the strictest namespace takes', async (t) => {
  const { asked, pass } = scene(t);
  await pass(1);
  const [request] = asked;
  t.regex(request?.path ?? '', /^\/api\/v1\/namespaces\/otel-retrofit\/pods\?.*dryRun=All/);
  const pod = JSON.parse(request?.body ?? '{}') as JsonObject;
  t.like(pod, {
    spec: {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{ securityContext: { allowPrivilegeEscalation: false } }],
    },
  });
});

test('it is asked every half minute', async (t) => {
  const { asked, pass } = scene(t);
  await pass(299_000);
  t.is(asked.length, 10);
});

for (const [webhook, problem] of [
  ['is silent', 'NoAnswer'],
  ['has another view', 'OtherView'],
  ['is in the way', 'CallFailed'],
] as const) {
  test(`a webhook that ${webhook} is not proven, and it is told why`, async (t) => {
    const { prober, state, facts, pass } = scene(t);
    state.webhook = webhook;
    await pass(5_000);
    t.false(prober.isProven());
    t.is(prober.verdict(), 'unproven');
    t.like(facts[0], { type: 'ProbeFailed', problem });
  });
}

test('after a failure two answers in a row are wanted', async (t) => {
  const { prober, state, facts, pass } = scene(t);
  await pass(1);
  state.webhook = 'is silent';
  await pass(30_000);
  t.false(prober.isProven());
  state.webhook = 'answers';
  const before = facts.length;
  await pass(10_000);
  t.is(facts.length, before + 1);
  t.false(prober.isProven());
  await pass(10_000);
  t.true(prober.isProven());
});

test('other settings want another proof, at once, and that is no failure', async (t) => {
  const { prober, state, facts, pass } = scene(t);
  await pass(1);
  state.view = 'two';
  t.false(prober.isProven());
  t.is(prober.verdict(), 'unknown');
  prober.wake();
  await pass(1);
  t.true(prober.isProven());
  t.false(facts.some(({ type }) => type === 'ProbeFailed'));
});

test('a webhook that learns of a change a moment later has not failed', async (t) => {
  const { prober, state, facts, pass } = scene(t);
  await pass(1);
  state.view = 'two';
  state.webhook = 'has another view';
  prober.wake();
  await pass(300);
  state.webhook = 'answers';
  await pass(300);
  t.true(prober.isProven());
  t.false(facts.some(({ type }) => type === 'ProbeFailed'));
});

test('a proof is as old as its dry run, and a younger one is had at once by whoever wants it', async (t) => {
  const { prober, asked, pass, changes } = scene(t);
  await pass(10_500);
  const first = prober.provenAt() ?? Number.NaN;
  t.is(asked.length, 1);
  prober.renew();
  await pass(1);
  t.is(asked.length, 2);
  t.is(prober.provenAt(), first + 10);
  t.is(changes(), 2);
  await pass(1_000);
  t.is(asked.length, 2);
});

test('a proof that is asked for while another is on its way comes after it', async (t) => {
  const { prober, asked, pass, changes } = scene(t);
  prober.renew();
  await pass(1);
  t.is(asked.length, 2);
  t.is(changes(), 2);
});

test('what is not proven has no time of a proof', async (t) => {
  const { prober, state, pass } = scene(t);
  await pass(1);
  state.webhook = 'is silent';
  await pass(30_000);
  t.is(prober.provenAt(), undefined);
});

test('people are told when a trouble begins, changes or has lasted ten minutes, and not each time', async (t) => {
  const { state, facts, pass } = scene(t);
  state.webhook = 'is silent';
  const told = () => facts.filter((fact) => fact.type === 'ProbeFailed' && fact.isNews).length;
  await pass(599_000);
  t.is(facts.length, 60);
  t.is(told(), 1);
  await pass(2_000);
  t.is(told(), 2);
  state.webhook = 'is in the way';
  await pass(60_000);
  t.is(told(), 3);
  state.webhook = 'answers';
  await pass(60_000);
  state.webhook = 'is in the way';
  await pass(60_000);
  t.is(told(), 4);
});

test('the log warns of what is news, and keeps the rest to those who look closely', (t) => {
  const failed = { type: 'ProbeFailed', problem: 'NoAnswer', fault: undefined } as const;
  t.is(loopWriters.ProbeFailed({ ...failed, isNews: true })?.level, 'warn');
  t.is(loopWriters.ProbeFailed({ ...failed, isNews: false })?.level, 'debug');
});
