import test, { type ExecutionContext } from 'ava';
import { createClient } from '../../../controller/kube/client.ts';
import type { Fault } from '../../../controller/kube/fault.ts';
import {
  createReflector,
  type ReflectorOptions,
  type ReflectorState,
} from '../../../controller/kube/reflector.ts';
import type { Resource } from '../../../controller/kube/resource.ts';
import { failure, FakeApi, type Reply, type Request } from '../../support/faults/api.ts';
import { seededDice } from '../../support/faults/settle.ts';
import {
  instantly,
  Machine,
  simulatedTransport,
  World,
  type Network,
} from '../../support/faults/simulation.ts';
import { shownOf, Witness, type Shown } from '../../support/faults/witness.ts';

const pods: Resource = { group: '', version: 'v1', plural: 'pods', namespaced: true };

type Given = Partial<ReflectorOptions<Shown>> & { readonly network?: Partial<Network> };

const fail = () => {
  throw new Error('mistake');
};

/** A reflector of pods, running against a fake API in simulated time. */
function scene(t: ExecutionContext, { network, ...options }: Given = {}) {
  const world = new World();
  const machine = new Machine(world);
  const api = new FakeApi();
  /** Answers in place of the API while it is set. */
  const server: { reply: ((request: Request) => Reply | undefined) | undefined } = {
    reply: undefined,
  };
  const reply = (request: Request) => {
    asked.push({ at: world.now, path: request.path });
    return server.reply?.(request);
  };
  const asked: { at: number; path: string }[] = [];
  const transport = simulatedTransport(machine, api, { ...instantly, reply, ...network });
  const dice = seededDice(7);
  const client = createClient(transport, { time: machine, dice });
  const witness = new Witness();
  const states: ReflectorState[] = [];
  const faults: { at: number; key: string; pauseMs: number }[] = [];
  const reflector = createReflector<Shown>({
    client,
    resource: pods,
    project: shownOf,
    onChange: witness.onChange,
    onState: (state) => states.push(state),
    onFault: ({ key }: Fault, pauseMs) => faults.push({ at: world.now, key, pauseMs }),
    time: machine,
    dice,
    ...options,
  });
  const ending = new AbortController();
  const running = reflector.run(ending.signal);
  const stop = async () => {
    ending.abort();
    await world.pass(0);
    await running;
  };
  t.teardown(stop);
  const agrees = () => t.deepEqual(witness.versions(), api.versions('/pods'));
  const isTrue = () => t.deepEqual(witness.broken, []);
  return { world, api, server, asked, witness, states, faults, reflector, stop, agrees, isTrue };
}

/** Answers watches so, and leaves the rest to the API. */
const toWatches =
  (answer: (request: Request) => Reply | undefined) =>
  (request: Request): Reply | undefined =>
    request.path.includes('watch=true') ? answer(request) : undefined;

/** A stream that says this, and then ends, stays open, or breaks off. */
const saying = (text: string, then: 'ends' | 'stays'): Reply => ({
  kind: 'stream',
  attach: (sink) => {
    if (text !== '') sink.write(text);
    if (then === 'ends') sink.end();
    return () => undefined;
  },
});

const tooOld = `${JSON.stringify({
  type: 'ERROR',
  object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' },
})}\n`;

const versionAsked = (path: string) =>
  new URL(path, 'http://any').searchParams.get('resourceVersion');
const isWatch = ({ path }: { readonly path: string }) => path.includes('watch=true');

test('what there is comes in one stream, and then what changes', async (t) => {
  const { world, api, asked, witness, reflector, agrees } = scene(t);
  api.put('/pods', 'a');
  api.put('/pods', 'b');
  await world.pass(10);
  t.true(reflector.synced);
  t.is(reflector.state, 'live');
  agrees();
  api.put('/pods', 'c');
  api.put('/pods', 'a', { spec: {} });
  api.remove('/pods', 'shop/b');
  await world.pass(10);
  agrees();
  t.deepEqual(witness.log, [
    'added shop/a',
    'added shop/b',
    'added shop/c',
    'changed shop/a',
    'deleted shop/b',
  ]);
  t.is(asked.length, 1);
});

test('where the server cannot stream what there is, it comes in pages, at once', async (t) => {
  const { world, api, asked, agrees, faults } = scene(t, { limits: { pageSize: 3 } });
  api.watchList = false;
  for (let n = 0; n < 10; n += 1) api.put('/pods', `p${n}`);
  await world.pass(0);
  agrees();
  t.deepEqual(faults, []);
  t.is(asked.filter((one) => one.path.includes('limit=3')).length, 4);
  api.remove('/pods', 'shop/p3');
  await world.pass(0);
  agrees();
});

test('a server that does not know what initial events are is asked for pages after half a minute', async (t) => {
  const { world, api, server, agrees } = scene(t);
  api.put('/pods', 'a');
  server.reply = toWatches(({ path }) =>
    path.includes('sendInitial') ? saying('', 'stays') : undefined,
  );
  await world.pass(32_000);
  agrees();
});

test('a page that fails deletes nothing, and the next pass is complete', async (t) => {
  const { world, api, server, witness, agrees, isTrue } = scene(t, { limits: { pageSize: 2 } });
  api.watchList = false;
  for (let n = 0; n < 6; n += 1) api.put('/pods', `p${n}`);
  await world.pass(0);
  api.put('/pods', 'p6');
  api.forget();
  server.reply = ({ path }) =>
    path.includes('continue=') ? failure(500, 'InternalError', 'x') : undefined;
  api.endWatches();
  await world.pass(60_000);
  t.is(witness.log.filter((line) => line.startsWith('deleted')).length, 0);
  server.reply = undefined;
  await world.pass(31_000);
  agrees();
  isTrue();
});

test('pages that are too old to go on are begun anew', async (t) => {
  const { world, api, server, agrees, faults } = scene(t, { limits: { pageSize: 2 } });
  api.watchList = false;
  for (let n = 0; n < 6; n += 1) api.put('/pods', `p${n}`);
  let expired = false;
  server.reply = ({ path }) => {
    if (expired || !path.includes('continue=')) return undefined;
    expired = true;
    api.forget();
    return undefined;
  };
  await world.pass(5_000);
  agrees();
  t.deepEqual(
    faults.map(({ key }) => key),
    ['Expired'],
  );
});

test('initial events that break off delete nothing', async (t) => {
  const { world, api, server, witness, agrees, isTrue } = scene(t);
  api.put('/pods', 'a');
  api.put('/pods', 'b');
  await world.pass(0);
  api.endWatches();
  api.remove('/pods', 'shop/b');
  api.forget();
  const object = api.object('/pods', 'shop/a');
  const half = `${JSON.stringify({ type: 'ADDED', object })}\n`;
  server.reply = toWatches(({ path }) =>
    path.includes('sendInitial') ? saying(half, 'ends') : undefined,
  );
  await world.pass(20_000);
  t.true(witness.shown.has('shop/b'));
  server.reply = undefined;
  await world.pass(31_000);
  agrees();
  isTrue();
});

test('an object made anew under its name is a deletion and an addition', async (t) => {
  const { world, api, witness, isTrue } = scene(t);
  api.put('/pods', 'a');
  await world.pass(0);
  api.endWatches();
  api.remove('/pods', 'shop/a');
  api.put('/pods', 'a');
  api.forget();
  await world.pass(5_000);
  t.deepEqual(witness.log, ['added shop/a', 'deleted shop/a', 'added shop/a']);
  isTrue();
});

test('a watch that ends is taken up at once where it ended', async (t) => {
  const { world, api, asked, agrees, faults } = scene(t);
  api.put('/pods', 'a');
  await world.pass(60_000);
  api.put('/pods', 'b');
  api.endWatches();
  await world.pass(0);
  t.is(versionAsked(asked.at(-1)?.path ?? ''), String(api.revision));
  api.put('/pods', 'c');
  await world.pass(0);
  agrees();
  t.deepEqual(faults, []);
});

test('a watch is taken up where the last bookmark was', async (t) => {
  const { world, api, asked } = scene(t);
  await world.pass(60_000);
  for (let n = 0; n < 50; n += 1) api.put('/secrets', `s${n}`);
  api.bookmark();
  api.endWatches();
  await world.pass(0);
  t.is(versionAsked(asked.at(-1)?.path ?? ''), String(api.revision));
});

for (const [how, reply] of [
  ['in the stream', saying(tooOld, 'ends')],
  ['as an answer', failure(410, 'Expired', 'too old')],
] as const) {
  test(`a watch that is too old, said ${how}, leads to one new reading after a pause`, async (t) => {
    const { world, api, server, asked, agrees } = scene(t);
    api.put('/pods', 'a');
    await world.pass(60_000);
    api.endWatches();
    server.reply = toWatches(({ path }) => (path.includes('sendInitial') ? undefined : reply));
    api.put('/pods', 'b');
    const before = asked.length;
    await world.pass(700);
    t.is(asked.length, before + 1);
    server.reply = undefined;
    await world.pass(1_000);
    agrees();
    t.is(asked.length, before + 2);
  });
}

test('after a restart of the server, when every watch is too old, nothing is missed', async (t) => {
  const { world, api, agrees, isTrue } = scene(t);
  for (let n = 0; n < 20; n += 1) {
    api.put('/pods', `p${n}`);
    api.remove('/pods', `shop/p${n - 5}`);
    api.forget();
    api.endWatches();
    await world.pass(5_000);
  }
  agrees();
  isTrue();
});

test('a server that is overloaded is asked again when it said', async (t) => {
  const { world, api, server, asked } = scene(t);
  await world.pass(60_000);
  const busy = failure(429, 'TooManyRequests', 'later', { headers: { 'retry-after': '7' } });
  let once = false;
  server.reply = toWatches(() => {
    if (once) return undefined;
    once = true;
    return busy;
  });
  api.endWatches();
  await world.pass(6_999);
  const { length } = asked;
  await world.pass(2);
  t.is(asked.length, length + 1);
});

test('pauses between failures lie between 0.8 and 30 seconds, differ, and grow', async (t) => {
  const { world, server, faults, asked } = scene(t);
  server.reply = () => failure(503, 'ServiceUnavailable', 'x');
  await world.pass(600_000);
  const pauses = faults.map(({ pauseMs }) => pauseMs);
  t.true(pauses.every((pauseMs) => pauseMs >= 800 && pauseMs <= 30_000));
  t.is(new Set(pauses).size, pauses.length);
  t.true((pauses[0] ?? 0) <= 1_600);
  t.true(Math.max(...pauses) > 20_000);
  t.true(asked.length < 120, String(asked.length));
});

test('watches that end as soon as they begin do not become a storm', async (t) => {
  const { world, api, server, asked } = scene(t);
  await world.pass(10);
  server.reply = toWatches(() => saying('', 'ends'));
  api.endWatches();
  await world.pass(700_000);
  const watches = asked.filter(isWatch).length;
  t.true(watches > 30 && watches < 100, String(watches));
});

test('watches that bring one event each and end do not become a storm either', async (t) => {
  const { world, api, server, asked, agrees } = scene(t);
  await world.pass(10);
  server.reply = toWatches(({ path }) => {
    if (path.includes('sendInitial')) return undefined;
    const object = api.put('/pods', 'a');
    return saying(`${JSON.stringify({ type: 'MODIFIED', object })}\n`, 'ends');
  });
  api.endWatches();
  await world.pass(60_000);
  agrees();
  const watches = asked.filter(isWatch).length;
  t.true(watches > 30 && watches < 80, String(watches));
});

test('a stream in which nothing is said for four minutes is given up, and all is read anew', async (t) => {
  const { world, api, asked, faults, agrees } = scene(t);
  await world.pass(239_000);
  t.is(asked.length, 1);
  t.deepEqual(faults, []);
  await world.pass(3_000);
  t.is(asked.length, 2);
  t.true(asked[1]?.path.includes('sendInitialEvents'));
  t.is(api.watchers, 1);
  agrees();
});

test('bookmarks alone keep a stream', async (t) => {
  const { world, api, asked } = scene(t, {
    limits: { watchSeconds: { least: 100_000, most: 100_000 } },
  });
  for (let n = 0; n < 100; n += 1) {
    await world.pass(60_000);
    api.revision += 1;
    api.bookmark();
  }
  t.is(asked.length, 1);
});

test('a server that forgets when a watch was to end is left half a minute later, and the watch goes on elsewhere', async (t) => {
  const { world, api, asked } = scene(t, { limits: { watchSeconds: { least: 300, most: 300 } } });
  for (let n = 0; n < 11; n += 1) {
    await world.pass(30_000);
    api.bookmark();
  }
  t.is(asked.length, 1);
  await world.pass(3_000);
  t.is(asked.length, 2);
  t.is(versionAsked(asked[1]?.path ?? ''), String(api.revision));
});

test('each watch asks to end after another time, between five and ten minutes', async (t) => {
  const { world, api, asked } = scene(t);
  for (let n = 0; n < 20; n += 1) {
    await world.pass(2_000);
    api.endWatches();
  }
  await world.pass(0);
  const seconds = asked.map(({ path }) =>
    Number(new URL(path, 'http://any').searchParams.get('timeoutSeconds')),
  );
  t.true(seconds.every((each) => each >= 300 && each <= 600));
  t.true(new Set(seconds).size > 15);
});

test('a server that takes the request and sends no head is asked again after half a minute', async (t) => {
  let isDeaf = true;
  const { world, api, agrees, faults } = scene(t, {
    network: { back: () => (isDeaf ? undefined : 0) },
  });
  api.put('/pods', 'a');
  await world.pass(29_000);
  t.deepEqual(faults, []);
  isDeaf = false;
  await world.pass(3_000);
  t.deepEqual(
    faults.map(({ key }) => key),
    ['TimedOut'],
  );
  agrees();
});

test('a listener that fails costs neither the stream nor what follows', async (t) => {
  const { world, api, reflector, faults, asked } = scene(t, {
    onChange: (key) => {
      if (key === 'shop/b') throw new Error('mistake');
    },
  });
  for (const name of ['a', 'b', 'c']) api.put('/pods', name);
  await world.pass(0);
  t.is(reflector.records.size, 3);
  t.deepEqual(
    faults.map(({ key }) => key),
    ['Unexpected'],
  );
  t.is(asked.length, 1);
});

test('a listener that fails, told to somebody who fails, costs nothing either', async (t) => {
  const { world, api, reflector } = scene(t, { onChange: fail, onFault: fail, onState: fail });
  for (const name of ['a', 'b', 'c']) api.put('/pods', name);
  await world.pass(0);
  t.is(reflector.records.size, 3);
});

test('an object that cannot be read leaves what is known of it, and all the others', async (t) => {
  const { world, api, reflector, faults } = scene(t, {
    project: (object) => {
      if (object['spec']) throw new Error('mistake');
      return shownOf(object);
    },
  });
  const { uid, resourceVersion: version } = api.put('/pods', 'a').metadata;
  api.put('/pods', 'b');
  await world.pass(0);
  api.put('/pods', 'a', { spec: {} });
  api.forget();
  api.endWatches();
  await world.pass(5_000);
  t.deepEqual(reflector.records.get('shop/a'), { uid, version });
  t.is(reflector.records.size, 2);
  t.true(faults.some(({ key }) => key === 'Unexpected'));
});

test('an object of no interest is not kept, and is when it becomes one', async (t) => {
  const { world, api, witness, reflector } = scene(t, {
    project: (object) => (object['spec'] ? shownOf(object) : undefined),
  });
  api.put('/pods', 'a');
  await world.pass(0);
  t.is(reflector.records.size, 0);
  api.put('/pods', 'a', { spec: {} });
  await world.pass(0);
  t.is(reflector.records.size, 1);
  api.put('/pods', 'a', { spec: null });
  await world.pass(0);
  t.deepEqual(witness.log, ['added shop/a', 'deleted shop/a']);
});

test('no request is made after the end, not even out of a pause', async (t) => {
  const { world, server, asked, stop } = scene(t);
  server.reply = () => failure(503, 'ServiceUnavailable', 'x');
  await world.pass(20_000);
  await stop();
  const { length } = asked;
  await world.pass(600_000);
  t.is(asked.length, length);
});

test('the end closes the stream', async (t) => {
  const { world, api, stop } = scene(t);
  await world.pass(0);
  t.is(api.watchers, 1);
  await stop();
  t.is(api.watchers, 0);
});

test('an event that is said twice is heard once', async (t) => {
  const { world, api, witness, agrees } = scene(t);
  await world.pass(0);
  const object = api.put('/pods', 'a');
  api.say(`${JSON.stringify({ type: 'ADDED', object })}\n`);
  api.remove('/pods', 'shop/a');
  api.say(`${JSON.stringify({ type: 'ADDED', object })}\n`);
  await world.pass(0);
  t.deepEqual(witness.log, ['added shop/a', 'deleted shop/a']);
  agrees();
});

for (const [what, text] of [
  ['half an event', '{"type":"ADDED","object":{"meta'],
  ['an event that is no JSON', '{"type":"ADDED","obj}\n'],
  ['an event without a name', '{"type":"ADDED","object":{"metadata":{"uid":"x"}}}\n'],
  ['a failure of the server', '{"type":"ERROR","object":{"kind":"Status","code":500}}\n'],
] as const) {
  test(`${what} in the stream ends it, and nothing is missed`, async (t) => {
    const { world, api, asked, agrees, faults } = scene(t);
    api.put('/pods', 'a');
    await world.pass(10_000);
    api.say(text);
    api.endWatches();
    const { revision } = api;
    api.put('/pods', 'b');
    await world.pass(2_000);
    agrees();
    t.is(versionAsked(asked.at(-1)?.path ?? ''), String(revision));
    t.is(faults.length, 1);
  });
}

test('events of a type that is not known are passed over', async (t) => {
  const { world, api, asked, agrees } = scene(t);
  await world.pass(0);
  api.say('{"type":"SOMETHING","object":{}}\n\n');
  api.put('/pods', 'a');
  await world.pass(0);
  agrees();
  t.is(asked.length, 1);
});

for (const watchList of [true, false]) {
  const how = watchList ? 'a stream' : 'pages';
  test(`a server that lags cannot bring back the past with ${how}`, async (t) => {
    const { world, api, server, witness, faults, reflector, agrees, isTrue } = scene(t);
    api.watchList = watchList;
    api.put('/pods', 'stays');
    api.put('/pods', 'goes');
    await world.pass(2_000);
    const lagging = api.copy();
    api.put('/pods', 'stays', { spec: {} });
    api.remove('/pods', 'shop/goes');
    api.put('/pods', 'comes');
    api.forget();
    await world.pass(0);
    server.reply = (request) =>
      isWatch(request) && versionAsked(request.path)
        ? saying(tooOld, 'ends')
        : lagging.answer(request);
    api.endWatches();
    await world.pass(30_000);
    isTrue();
    t.true(faults.some(({ key }) => key === 'ServerBehind'));
    t.deepEqual([...witness.shown.keys()].toSorted(), ['shop/comes', 'shop/stays']);
    t.false(witness.log.includes('deleted shop/comes'));
    server.reply = undefined;
    await world.pass(31_000);
    agrees();
    isTrue();
    t.is(reflector.state, 'live');
  });
}

test('a bookmark of the past is not believed', async (t) => {
  const { world, api, asked, faults, agrees } = scene(t);
  api.put('/pods', 'a');
  await world.pass(5_000);
  api.say('{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"5"}}}\n');
  await world.pass(2_000);
  t.deepEqual(
    faults.map(({ key }) => key),
    ['ServerBehind'],
  );
  t.true(asked.at(-1)?.path.includes('sendInitialEvents'));
  agrees();
});

test('a cluster that was restored from a backup is believed after a while', async (t) => {
  const { world, api, server, witness, reflector } = scene(t);
  api.put('/pods', 'old');
  await world.pass(2_000);
  const backup = api.copy();
  for (let n = 0; n < 20; n += 1) api.put('/pods', 'new');
  await world.pass(0);
  server.reply = (request) => backup.answer(request);
  api.endWatches();
  await world.pass(130_000);
  t.true(witness.shown.has('shop/new'));
  await world.pass(270_000);
  t.deepEqual(witness.versions(), backup.versions('/pods'));
  t.is(reflector.state, 'live');
  backup.put('/pods', 'next');
  await world.pass(0);
  t.deepEqual(witness.versions(), backup.versions('/pods'));
});

test('a kind that does not exist is waited for, and that is said', async (t) => {
  const { world, api, reflector, states, agrees } = scene(t);
  api.absent.add('/pods');
  await world.pass(100_000);
  t.false(reflector.synced);
  t.deepEqual(states, ['absent']);
  api.absent.delete('/pods');
  api.put('/pods', 'a');
  await world.pass(31_000);
  t.true(reflector.synced);
  t.deepEqual(states, ['absent', 'live']);
  agrees();
});

test('a kind that is taken away takes its objects along, once that is sure', async (t) => {
  const { world, api, witness, states, agrees } = scene(t);
  api.put('/pods', 'a');
  await world.pass(2_000);
  api.absent.add('/pods');
  api.endWatches();
  await world.pass(500);
  t.is(witness.shown.size, 1);
  await world.pass(30_000);
  t.is(witness.shown.size, 0);
  t.deepEqual(states, ['live', 'absent']);
  api.absent.delete('/pods');
  await world.pass(31_000);
  agrees();
});

test('a moment in which the kind seems absent changes nothing', async (t) => {
  const { world, api, witness, agrees } = scene(t);
  api.put('/pods', 'a');
  await world.pass(2_000);
  api.absent.add('/pods');
  api.endWatches();
  await world.pass(500);
  api.absent.delete('/pods');
  await world.pass(5_000);
  agrees();
  t.deepEqual(witness.log, ['added shop/a']);
});

test('the state tells a lost connection, and what was read stays', async (t) => {
  const { world, api, server, reflector, states } = scene(t);
  api.put('/pods', 'a');
  await world.pass(2_000);
  server.reply = () => failure(503, 'ServiceUnavailable', 'x');
  api.endWatches();
  await world.pass(10_000);
  t.true(reflector.synced);
  t.is(reflector.records.size, 1);
  server.reply = undefined;
  await world.pass(31_000);
  t.deepEqual(states, ['live', 'failing', 'live']);
});

test('it is known when the stream was last heard', async (t) => {
  const { world, api, reflector } = scene(t);
  await world.pass(5_000);
  const heard = reflector.lastEventAt;
  api.bookmark();
  await world.pass(0);
  t.is((reflector.lastEventAt ?? 0) - (heard ?? 0), 5_000);
});

test('only what is selected is asked for, in lists and watches alike', async (t) => {
  const { world, api, asked } = scene(t, {
    namespace: 'shop',
    labelSelector: 'a=b',
    fieldSelector: 'spec.nodeName=n',
  });
  api.watchList = false;
  await world.pass(0);
  t.is(asked.length, 3);
  for (const { path } of asked) {
    t.regex(
      path,
      /^\/api\/v1\/namespaces\/shop\/pods\?labelSelector=a%3Db&fieldSelector=spec.nodeName%3Dn&/,
    );
  }
});
