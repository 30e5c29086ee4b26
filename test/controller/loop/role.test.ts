import test from 'ava';
import { annotations as keys } from '../../../crds/names.ts';
import { objectAt } from '../../../domain/json.ts';
import { failure, type Request } from '../../support/faults/api.ts';
import { begin, Kube, type Options } from './kube.ts';

function behind(options: Options = {}, names = ['cart']): Kube {
  const kube = new Kube(options);
  for (const name of names) kube.deploy(name);
  kube.instrument();
  return kube;
}

const isRestart = ({ method, path }: Request) =>
  method === 'PATCH' && path.includes('/deployments/');
const isStatus = ({ method, path }: Request) => method === 'PATCH' && path.includes('/status?');

test('"off" on our own namespace stops every restart at once, until it is taken away', async (t) => {
  const kube = behind();
  kube.annotate('/namespaces', 'otel-retrofit', { [keys.remediation]: 'off' });
  const leader = begin(kube, { identity: 'one' });
  await kube.world.pass(300_000);
  t.is(kube.marker('cart'), undefined);
  kube.annotate('/namespaces', 'otel-retrofit', { [keys.remediation]: 'restart' });
  await kube.world.pass(1_000);
  t.regex(kube.marker('cart') ?? '', /\.1\./);
  await leader.stop();
});

test('"off" on our own namespace also stops those that have only been waiting for their turn', async (t) => {
  const kube = behind({}, ['cart', 'checkout']);
  const leader = begin(kube, { identity: 'one', budget: { atOnce: 1, soakSeconds: 30 } });
  const touched = () => ['cart', 'checkout'].filter((name) => kube.marker(name) !== undefined);
  await kube.world.pass(5_000);
  t.is(touched().length, 1);
  kube.annotate('/namespaces', 'otel-retrofit', { [keys.remediation]: 'off' });
  await kube.world.pass(500);
  const { cluster } = leader.controller.state();
  t.true(cluster?.workloads.some(({ reason }) => reason === 'RemediationOff'));
  await kube.world.pass(300_000);
  t.is(touched().length, 1);
  await leader.stop();
});

test('a restart that is refused is tried once, and once more when a person says so', async (t) => {
  const tried: Request[] = [];
  const kube = behind({
    meddle: (request) => {
      if (!isRestart(request) || request.body?.includes('otel-retrofit.dev/resume'))
        return undefined;
      tried.push(request);
      return failure(403, 'Forbidden', 'admission webhook "guard.example.com" denied the request');
    },
  });
  const leader = begin(kube, { identity: 'one' });
  await kube.world.pass(600_000);
  t.is(tried.length, 1);
  kube.annotate('apps/deployments', 'cart', { [keys.resume]: '1' });
  await kube.world.pass(600_000);
  t.is(tried.length, 2);
  t.deepEqual(
    leader.facts.flatMap((fact) => (fact.type === 'RestartRejected' ? fact.deniedBy : [])),
    ['guard.example.com', 'guard.example.com'],
  );
  await leader.stop();
});

test('an API server that carries out and does not answer gets no second restart', async (t) => {
  let isMute = true;
  const kube = behind({
    meddle: (request) => {
      if (!isRestart(request) || !isMute) return undefined;
      isMute = false;
      kube.answer(request);
      isMute = true;
      return failure(504, 'Timeout', 'the server was unable to return a response in time');
    },
  });
  const leader = begin(kube, { identity: 'one' });
  await kube.world.pass(120_000);
  isMute = false;
  await kube.world.pass(120_000);
  t.is(kube.revisions('cart'), 2);
  t.regex(kube.marker('cart') ?? '', /\.1\./);
  t.true(leader.facts.some(({ type }) => type === 'RestartUncertain'));
  await leader.stop();
});

test('one leads and the other waits, and takes over within two seconds of being handed the lease', async (t) => {
  const kube = behind();
  const first = begin(kube, { identity: 'one' });
  await kube.world.pass(1_000);
  const second = begin(kube, { identity: 'two' });
  await kube.world.pass(30_000);
  t.true(first.controller.state().isLeader);
  t.deepEqual(second.controller.state(), {
    isLeader: false,
    lastRoundAt: undefined,
    cluster: undefined,
  });
  t.deepEqual(second.caches.missing(), []);
  const stopping = first.stop();
  await kube.world.pass(2_000);
  t.true(second.controller.state().isLeader);
  await stopping;
  await second.stop();
});

test('what is counted is what is there', async (t) => {
  const kube = behind({}, ['cart', 'checkout']);
  kube.annotate('apps/deployments', 'checkout', { [keys.remediation]: 'off' });
  const leader = begin(kube, { identity: 'one' });
  await kube.world.pass(60_000);
  const { cluster } = leader.controller.state();
  const missing = cluster?.pods.find(({ state }) => state === 'missing');
  t.deepEqual(missing, { namespace: 'shop', state: 'missing', count: 2 });
  t.deepEqual(
    cluster?.workloads.toSorted((one, other) => one.verdict.localeCompare(other.verdict)),
    [
      { kind: 'Deployment', verdict: 'current', reason: '', count: 1 },
      { kind: 'Deployment', verdict: 'held', reason: 'RemediationOff', count: 1 },
    ],
  );
  t.like(cluster, { queueLength: 0, restartsInProgress: 0, isProbeProven: true, details: [] });
  await leader.stop();
});

test('a leader whose rounds have stopped is not healthy', async (t) => {
  const kube = behind();
  const leader = begin(kube, { identity: 'one' });
  await kube.world.pass(60_000);
  t.deepEqual(leader.controller.health(), []);
  await leader.stop();
  t.deepEqual(leader.controller.health(), []);
});

test('the status is written within a second, and then only when something has changed', async (t) => {
  const kube = behind();
  const leader = begin(kube, { identity: 'one' });
  await kube.world.pass(1_000);
  const stored = () => kube.api.object('opentelemetry.io/instrumentations', 'shop/main') ?? {};
  t.truthy(objectAt(stored(), 'status'));
  await kube.world.pass(60_000);
  t.like(objectAt(stored(), 'status'), { pods: { wanted: 2, current: 2, missing: 0 } });
  const writes = kube.api.requests.filter(isStatus).length;
  t.true(writes <= 6, String(writes));
  await kube.world.pass(600_000);
  t.is(kube.api.requests.filter(isStatus).length, writes);
  await leader.stop();
});

const forty = Array.from({ length: 40 }, (_, index) => `shop-${index}`);
const touched = (kube: Kube) => forty.filter((name) => kube.marker(name) !== undefined);

test('forty workloads that the OpenTelemetry Operator has injected are not restarted', async (t) => {
  const kube = behind({ isAdopted: true }, forty);
  const leader = begin(kube, { identity: 'one' });
  await kube.world.pass(3_600_000);
  t.deepEqual(touched(kube), []);
  t.like(leader.controller.state().cluster?.workloads[0], { reason: 'OutdatedOnly', count: 40 });
  await leader.stop();
});

test('what brings its agent in its manifest is not restarted, and not even counted', async (t) => {
  const kube = new Kube();
  const agent = { name: 'opentelemetry-auto-instrumentation-java', image: 'java:1' };
  for (const name of forty) kube.deploy(name, { initContainers: [agent] });
  kube.instrument();
  const leader = begin(kube, { identity: 'one' });
  await kube.world.pass(3_600_000);
  t.deepEqual(touched(kube), []);
  await leader.stop();
});

test('our own upgrade, with other images by default, restarts nothing', async (t) => {
  const kube = behind({}, ['cart']);
  const before = begin(kube, { identity: 'one' });
  await kube.world.pass(60_000);
  await before.stop();
  t.is(kube.revisions('cart'), 2);
  kube.upgrade('--image-java', 'registry.example/java:99');
  const after = begin(kube, { identity: 'two' });
  await kube.world.pass(3_600_000);
  t.is(kube.revisions('cart'), 2);
  const pods = after.controller.state().cluster?.pods.filter(({ count }) => count > 0);
  t.deepEqual(pods, [{ namespace: 'shop', state: 'aged', count: 2 }]);
  await after.stop();
});

for (const isBack of [true, false])
  test(`a pod that came without the agent since the last proof is mended ${isBack ? 'as soon as another one is had' : 'by no restart in vain while none can be had'}`, async (t) => {
    let isAway = false;
    const kube = behind({ injects: () => !isAway, answers: () => !isAway });
    const leader = begin(kube, { identity: 'one', budget: { quietSeconds: 0 } });
    await kube.world.pass(40_000);
    t.is(kube.stamped('cart'), 2);
    isAway = true;
    kube.remake('cart');
    isAway = !isBack;
    await kube.world.pass(5_000);
    t.is(kube.stamped('cart'), isBack ? 2 : 0);
    t.regex(kube.marker('cart') ?? '', isBack ? /\.2\./ : /\.1\./);
    isAway = false;
    await kube.world.pass(60_000);
    t.is(kube.stamped('cart'), 2);
    t.regex(kube.marker('cart') ?? '', /\.2\./);
    await leader.stop();
  });
