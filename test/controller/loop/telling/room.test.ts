import test from 'ava';
import { objectAt } from '../../../../domain/json.ts';
import { failure, json, type Reply, type Request } from '../../../support/faults/api.ts';
import { begin, Kube } from '../kube.ts';

const kind = 'opentelemetry.io/instrumentations';
const names = ['cart', 'checkout', 'search'];

const isStatus = ({ method, path }: Request) => method === 'PATCH' && path.includes('/status?');
const isWatch = ({ path }: Request) => path.includes(`/${kind.split('/')[1]}?`);

/** Over a definition that has no room for a status; no agent ever comes, so that the breaker opens. */
function scene() {
  let hasRoom = false;
  let isAbsent = false;
  let isStarting = false;
  let writes = 0;
  const kube = new Kube({ injects: () => false, meddle: (request) => meddle(request) });
  const meddle = (request: Request): Reply | undefined => {
    if (isStarting && isWatch(request))
      return failure(429, 'TooManyRequests', 'storage is (re)initializing');
    if (!isStatus(request)) return undefined;
    writes += 1;
    if (isAbsent) return { kind: 'answer', code: 404, headers: {}, text: '404 page not found\n' };
    if (hasRoom) return undefined;
    const name = /instrumentations\/(?<name>[^/]+)\//.exec(request.path)?.groups?.['name'];
    return json(200, { ...kube.api.object(kind, `shop/${name}`), status: {} });
  };
  for (const name of names) kube.deploy(name);
  for (const name of ['first', 'main']) kube.instrument(name);
  return {
    kube,
    leader: begin(kube, { identity: 'one', budget: { rampStart: 1 } }),
    writes: () => writes,
    touched: () => names.filter((name) => kube.marker(name) !== undefined).length,
    stored: (name: string) => objectAt(kube.api.object(kind, `shop/${name}`) ?? {}, 'status'),
    setRoom: (has: boolean) => void (hasRoom = has),
    setAbsent: (is: boolean) => void (isAbsent = is),
    /** As time passes on a server that has nothing to tell, says so, and ends watches before they end. */
    pass: async (ms: number) => {
      const endsAt = kube.world.now + ms;
      for (let minutes = 1; kube.world.now < endsAt; minutes += 1) {
        await kube.world.pass(Math.min(60_000, endsAt - kube.world.now));
        if (minutes % 5 === 0) kube.api.endWatches();
        else kube.api.bookmark();
      }
    },
    /** As an API server does it for another definition: watches end, and are refused for a moment. */
    interrupt: async () => {
      isStarting = true;
      kube.api.endWatches();
      await kube.world.pass(1_500);
      isStarting = false;
      await kube.world.pass(5_000);
    },
  };
}

test('a definition that keeps no status is told once, and tried again every ten minutes', async (t) => {
  const { pass, leader, writes, touched } = scene();
  await pass(590_000);
  t.is(writes(), 2, 'both were on their way before the first answer');
  await pass(3_600_000);
  t.is(writes(), 2 + 6);
  t.is(leader.facts.filter(({ type }) => type === 'StatusNotKept').length, 1);
  t.false(leader.controller.state().cluster?.isStatusKept);
  // What the breaker remembers is then in the head of this leader.
  t.is(touched(), 1);
  await leader.stop();
});

test('as soon as the definition has room all statuses are written, and the breaker is not forgotten', async (t) => {
  const { pass, leader, writes, touched, stored, setRoom, interrupt } = scene();
  await pass(300_000);
  const before = writes();
  setRoom(true);
  await interrupt();
  t.true(leader.controller.state().cluster?.isStatusKept);
  t.truthy(objectAt(stored('main') ?? {}, 'breaker'));
  t.truthy(stored('first')?.['conditions']);
  t.true(writes() - before <= 4, `${writes() - before} writes`);
  await pass(600_000);
  t.is(touched(), 1);
  t.is(leader.facts.filter(({ type }) => type === 'StatusNotKept').length, 1);
  await leader.stop();
});

test('where nothing says that the definition is another one it is seen within ten minutes', async (t) => {
  const { pass, leader, stored, setRoom } = scene();
  await pass(60_000);
  setRoom(true);
  await pass(610_000);
  t.truthy(stored('main')?.['conditions']);
  t.truthy(stored('first')?.['conditions']);
  await leader.stop();
});

test('a definition that was away for a while takes statuses when it is back', async (t) => {
  const { pass, leader, stored, setRoom, setAbsent, interrupt } = scene();
  setAbsent(true);
  await pass(60_000);
  t.false(leader.controller.state().cluster?.isStatusKept);
  setAbsent(false);
  setRoom(true);
  await interrupt();
  t.truthy(stored('main')?.['conditions']);
  await leader.stop();
});

test('a server whose watches break all the time is asked for room every two minutes at most', async (t) => {
  const { kube, pass, leader, writes, interrupt } = scene();
  await pass(60_000);
  const before = writes();
  const startedAt = kube.world.now;
  while (kube.world.now - startedAt < 600_000) await interrupt();
  t.true(writes() - before >= 5 && writes() - before <= 6, `${writes() - before} writes`);
  await leader.stop();
});

test('a definition that loses its room again is told again', async (t) => {
  const { kube, pass, leader, setRoom, interrupt } = scene();
  await pass(60_000);
  setRoom(true);
  await interrupt();
  setRoom(false);
  kube.deploy('late');
  await pass(120_000);
  t.false(leader.controller.state().cluster?.isStatusKept);
  t.is(leader.facts.filter(({ type }) => type === 'StatusNotKept').length, 2);
  await leader.stop();
});
