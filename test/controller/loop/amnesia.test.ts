import test from 'ava';
import { begin, Kube } from './kube.ts';

const names = ['cart', 'checkout', 'search'];

function behind(): Kube {
  const kube = new Kube();
  for (const name of names) kube.deploy(name);
  kube.instrument();
  return kube;
}

const isMended = (kube: Kube) => names.every((name) => kube.stamped(name) === 2);

test('what was there before its Instrumentation is restarted, once', async (t) => {
  const kube = behind();
  const leader = begin(kube, { identity: 'one' });
  await kube.world.pass(60_000);
  t.true(isMended(kube));
  for (const name of names) {
    t.regex(kube.marker(name) ?? '', /^[0-9a-f]{16}\.1\./);
    t.is(kube.revisions(name), 2);
  }
  t.deepEqual(
    leader.facts.filter(({ type }) => type === 'RoundFailed'),
    [],
  );
  t.is(leader.facts.filter(({ type }) => type === 'RestartSucceeded').length, 3);
  await leader.stop();
});

/** Everything that the first leader asks of the server until all is well, and the probe after it. */
async function callsUntilMended(): Promise<number> {
  const kube = behind();
  const leader = begin(kube, { identity: 'one' });
  await kube.world.pass(60_000, () => isMended(kube));
  await kube.world.pass(3_000);
  const calls = leader.calls();
  await leader.stop();
  return calls;
}

for (const isHeard of [false, true]) {
  test(`whenever the controller dies, ${isHeard ? 'after' : 'before'} the server has heard it, all are restarted exactly once`, async (t) => {
    const calls = await callsUntilMended();
    t.true(calls > 10, String(calls));
    for (let at = 1; at <= calls; at += 1) {
      const kube = behind();
      const first = begin(kube, { identity: 'one', death: { at, isHeard } });
      await kube.world.pass(60_000, first.isDead);
      const next = begin(kube, { identity: 'two' });
      await kube.world.pass(90_000);
      for (const name of names) {
        t.is(kube.stamped(name), 2, `${name} after call ${at}`);
        t.is(kube.revisions(name), 2, `${name} after call ${at}`);
        t.regex(kube.marker(name) ?? '', /^[0-9a-f]{16}\.1\./, `${name} after call ${at}`);
      }
      await next.stop();
    }
    t.log(`${calls} calls`);
  });
}

test('two that both believe to lead restart each workload once', async (t) => {
  const kube = behind();
  const one = begin(kube, { identity: 'one', leaseName: 'one' });
  const other = begin(kube, { identity: 'other', leaseName: 'other' });
  await kube.world.pass(60_000);
  t.true(isMended(kube));
  for (const name of names) {
    t.is(kube.revisions(name), 2);
    t.regex(kube.marker(name) ?? '', /^[0-9a-f]{16}\.1\./);
  }
  await one.stop();
  await other.stop();
});

test('the next leader tells nothing anew, and touches nothing', async (t) => {
  const kube = behind();
  const first = begin(kube, { identity: 'one' });
  await kube.world.pass(60_000);
  await first.stop();
  const before = kube.api.versions('events.k8s.io/events');
  const statuses = kube.api.versions('opentelemetry.io/instrumentations');
  t.true(before.size > 0);
  const next = begin(kube, { identity: 'two' });
  await kube.world.pass(120_000);
  t.deepEqual(kube.api.versions('events.k8s.io/events'), before);
  t.deepEqual(kube.api.versions('opentelemetry.io/instrumentations'), statuses);
  t.deepEqual(
    next.facts.filter(({ type }) => /^(?:Workload|Restart|Breaker)/.test(type)),
    [],
  );
  await next.stop();
});

test('a covered cluster sees nothing from us but the lease and the probe', async (t) => {
  const kube = behind();
  const leader = begin(kube, { identity: 'one' });
  await kube.world.pass(60_000);
  kube.api.requests.length = 0;
  await kube.world.pass(600_000);
  const writes = kube.api.requests.filter(({ method }) => method !== 'GET');
  t.deepEqual([...new Set(writes.map(({ path }) => path.split('/')[2]))], ['coordination.k8s.io']);
  await leader.stop();
});

test('a webhook that answers the probe and injects nothing costs one restart, of many', async (t) => {
  const kube = new Kube({ injects: () => false });
  const many = Array.from({ length: 40 }, (_, index) => `shop-${index}`);
  for (const name of many) kube.deploy(name);
  kube.instrument();
  const leader = begin(kube, { identity: 'one', budget: { rampStart: 1 } });
  await kube.world.pass(3_600_000);
  t.is(many.filter((name) => kube.marker(name) !== undefined).length, 1);
  t.true(leader.facts.some(({ type }) => type === 'BreakerOpened'));
  t.true(leader.facts.some(({ type }) => type === 'RestartDidNotHelp'));
  await leader.stop();
});

test('without a proof of the webhook nothing is restarted, and with one it is', async (t) => {
  let isThere = false;
  const kube = new Kube({ answers: () => isThere });
  kube.deploy('cart');
  kube.instrument();
  const leader = begin(kube, { identity: 'one' });
  await kube.world.pass(120_000);
  t.is(kube.marker('cart'), undefined);
  isThere = true;
  await kube.world.pass(60_000);
  t.regex(kube.marker('cart') ?? '', /\.1\./);
  await leader.stop();
});
