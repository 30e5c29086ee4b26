import { marks } from '../../crds/names.ts';
import type { KubeObject } from '../../sandbox/api.ts';
import { startSandbox } from '../../sandbox/start.ts';
import { install, make } from './installation.ts';
import {
  agents,
  allow,
  barePodOf,
  instrumentationsIn,
  populate,
  type Population,
} from './population.ts';
import { answerAll } from './talk.ts';

/*
 * The sandbox as a process of its own, with a cluster in it. It changes something when it is told to
 * and tells how long it took until the restart arrived: both by its own clock.
 */

export type Question =
  | { readonly ask: 'word'; readonly workload: string }
  | { readonly ask: 'bare pod'; readonly workload: string }
  | { readonly ask: 'Instrumentation'; readonly namespace: string };

export interface Ready {
  readonly server: string;
  readonly kubeconfig: string;
  readonly caPem: string;
  readonly token: string;
  readonly population: Population;
}

/** Milliseconds from the change until each restart that it asks for was carried out. */
export interface Delays {
  readonly ms: readonly number[];
}

const [, , workloads = '0', observed = '0'] = process.argv;
const { api, server, kubeconfig, caPem, token } = await startSandbox({ lifecycles: false });
await install(api);
const population = await populate(api, {
  workloads: Number(workloads),
  observed: Number(observed),
});
let hear: (workload: string) => void = () => undefined;
void listen();
answerAll(async (asked): Promise<Delays> => {
  const question = asked as Question;
  if (question.ask === 'word') {
    const { workload } = question;
    return { ms: await delays([workload], () => allow(api, workload)) };
  }
  if (question.ask === 'bare pod') {
    const appear = await barePodOf(api, question.workload);
    return { ms: await delays([question.workload], appear) };
  }
  const { namespace } = question;
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const { items = [] } = (await api.call('GET', path)).body;
  const names = items.map(({ metadata }) => `${namespace}/${metadata.name}`);
  const ms = await delays(names, () => make(api, instrumentationsIn(namespace), agents));
  return { ms };
});
const ready: Ready = { server, kubeconfig, caPem, token, population };
console.log(JSON.stringify(ready));

async function listen(): Promise<void> {
  const never = new AbortController().signal;
  for await (const { object } of api.watch('/apis/apps/v1/deployments', never)) {
    if (!isMarked(object)) continue;
    const { namespace = '', name } = object.metadata;
    hear(`${namespace}/${name}`);
  }
}

function isMarked({ spec }: KubeObject): boolean {
  const { template } = (spec ?? {}) as { readonly template?: KubeObject };
  return template?.metadata?.annotations?.[marks.restart] !== undefined;
}

async function delays(
  wanted: readonly string[],
  change: () => Promise<unknown>,
): Promise<readonly number[]> {
  const left = new Set(wanted);
  const ms: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  hear = (workload) => {
    if (!left.delete(workload)) return;
    ms.push(performance.now() - startedAt);
    if (left.size === 0) resolve();
  };
  const startedAt = performance.now();
  await change();
  await promise;
  return ms;
}
