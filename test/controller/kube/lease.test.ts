import test from 'ava';
import { createClient, type Client } from '../../../controller/kube/client.ts';
import { createLease, type Lease } from '../../../controller/kube/lease.ts';
import { leaseRecord } from '../../../controller/kube/objects.ts';
import type { Resource } from '../../../controller/kube/resource.ts';
import type { Call } from '../../../controller/kube/transport.ts';
import { objectAt, textAt } from '../../../domain/json.ts';
import { FakeApi, type Request } from '../../support/faults/api.ts';
import { seededDice } from '../../support/faults/settle.ts';
import { Machine, simulatedTransport, World } from '../../support/faults/simulation.ts';

const pods: Resource = { group: '', version: 'v1', plural: 'pods', namespaced: true };
const ledger = { resource: pods, namespace: 'shop', name: 'ledger' };
const leaseKey = 'shop/retrofit';
const leaseKind = 'coordination.k8s.io/leases';

/** How long messages take to a server, and which of them are lost. */
interface Weather {
  cut: boolean;
  outMs: (call: Call) => number;
}

interface Candidate {
  readonly name: string;
  readonly machine: Machine;
  readonly lease: Lease;
  readonly client: Client;
  readonly weather: Weather;
  readonly told: string[];
  /** Ends by itself what it began, and gives the lease back. */
  stop(): void;
  readonly ended: Promise<void>;
}

interface Scene {
  readonly world: World;
  readonly api: FakeApi;
  readonly dice: () => number;
}

function scene(seed = 1): Scene {
  const api = new FakeApi();
  api.put('/pods', 'ledger');
  return { world: new World(), api, dice: seededDice(seed) };
}

function candidate({ world, api, dice }: Scene, name: string): Candidate {
  // Wall clocks of different machines have nothing to do with each other.
  const machine = new Machine(world, Math.floor(dice() * 1e12));
  const weather: Weather = { cut: false, outMs: () => 5 + dice() * 45 };
  const transport = simulatedTransport(machine, api, {
    out: (call) => (weather.cut ? undefined : weather.outMs(call)),
    back: () => (weather.cut ? undefined : 5 + dice() * 45),
  });
  const client = createClient(transport, { time: machine, dice });
  const told: string[] = [];
  const writes = new Set<Promise<unknown>>();
  const lease = createLease({
    client,
    namespace: 'shop',
    name: 'retrofit',
    identity: name,
    onGained: (term) => told.push(`gained ${term}`),
    onLost: () => told.push('lost'),
    beforeRelease: async () => void (await Promise.all(writes)),
    time: machine,
    dice,
  });
  const ending = new AbortController();
  const running = lease.run(ending.signal);
  const working = work({ name, machine, lease, client, told, dice }, writes, ending.signal);
  const ended = Promise.all([running, working]).then(() => undefined);
  return { name, machine, lease, client, weather, told, stop: () => ending.abort(), ended };
}

/** Writes what the holder of the lease alone may write, as the controller does: look, ask the lease, write. */
async function work(
  {
    name,
    machine,
    lease,
    client,
    told,
    dice,
  }: Pick<Candidate, 'name' | 'machine' | 'lease' | 'client' | 'told'> & Pick<Scene, 'dice'>,
  writes: Set<Promise<unknown>>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await machine.wait(100 + dice() * 900, signal);
    if (!lease.holds(machine.now())) continue;
    try {
      const { metadata } = await client.get(ledger, { deadlineMs: 2_000, signal });
      if (!lease.holds(machine.now())) continue;
      const { resourceVersion } = metadata;
      const spec = {
        writer: name,
        term: Number(told.findLast((each) => each !== 'lost')?.slice(7)),
      };
      const patch = { metadata: { resourceVersion }, spec };
      const write = client.mergePatch(ledger, patch, { fence: () => lease.holds(machine.now()) });
      const quiet = write.catch(() => undefined);
      writes.add(quiet);
      await quiet.finally(() => writes.delete(quiet));
    } catch {
      // A failed look or write is tried again with the next turn.
    }
  }
}

interface Written {
  readonly at: number;
  readonly writer: string;
  readonly writerTerm: number;
  readonly holder: string;
  readonly term: number;
}

/** Notes each write of the ledger that took effect, with who held the lease at that instant. */
function witnessed({ world, api }: Scene): Written[] {
  const written: Written[] = [];
  const answer = api.answer.bind(api);
  api.answer = (request: Request) => {
    const reply = answer(request);
    const isWrite = request.method === 'PATCH' && request.path.includes('/pods/ledger');
    if (isWrite && reply.kind === 'answer' && reply.code === 200) {
      const spec = objectAt(api.object('/pods', 'shop/ledger') ?? {}, 'spec') ?? {};
      const { holder, term } = recordOf(api) ?? { holder: '', term: -1 };
      written.push({
        at: world.now,
        writer: textAt(spec, 'writer') ?? '',
        writerTerm: Number(spec['term']),
        holder,
        term,
      });
    }
    return reply;
  };
  return written;
}

function recordOf(api: FakeApi) {
  const lease = api.object(leaseKind, leaseKey);
  return lease && leaseRecord(lease);
}

const holders = (candidates: readonly Candidate[]) =>
  candidates.filter(({ lease, machine }) => lease.holds(machine.now())).map(({ name }) => name);

test('the first candidate takes the lease at once, and the others wait', async (t) => {
  const s = scene();
  const one = candidate(s, 'one');
  await s.world.pass(1_000);
  const two = candidate(s, 'two');
  await s.world.pass(60_000);
  t.deepEqual(holders([one, two]), ['one']);
  t.deepEqual(one.told, ['gained 0']);
  t.is(two.lease.holder, 'one');
  const spec = objectAt(s.api.object(leaseKind, leaseKey) ?? {}, 'spec') ?? {};
  t.regex(textAt(spec, 'renewTime') ?? '', /\.\d{6}Z$/);
});

test('a lease that is given back is taken within three seconds', async (t) => {
  const s = scene();
  const one = candidate(s, 'one');
  await s.world.pass(1_000);
  const two = candidate(s, 'two');
  await s.world.pass(20_000);
  one.stop();
  await s.world.pass(3_000);
  await one.ended;
  t.deepEqual(one.told, ['gained 0', 'lost']);
  t.deepEqual(two.told, ['gained 1']);
});

test('a holder that dies is followed after fifteen seconds, not before', async (t) => {
  const s = scene();
  const one = candidate(s, 'one');
  await s.world.pass(1_000);
  const two = candidate(s, 'two');
  await s.world.pass(20_000);
  one.machine.stall(1e9);
  const diedAt = s.world.now;
  await s.world.pass(60_000, () => two.told.length > 0);
  const tookMs = s.world.now - diedAt;
  t.true(tookMs > 15_000 - 5_100 && tookMs < 18_500, String(tookMs));
});

test('a holder whose event loop stalls does not hold when it wakes, and says so before it writes', async (t) => {
  const s = scene();
  const one = candidate(s, 'one');
  await s.world.pass(20_000);
  one.machine.stall(9_000);
  await s.world.pass(8_999);
  t.false(one.lease.holds(one.machine.now()));
  await s.world.pass(5_000);
  t.deepEqual(one.told, ['gained 0', 'lost', 'gained 0']);
});

test('a renewal whose answer comes too late is no renewal', async (t) => {
  const s = scene();
  const one = candidate(s, 'one');
  await s.world.pass(9_000);
  // The next renewal leaves, and its answer waits out the stall.
  await s.world.pass(6_000, () => s.api.requests.at(-1)?.path.includes('leases') ?? false);
  one.machine.stall(20_000);
  await s.world.pass(20_000);
  t.false(one.lease.holds(one.machine.now()));
});

test('a virtual machine that was paused does not hold when it goes on, though its clock stood still', async (t) => {
  const s = scene();
  const one = candidate(s, 'one');
  await s.world.pass(1_000);
  const two = candidate(s, 'two');
  await s.world.pass(20_000);
  const before = one.machine.now();
  one.machine.sleep(40_000);
  await s.world.pass(40_000);
  t.true(one.machine.now() - before < 100);
  t.deepEqual(holders([one, two]), ['two']);
});

test('a holder that is cut off stops by itself before anybody follows', async (t) => {
  const s = scene();
  const one = candidate(s, 'one');
  await s.world.pass(1_000);
  const two = candidate(s, 'two');
  await s.world.pass(20_000);
  one.weather.cut = true;
  await s.world.pass(30_000, () => one.told.includes('lost'));
  t.deepEqual(two.told, []);
  await s.world.pass(30_000);
  t.deepEqual(holders([one, two]), ['two']);
});

test('wall clocks that jump, forward or back, move no lease', async (t) => {
  const s = scene();
  const one = candidate(s, 'one');
  await s.world.pass(1_000);
  const two = candidate(s, 'two');
  for (const jump of [3_600_000, -7_200_000, 10_000_000, -1]) {
    await s.world.pass(20_000);
    one.machine.setWall(jump);
    two.machine.setWall(-jump);
  }
  await s.world.pass(20_000);
  t.deepEqual(holders([one, two]), ['one']);
  t.is(recordOf(s.api)?.term, 0);
});

test('a lease that is deleted is lost at the next renewal, and only one has it afterwards', async (t) => {
  const s = scene();
  const all = ['one', 'two', 'three'].map((name) => candidate(s, name));
  await s.world.pass(20_000);
  s.api.remove(leaseKind, leaseKey);
  await s.world.pass(30_000);
  t.is(holders(all).length, 1);
});

test('a new process does not take the record of its namesake for its own', async (t) => {
  const s = scene();
  const one = candidate(s, 'pod');
  await s.world.pass(10_000);
  one.machine.stall(1e9);
  const again = candidate(s, 'pod');
  await s.world.pass(9_000);
  t.deepEqual(again.told, []);
  await s.world.pass(12_000);
  t.deepEqual(again.told, ['gained 1']);
});

test('a lease is not given back while a write of ours is still under way', async (t) => {
  const s = scene();
  const one = candidate(s, 'one');
  await s.world.pass(5_000);
  one.weather.outMs = ({ verb, path }) =>
    verb === 'patch' && path.includes('/pods/') ? 4_000 : 10;
  const written = witnessed(s);
  await s.world.pass(2_000);
  one.stop();
  await s.world.pass(10_000);
  await one.ended;
  t.is(written.length, 1);
  t.deepEqual(
    written.filter(({ writer, holder }) => writer !== holder),
    [],
  );
  t.is(recordOf(s.api)?.holder, '');
});

test('a candidate asks the server less than once a second', async (t) => {
  const s = scene();
  const all = ['one', 'two', 'three'].map((name) => candidate(s, name));
  await s.world.pass(600_000);
  const asked = s.api.requests.filter(({ path }) => path.includes('leases')).length;
  t.true(asked / all.length < 600, String(asked));
});

/** Does one cruel thing to whoever holds the lease. True when it was told to end. */
function strike({ world, dice }: Scene, victim: Candidate): boolean {
  const { machine, weather } = victim;
  const ms = 3_000 + dice() * 40_000;
  const kind = Math.floor(dice() * 5);
  if (kind === 0) machine.stall(ms);
  if (kind === 1) machine.sleep(ms);
  if (kind === 2) {
    weather.cut = true;
    world.at(world.now + ms, () => (weather.cut = false));
  }
  if (kind === 3) {
    machine.setWall((dice() - 0.5) * 7_200_000);
    machine.stall(ms);
  }
  if (kind === 4) victim.stop();
  return kind === 4;
}

interface Ordeal {
  readonly candidates: number;
  readonly seed: number;
  readonly handOvers: number;
  /** How long a message takes on its way to the server. */
  readonly outMs: (call: Call, dice: () => number) => number;
}

async function ordeal({ candidates, seed, handOvers, outMs }: Ordeal) {
  const s = scene(seed);
  const written = witnessed(s);
  let born = 0;
  const bear = () => {
    const fresh = candidate(s, `c${(born += 1)}`);
    fresh.weather.outMs = (call) => outMs(call, s.dice);
    return fresh;
  };
  const all = Array.from({ length: candidates }, bear);
  const terms = new Set<number>();
  let longestVacancyMs = 0;
  let rounds = 0;
  while (terms.size <= handOvers && rounds < handOvers * 20) {
    rounds += 1;
    const vacantAt = s.world.now;
    await s.world.pass(300_000, () => holders(all).length > 0);
    longestVacancyMs = Math.max(longestVacancyMs, s.world.now - vacantAt);
    await s.world.pass(2_000 + s.dice() * 8_000);
    terms.add(recordOf(s.api)?.term ?? 0);
    const [holder] = holders(all);
    const victim = all.findIndex(({ name }) => name === holder);
    const struck = all[victim];
    // A process that ended is followed by a new one under another name.
    if (struck && strike(s, struck)) all[victim] = bear();
  }
  for (const each of all) each.stop();
  await s.world.pass(200_000);
  return { written, handOvers: terms.size - 1, longestVacancyMs, tookMs: s.world.now, s };
}

const swift = (dice: () => number) => 5 + dice() * 45;

/** What is on its way when the caller gives up dies with its connection. */
const mortal = ({ deadlineMs }: Call, dice: () => number) =>
  dice() < 0.15 ? dice() * deadlineMs : swift(dice);

/** A write may lie in some buffer and arrive a minute later, long after everybody gave it up. */
const undying = ({ path }: Call, dice: () => number) =>
  path.includes('/pods/') && dice() < 0.2 ? dice() * 60_000 : swift(dice);

for (const candidates of [2, 3, 5]) {
  test(`over 200 hand-overs among ${candidates} candidates no write of a former holder takes effect`, async (t) => {
    const seed = 40 + candidates;
    t.log(`seed ${seed}`);
    const outcome = await ordeal({ candidates, seed, handOvers: 200, outMs: mortal });
    const { written, handOvers, longestVacancyMs, tookMs, s } = outcome;
    t.true(handOvers >= 200, String(handOvers));
    t.true(written.length > 1_000, String(written.length));
    t.deepEqual(
      written.filter(({ writer, holder }) => writer !== holder),
      [],
    );
    t.true(s.api.requests.length / (tookMs / 1_000) < 3 * candidates);
    t.log({ handOvers, writes: written.length, longestVacancyMs: Math.round(longestVacancyMs) });
  });

  test(`a write that arrives long after it was given up fails, among ${candidates} candidates, once the next holder has written`, async (t) => {
    const seed = 50 + candidates;
    t.log(`seed ${seed}`);
    const outcome = await ordeal({ candidates, seed, handOvers: 200, outMs: undying });
    t.true(outcome.handOvers >= 200, String(outcome.handOvers));
    const terms = outcome.written.map(({ writerTerm }) => writerTerm);
    t.deepEqual(
      terms,
      terms.toSorted((one, other) => one - other),
    );
  });
}
