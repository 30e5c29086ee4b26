import type { Indexes, OnChange, Records } from '../kube/cache.ts';
import type { Client } from '../kube/client.ts';
import type { Dice, ReflectorLimits, Time } from '../kube/pace.ts';
import { createReflector, type Reflector, type ReflectorState } from '../kube/reflector.ts';
import type { Resource } from '../kube/resource.ts';
import type { Listener } from '../surroundings/cluster.ts';
import { createKnowledge } from '../surroundings/known.ts';
import type { Surroundings } from '../surroundings/surroundings.ts';

export interface WatchOptions {
  readonly client: Client;
  readonly listener: Listener;
  readonly time?: Time | undefined;
  readonly dice?: Dice | undefined;
  readonly limits?: Partial<ReflectorLimits> | undefined;
}

/** What is kept of one kind. */
export interface Watched<R> {
  readonly resource: Resource;
  /** Given any object of the kind; undefined: it is of no interest. */
  readonly read: (json: unknown) => R | undefined;
  readonly indexes?: Indexes<R>;
  readonly onChange: OnChange<R>;
  /** Told when they can be read, for the first time or again. */
  readonly onLive?: (() => void) | undefined;
}

/** Several kinds, kept fresh together. */
export interface Watches extends Pick<Surroundings, 'missing' | 'caches' | 'run' | 'complete'> {
  /** To be called before they run. */
  readonly add: <R>(watched: Watched<R>) => Records<R>;
}

export function createWatches({ client, listener, ...options }: WatchOptions): Watches {
  const begun: Begun[] = [];
  const complete = Promise.withResolvers<void>();
  const missing = () =>
    begun
      .filter(({ plural, reflector }) => !known.has(plural, reflector))
      .map(({ plural }) => `The ${plural} have not been read yet.`);
  const settle = () => missing().length === 0 && complete.resolve();
  const known = createKnowledge(settle);

  function add<R>({ resource, read, indexes, onChange, onLive }: Watched<R>): Records<R> {
    const { plural } = resource;
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    const tell = tellingAbsenceOnce((state) => listener.onState(plural, state));
    const reflector = createReflector<R>({
      ...options,
      client,
      resource,
      project: read,
      indexes,
      onChange,
      onState: (state) => {
        answer();
        tell(state);
        settle();
        if (state === 'live') onLive?.();
      },
      onFault: (fault, pauseMs) => {
        // A kind that is not there yet is a state, and no trouble each time it is asked for.
        if (fault.key !== 'KindAbsent') listener.onFault(plural, fault, pauseMs);
        known.hear(plural, fault);
      },
    });
    begun.push({ plural, reflector, answered });
    return reflector.records;
  }

  return {
    add,
    missing,
    complete: complete.promise,
    caches: () =>
      begun.map(({ plural, reflector: { synced, lastEventAt } }) => ({
        resource: plural,
        isSynced: synced,
        lastEventAt,
      })),
    run: (signal) => runInTurn(begun, signal),
  };
}

interface Begun {
  readonly plural: string;
  readonly reflector: Reflector<unknown>;
  /** Settles when it is read, or when it is known that it cannot be for now. */
  readonly answered: Promise<void>;
}

/** One kind after the other: the first lists of all at once would pile up in memory. */
async function runInTurn(begun: readonly Begun[], signal: AbortSignal): Promise<void> {
  const running: Promise<void>[] = [];
  for (const { reflector, answered } of begun) {
    const run = reflector.run(signal);
    running.push(run);
    await Promise.race([answered, run]);
  }
  await Promise.all(running);
}

/** A server that comes and goes while its kind is absent brings no news. */
function tellingAbsenceOnce(tell: (state: ReflectorState) => void) {
  let isAbsent = false;
  return (state: ReflectorState) => {
    if (isAbsent && state !== 'live') return;
    isAbsent = state === 'absent';
    tell(state);
  };
}
