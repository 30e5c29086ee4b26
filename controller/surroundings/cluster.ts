import { names } from '../../crds/names.ts';
import type { Instrumentation } from '../../domain/injection/instrumentation/settings.ts';
import { readInstrumentation } from '../../domain/injection/instrumentation/read.ts';
import type { Defaults } from '../../domain/injection/match.ts';
import { readLimitRange, type LimitRange } from '../../domain/injection/pod/limit-range.ts';
import type { Client } from '../kube/client.ts';
import type { Fault } from '../kube/fault.ts';
import { createReflector, type Reflector, type ReflectorState } from '../kube/reflector.ts';
import type { KubeObject, Resource } from '../kube/resource.ts';
import { createBook, namespaceOf, type Namespace } from './book.ts';
import { createKnowledge } from './known.ts';
import type { Surroundings } from './surroundings.ts';

/** Told of what a person who runs the cluster should know. */
export interface Listener {
  readonly onState: (resource: string, state: ReflectorState) => void;
  readonly onFault: (resource: string, fault: Fault, pauseMs: number) => void;
}

const namespaces: Resource = { group: '', version: 'v1', plural: 'namespaces', namespaced: false };
const instrumentations: Resource = {
  group: names.group,
  version: names.version,
  plural: 'instrumentations',
  namespaced: true,
};

const limitRanges: Resource = {
  group: '',
  version: 'v1',
  plural: 'limitranges',
  namespaced: true,
};

/** Namespaces, their limits and Instrumentations as the API server has them. */
export function fromCluster(client: Client, defaults: Defaults, listener: Listener): Surroundings {
  const book = createBook(defaults);
  const complete = Promise.withResolvers<void>();
  const watched: Reflector<unknown>[] = [];
  const unknown = () => plurals.filter((plural, index) => !known.has(plural, watched[index]));
  const settle = () => {
    if (unknown().length === 0) complete.resolve();
  };
  const known = createKnowledge(settle);
  const watch = <R>(
    resource: Resource,
    project: (object: KubeObject) => R | undefined,
    onChange: (key: string, now: R | undefined) => void,
  ) =>
    createReflector<R>({
      client,
      resource,
      project,
      onChange,
      onState: (state) => {
        listener.onState(resource.plural, state);
        settle();
      },
      onFault: (fault, pauseMs) => {
        listener.onFault(resource.plural, fault, pauseMs);
        known.hear(resource.plural, fault);
      },
    });
  watched.push(
    watch<Namespace>(namespaces, ({ metadata }) => namespaceOf(metadata), book.putNamespace),
    watch<Instrumentation>(instrumentations, readInstrumentation, book.putInstrumentation),
    watch<LimitRange>(limitRanges, readLimitRange, book.putLimitRange),
  );
  return {
    worldOf: book.worldOf,
    fingerprint: book.fingerprint,
    missing: () => unknown().map((plural) => `The ${plural} have not been read yet.`),
    caches: () =>
      watched.map(({ synced, lastEventAt }, index) => ({
        resource: plurals[index] ?? '',
        isSynced: synced,
        lastEventAt,
      })),
    run: async (signal) => {
      await Promise.all(watched.map((one) => one.run(signal)));
    },
    complete: complete.promise,
  };
}

const plurals = [namespaces, instrumentations, limitRanges].map(({ plural }) => plural);
