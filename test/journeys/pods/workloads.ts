import type { ExecutionContext } from 'ava';
import type { KubeObject } from '../../../sandbox/api.ts';
import { until } from '../../cluster/until.ts';
import type { Plane } from '../stage/plane.ts';
import { serverTemplate, type Stage } from '../stage/stage.ts';
import { sendTraffic } from '../stage/traffic.ts';

const merge = { type: 'application/merge-patch+json' };
const counters = {
  deployments: ['updatedReplicas', 'replicas', 'availableReplicas', 'readyReplicas'],
  statefulsets: ['replicas', 'availableReplicas', 'readyReplicas'],
  daemonsets: ['updatedNumberScheduled', 'desiredNumberScheduled', 'numberAvailable'],
};

export type Kind = keyof typeof counters;
export const kinds = ['deployments', 'statefulsets', 'daemonsets'] as const satisfies Kind[];

/** The workload as its controller last saw it, every pod new and available. */
export function awaitComplete({ api }: Plane, path: string, count: number): Promise<KubeObject> {
  const kind = path.split('/').at(-2) as Kind;
  return until(
    async () => {
      const { body } = await api.call('GET', path);
      const status = body.status ?? {};
      const isSeen = status['observedGeneration'] === body.metadata.generation;
      const isNew = status['currentRevision'] === status['updateRevision'];
      const areAll = counters[kind].every((name) => status[name] === count);
      return isSeen && isNew && areAll ? body : undefined;
    },
    { what: `${path} is complete` },
  );
}

/** Rolls a workload on a template change while a client asks its pods. */
export async function rolls(t: ExecutionContext, stage: Stage, kind: Kind): Promise<void> {
  const namespace = `rolling-${kind}`;
  await stage.createNamespace(namespace);
  const count = kind === 'daemonsets' ? 2 : 3;
  const workloads = `/apis/apps/v1/namespaces/${namespace}/${kind}`;
  const spec = {
    selector: { matchLabels: { app: 'shop' } },
    template: serverTemplate('shop', 'one'),
    ...(kind === 'daemonsets' ? {} : { replicas: count }),
    ...(kind === 'statefulsets' ? { serviceName: 'shop' } : {}),
  };
  const startedAt = performance.now();
  await stage.make(workloads, { metadata: { name: 'shop' }, spec });
  await awaitComplete(stage, `${workloads}/shop`, count);
  const completeAt = performance.now();

  const stopTraffic = await sendTraffic(stage, { namespace, count });
  const template = serverTemplate('shop', 'two');
  await stage.api.call('PATCH', `${workloads}/shop`, { spec: { template } }, merge);
  await awaitComplete(stage, `${workloads}/shop`, count);
  const rolledAt = performance.now();
  const settled = await until(
    async () => {
      const pods = await stage.podsIn(namespace);
      return pods.length === count && pods;
    },
    { what: 'the old pods are gone' },
  );
  const { answered, lost, versions, fewestReady } = await stopTraffic();
  t.deepEqual(lost, []);
  t.deepEqual([...versions], ['one', 'two']);
  t.is(new Set(settled.map(({ metadata }) => metadata.uid)).size, count);

  await stage.api.call('DELETE', `${workloads}/shop?propagationPolicy=Background`);
  await until(async () => (await stage.podsIn(namespace)).length === 0, {
    what: 'all pods are gone',
  });
  t.log(
    `${kind}: complete after ${Math.round(completeAt - startedAt)} ms,`,
    `rolled in ${Math.round(rolledAt - completeAt)} ms,`,
    `${answered} requests answered, none lost, never fewer than ${fewestReady} of ${count} ready`,
  );
}
