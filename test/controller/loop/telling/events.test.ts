import test from 'ava';
import type { Fact } from '../../../../domain/facts.ts';
import { textAt, type JsonObject } from '../../../../domain/json.ts';
import { createEvents } from '../../../../controller/loop/telling/events.ts';
import { failure } from '../../../support/faults/api.ts';
import { noPods } from '../../../../domain/restart/coverage.ts';
import { aScene, type Scene } from '../support.ts';

const cart = {
  workload: { kind: 'Deployment', namespace: 'shop', name: 'cart', uid: 'u-1' },
  asked: '0123456789abcdef',
  instrumentations: ['library/agents'],
} as const;

const held: Fact = {
  type: 'WorkloadHeld',
  ...cart,
  reason: 'Paused',
  cause: 'WebhookMissed',
  coverage: { ...noPods, missing: 2 },
  advice: { summary: 'It is paused.', remedy: 'Run `kubectl rollout resume deployment/cart`.' },
};

const keptWaiting = (isNews: boolean): Fact => ({
  ...held,
  type: 'WorkloadKeptWaiting',
  reason: 'DisruptionNotAllowed',
  isNews,
});

const restarted: Fact = { type: 'WorkloadRestarted', ...cart, number: 3, cause: 'WebhookMissed' };

/** Whoever leads: the server is the same for all of them. */
function leader({ client, machine, world }: Scene, instance = 'one') {
  const faults: string[] = [];
  const writes: Promise<void>[] = [];
  const events = createEvents({
    client,
    reporter: { controller: 'otel-retrofit.dev/controller', instance },
    queue: (write) => void writes.push(write()),
    onFault: (fault) => void faults.push(fault),
    time: machine,
  });
  const tell = async (fact: Fact) => {
    events.tell(fact);
    await world.pass(1_000);
  };
  return { tell, begin: events.tell, faults };
}

const told = ({ api }: Scene): readonly JsonObject[] =>
  [...api.versions('events.k8s.io/events').keys()].map(
    (key) => api.object('events.k8s.io/events', key) ?? {},
  );

test('an Event regards the workload, relates to its Instrumentation and says what to do', async (t) => {
  const scene = aScene();
  await leader(scene).tell(held);
  const [event = {}, ...others] = told(scene);
  t.is(others.length, 0);
  t.like(event, {
    type: 'Normal',
    reason: 'Paused',
    action: 'InjectAgent',
    note: 'It is paused. Run `kubectl rollout resume deployment/cart`.',
    regarding: { kind: 'Deployment', namespace: 'shop', name: 'cart', uid: 'u-1' },
    related: { kind: 'Instrumentation', namespace: 'library', name: 'agents' },
    reportingController: 'otel-retrofit.dev/controller',
  });
});

test('the next leader tells the same thing under the same name, so it is there once', async (t) => {
  const scene = aScene();
  await leader(scene).tell(held);
  const other = leader(scene, 'two');
  await other.tell(held);
  t.is(told(scene).length, 1);
  t.is(told(scene)[0]?.['series'], undefined);
  t.deepEqual(other.faults, []);
});

test('a budget that spares no pod is told of at the workload, once whoever leads', async (t) => {
  const scene = aScene();
  await leader(scene).tell(keptWaiting(true));
  await leader(scene, 'two').tell(keptWaiting(false));
  t.is(told(scene).length, 1);
  t.is(told(scene)[0]?.['series'], undefined);
  t.like(told(scene)[0], {
    type: 'Normal',
    reason: 'DisruptionNotAllowed',
    action: 'RestartWorkload',
    regarding: { kind: 'Deployment', namespace: 'shop', name: 'cart' },
  });
});

test('what happens again is a series of one Event', async (t) => {
  const scene = aScene();
  const { tell } = leader(scene);
  await tell(held);
  await tell(held);
  await tell(held);
  t.is(told(scene).length, 1);
  t.like(told(scene)[0], { series: { count: 3 } });
});

test('what happens again while it is first told is counted all the same', async (t) => {
  const scene = aScene();
  let isFirst = true;
  scene.answerWith = ({ method }) => {
    if (method !== 'POST' || !isFirst) return undefined;
    isFirst = false;
    return failure(429, 'TooManyRequests', 'later');
  };
  const { begin, tell, faults } = leader(scene);
  begin(held);
  await tell(held);
  await tell(held);
  t.is(told(scene).length, 1);
  t.like(told(scene)[0], { series: { count: 3 } });
  t.deepEqual(faults, []);
});

test('each restart has an Event of its own', async (t) => {
  const scene = aScene();
  const { tell } = leader(scene);
  await tell(restarted);
  await tell({ ...restarted, number: 4 });
  t.is(told(scene).length, 2);
  t.regex(textAt(told(scene)[1] ?? {}, 'note') ?? '', /^Restarted, number 4: /);
});

test('other settings, other news', async (t) => {
  const scene = aScene();
  const { tell } = leader(scene);
  await tell(held);
  await tell({ ...held, asked: 'fedcba9876543210' });
  t.is(told(scene).length, 2);
});

test('a series whose Event the server has forgotten begins anew', async (t) => {
  const scene = aScene();
  const { tell, faults } = leader(scene);
  await tell(held);
  const [key = ''] = scene.api.versions('events.k8s.io/events').keys();
  scene.api.remove('events.k8s.io/events', key);
  await tell(held);
  t.is(told(scene).length, 1);
  await tell(held);
  t.is(told(scene).length, 1);
  t.like(told(scene)[0], { series: { count: 2 } });
  t.deepEqual(faults, []);
});

test('an Event that cannot be written is a fault to be told, and nothing else', async (t) => {
  const scene = aScene();
  scene.answerWith = () => failure(403, 'Forbidden', 'no');
  const { tell, faults } = leader(scene);
  await tell(held);
  t.deepEqual(faults, ['Forbidden']);
});

test('what is only for the log makes no Event', async (t) => {
  const scene = aScene();
  const { tell } = leader(scene);
  await tell({ type: 'LeaseLost' });
  await tell({ type: 'ReviewAnswered', door: 'pods', elapsedMs: 1 });
  t.deepEqual(scene.asked(), []);
});

test('a workload with the longest of names has Events as well', async (t) => {
  const scene = aScene();
  const name = `${'a'.repeat(199)}.${'b'.repeat(53)}`;
  await leader(scene).tell({ ...held, workload: { ...cart.workload, name } });
  const [key = ''] = scene.api.versions('events.k8s.io/events').keys();
  t.regex(key, /^shop\/[a-z0-9]+\.[0-9a-f]{16}$/);
});

test('a restart that is refused is told of with who refused it', async (t) => {
  const scene = aScene();
  const { tell } = leader(scene);
  const refused = { type: 'RestartRejected', ...cart, number: 1 } as const;
  await tell({
    ...refused,
    fault: 'DeniedByAdmission',
    deniedBy: 'known-annotations.shop.example',
  });
  await tell({ ...refused, number: 2, fault: undefined, deniedBy: undefined });
  const notes = told(scene).map((event) => textAt(event, 'note') ?? '');
  t.regex(
    notes[0] ?? '',
    /refused the request\. It is called known-annotations\.shop\.example\. Ask /,
  );
  t.regex(notes[1] ?? '', /a webhook or policy takes it out/);
  t.like(told(scene)[0], { type: 'Warning', reason: 'RestartRejected' });
});

test('an open breaker is told of at its Instrumentation, with the command that closes it', async (t) => {
  const scene = aScene();
  await leader(scene).tell({
    type: 'BreakerOpened',
    instrumentation: 'library/agents',
    workload: 'Deployment/shop/cart',
    reason: 'RestartFailed',
    since: Date.parse('2026-11-21T03:00:00Z') / 1_000,
  });
  t.like(told(scene)[0], { reason: 'BreakerOpen', regarding: { name: 'agents' } });
  t.true(
    textAt(told(scene)[0] ?? {}, 'note')?.includes(
      '`kubectl annotate instrumentation agents -n library otel-retrofit.dev/resume=2026-11-21T03:00:00Z --overwrite`',
    ),
  );
});

test('advice that is too long for an Event ends behind a whole sentence, and says where the rest is', async (t) => {
  const scene = aScene();
  const name = 'a'.repeat(60);
  const remedy = `Run \`kubectl one ${name}\`. ${`Then \`kubectl two ${name}\`. `.repeat(20).trim()}`;
  await leader(scene).tell({ ...held, advice: { summary: 'It is paused.', remedy } });
  const note = textAt(told(scene)[0] ?? {}, 'note') ?? '';
  t.true(Buffer.byteLength(note) <= 1_024);
  t.regex(
    note,
    /`kubectl two a{60}`\. The rest stands in status\.attention of the Instrumentation\.$/,
  );
});
