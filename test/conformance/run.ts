import test, { type ExecutionContext } from 'ava';
import { createClient, type Client } from '../cluster/plane/client.ts';
import { callIn, optionsIn, type Calls, type Heard } from './calls/call.ts';
import recorded from './calls/calls.json' with { type: 'json' };
import type { Access, Fact, Plane } from './fact.ts';
import { custom } from './facts/custom.ts';
import { deployments } from './facts/deployments.ts';
import { kinds } from './facts/kinds.ts';
import { lists } from './facts/lists.ts';
import { patches } from './facts/patches.ts';
import { pods } from './facts/pods.ts';
import { records } from './facts/records.ts';
import { refusals } from './facts/refusals.ts';
import { watches } from './facts/watches.ts';
import { webhooks } from './facts/webhooks.ts';
import { workloads } from './facts/workloads.ts';
import { startHooks, type Hooks } from './hooks.ts';

export const facts: readonly Fact[] = [
  ...kinds,
  ...lists,
  ...watches,
  ...refusals,
  ...patches,
  ...pods,
  ...custom,
  ...webhooks,
  ...records,
  ...deployments,
  ...workloads,
];

/** What a suite must provide of its control plane. */
export interface Started extends Access {
  /** Without a controller manager only what the API server does itself can be seen. */
  readonly hasControllers: boolean;
  readonly createNamespace: (name: string) => Promise<void>;
  readonly forget: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Every fact as a test of its own, and that together they make every recorded call. */
export function holdFacts(start: () => Promise<Started>): void {
  const heard: Heard[] = [];
  let started: Started;
  let hooks: Hooks;
  let client: Client;
  let plane: Plane;
  let count = 0;
  test.before(async () => {
    started = await start();
    hooks = await startHooks();
    client = listening(createClient(started), heard);
    plane = {
      ...started,
      client,
      hooks,
      async namespace() {
        const name = `fact-${++count}`;
        await started.createNamespace(name);
        return name;
      },
    };
  });
  test.after.always(async () => {
    hooks?.stop();
    await client?.close();
    await started?.stop();
  });
  const turns = new Turns(atOnce);
  const checked = facts.map(({ title, check, isLast, needsControllers }) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    test(title, async (t) => {
      t.timeout(300_000);
      if (isLast) await Promise.all(others);
      const isHeld = started.hasControllers || needsControllers !== true;
      const hold = () => (isHeld ? check(t, plane) : skip(t));
      await turns.take(hold).finally(resolve);
    });
    return promise;
  });
  const others = checked.filter((_, index) => !facts[index]?.isLast);
  test('each call that was recorded is made by a fact', async (t) => {
    t.timeout(300_000);
    await Promise.all(checked);
    if (!started.hasControllers) return skip(t);
    t.deepEqual(missing(heard), { calls: [], options: [] });
  });
}

async function skip(t: ExecutionContext): Promise<void> {
  t.log('This needs a controller manager, and there is none.');
  t.pass();
}

/** A machine with few cores would else spend its time on waiting for itself. */
const atOnce = 12;

class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(free: number) {
    this.#free = free;
  }

  async take(deed: () => Promise<void>): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      await deed();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }
}

function listening(inner: Client, heard: Heard[]): Client {
  return {
    ...inner,
    call(method, path, body, options) {
      heard.push({ method, path, type: options?.type ?? '' });
      return inner.call(method, path, body, options);
    },
    watch(path, signal) {
      heard.push({
        method: 'GET',
        path: `${path}${path.includes('?') ? '&' : '?'}watch=true`,
        type: '',
      });
      return inner.watch(path, signal);
    },
  };
}

/** What somebody asks of an API server that no fact asks. */
function missing(heard: readonly Heard[]): Calls {
  const [calls, options] = [new Set(heard.map(callIn)), new Set(heard.flatMap(optionsIn))];
  const parties: readonly Calls[] = Object.values(recorded);
  const wanted = (list: keyof Calls) => [...new Set(parties.flatMap((party) => party[list]))];
  return {
    calls: wanted('calls').filter((call) => !calls.has(call)),
    options: wanted('options').filter((option) => !options.has(option)),
  };
}
