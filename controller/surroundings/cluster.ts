import { names } from '../../crds/names.ts';
import type { Instrumentation } from '../../domain/injection/instrumentation/settings.ts';
import { readInstrumentation } from '../../domain/injection/instrumentation/read.ts';
import type { Defaults } from '../../domain/injection/match.ts';
import type { Client } from '../kube/client.ts';
import type { Fault } from '../kube/fault.ts';
import { createReflector, type Reflector, type ReflectorState } from '../kube/reflector.ts';
import type { KubeObject, Resource } from '../kube/resource.ts';
import { createBook, namespaceOf, type Namespace } from './book.ts';
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

/** Namespaces and Instrumentations as the API server has them. */
export function fromCluster(client: Client, defaults: Defaults, listener: Listener): Surroundings {
  const book = createBook(defaults);
  const complete = Promise.withResolvers<void>();
  const watched: Reflector<unknown>[] = [];
  const settle = () => {
    if (watched.every(isKnown)) complete.resolve();
  };
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
      onFault: (fault, pauseMs) => listener.onFault(resource.plural, fault, pauseMs),
    });
  watched.push(
    watch<Namespace>(namespaces, ({ metadata }) => namespaceOf(metadata), book.putNamespace),
    watch<Instrumentation>(instrumentations, readInstrumentation, book.putInstrumentation),
  );
  const plurals = [namespaces, instrumentations].map(({ plural }) => plural);
  return {
    worldOf: book.worldOf,
    fingerprint: book.fingerprint,
    missing: () =>
      watched.flatMap((one, index) =>
        isKnown(one) ? [] : [`The ${plurals[index]} have not been read yet.`],
      ),
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

/** A kind that the server does not know has no objects, and that is all there is to know. */
const isKnown = ({ synced, state }: Reflector<unknown>) => synced || state === 'absent';
