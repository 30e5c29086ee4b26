import { Fault } from '../../../controller/kube/fault.ts';
import type { Time } from '../../../controller/kube/pace.ts';
import type { Answer, Call, Stream, Transport } from '../../../controller/kube/transport.ts';
import type { FakeApi, Reply, Request } from './api.ts';

interface Due {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** A world whose time passes only when told to, in the order of what is due. */
export class World {
  now = 0;
  #order = 0;
  #due: Due[] = [];

  /** Returns how to take it back. */
  at(at: number, run: () => void): () => void {
    const due = { at: Math.max(at, this.now), order: (this.#order += 1), run };
    let place = this.#due.length;
    while (place > 0 && isAfter(this.#due[place - 1], due)) place -= 1;
    this.#due.splice(place, 0, due);
    return () => {
      const found = this.#due.indexOf(due);
      if (found !== -1) this.#due.splice(found, 1);
    };
  }

  /** Nothing waits for its time to come. */
  get isStill(): boolean {
    return this.#due.length === 0;
  }

  /** Lets time pass until it has, or until something is so. */
  async pass(ms: number, isSo: () => boolean = () => false): Promise<void> {
    const endsAt = this.now + ms;
    await settled();
    while (!isSo()) {
      const next = this.#due[0];
      if (!next || next.at > endsAt) {
        this.now = endsAt;
        return;
      }
      this.#due.shift();
      this.now = next.at;
      next.run();
      await settled();
    }
  }
}

const isAfter = (one: Due | undefined, other: Due) =>
  one !== undefined && (one.at > other.at || (one.at === other.at && one.order > other.order));

/** All that needs no time has happened. */
const settled = () => new Promise<void>((done) => setImmediate(done));

/** A computer in that world: it can stall, be put to sleep, and have its wall clock set. */
export class Machine implements Time {
  readonly world: World;
  #wallShift: number;
  #standstill = 0;
  #stalledUntil = 0;
  #asleepSince: number | undefined;

  constructor(world: World, wallShift = 1_700_000_000_000) {
    this.world = world;
    this.#wallShift = wallShift;
  }

  now(): number {
    return (this.#asleepSince ?? this.world.now) - this.#standstill;
  }

  wall(): number {
    return this.world.now + this.#wallShift;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((done) => {
      if (signal?.aborted) return done();
      let revoke = nothing;
      const end = () => {
        revoke();
        signal?.removeEventListener('abort', end);
        done();
      };
      signal?.addEventListener('abort', end, { once: true });
      revoke = this.world.at(this.world.now + ms, () => this.deliver(end));
    });
  }

  /** Happens now, or, while the machine does not run, as soon as it runs again. */
  deliver(run: () => void): void {
    if (this.world.now >= this.#stalledUntil) run();
    else this.world.at(this.#stalledUntil, () => this.deliver(run));
  }

  /** Its event loop does nothing for so long, and its clocks go on. */
  stall(ms: number): void {
    this.#stalledUntil = Math.max(this.#stalledUntil, this.world.now + ms);
  }

  /** A virtual machine that is paused: it does nothing, and its monotonic clock stands still. */
  sleep(ms: number): void {
    if (this.#asleepSince !== undefined) return;
    this.stall(ms);
    this.#asleepSince = this.world.now;
    this.world.at(this.world.now + ms, () => {
      this.#standstill += ms;
      this.#asleepSince = undefined;
    });
  }

  setWall(byMs: number): void {
    this.#wallShift += byMs;
  }
}

/** How long a message takes; undefined: it is lost. */
export interface Network {
  readonly out: (call: Call) => number | undefined;
  readonly back: (call: Call) => number | undefined;
  /** Answers instead of the API, when it has an answer. */
  readonly reply?: (request: Request) => Reply | undefined;
}

export const instantly: Network = { out: () => 0, back: () => 0 };

/** Carries calls to a fake API without a socket, in simulated time. */
export function simulatedTransport(machine: Machine, api: FakeApi, network = instantly): Transport {
  return {
    server: 'https://simulated',
    close: async () => undefined,
    send: async (call) => {
      const reply = await exchange(machine, api, network, call);
      if (reply.kind === 'answer') return reply;
      return new Promise<Answer>((_, reject) => afterwards(machine, call, reject));
    },
    open: async (call) => {
      const reply = await exchange(machine, api, network, call);
      return reply.kind === 'answer' ? reply : streamOf(reply, call.signal);
    },
  };
}

function afterwards(machine: Machine, call: Call, reject: (fault: Fault) => void): () => void {
  const { world } = machine;
  const late = world.at(world.now + call.deadlineMs, () =>
    machine.deliver(() => reject(new Fault('TimedOut'))),
  );
  const giveUp = () => reject(new Fault('Cancelled'));
  call.signal?.addEventListener('abort', giveUp, { once: true });
  return () => {
    late();
    call.signal?.removeEventListener('abort', giveUp);
  };
}

function exchange(machine: Machine, api: FakeApi, network: Network, call: Call): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { world } = machine;
    if (call.signal?.aborted) return reject(new Fault('Cancelled'));
    if (call.fence && !call.fence()) return reject(new Fault('LeaseLost'));
    const settle = afterwards(machine, call, reject);
    const out = network.out(call);
    if (out === undefined) return;
    world.at(world.now + out, () => {
      const request = { method: methods[call.verb], path: call.path, body: call.body };
      const reply = network.reply?.(request) ?? api.answer(request);
      const back = network.back(call);
      if (back === undefined) return;
      world.at(world.now + back, () =>
        machine.deliver(() => {
          settle();
          resolve(reply);
        }),
      );
    });
  });
}

const methods = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  patch: 'PATCH',
  delete: 'DELETE',
} as const;

const reasonOf = ({ reason }: AbortSignal) =>
  reason instanceof Fault ? reason : new Fault('Cancelled');

const nothing = (): void => undefined;

/** The answer of an API as a body that can be read, until either side ends it. */
function streamOf(reply: Extract<Reply, { kind: 'stream' }>, signal?: AbortSignal): Stream {
  const chunks: Buffer[] = [];
  let ended = false;
  let wake = nothing;
  const stop = () => wake();
  signal?.addEventListener('abort', stop);
  const detach = reply.attach({
    write: (text) => {
      chunks.push(Buffer.from(text));
      wake();
    },
    end: () => {
      ended = true;
      wake();
    },
  });
  async function* body(): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        if (signal?.aborted) throw reasonOf(signal);
        const chunk = chunks.shift();
        if (chunk) yield chunk;
        else if (ended) return;
        else await new Promise<void>((done) => (wake = done));
      }
    } finally {
      detach();
      signal?.removeEventListener('abort', stop);
    }
  }
  return { kind: 'stream', body: body() };
}
