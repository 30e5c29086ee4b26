import type { ExecutionContext } from 'ava';
import { startKubelet, type KubeletOptions } from '../../../sandbox/kubelet/kubelet.ts';
import type { ContainerStatus, Pod } from '../../../sandbox/kubelet/pod/shapes.ts';
import type { Part } from '../../../sandbox/kubelet/scripted.ts';
import { until } from '../../cluster/until.ts';
import { make, type Plane } from '../stage/plane.ts';
import { isReady } from '../stage/stage.ts';
import { awaitComplete, kinds, type Kind } from './workloads.ts';

interface Seen extends Pod {
  readonly status: NonNullable<Pod['status']> & {
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

const template = (app: string) => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: 'app', image: 'nowhere' }] },
});

function deploy({ api }: Plane, namespace: string, kind: Kind): Promise<void> {
  const spec = {
    selector: { matchLabels: { app: kind } },
    template: template(kind),
    ...(kind === 'daemonsets' ? {} : { replicas: 1 }),
    ...(kind === 'statefulsets' ? { serviceName: 'shop' } : {}),
  };
  return make(api, `/apis/apps/v1/namespaces/${namespace}/${kind}`, {
    metadata: { name: 'shop' },
    spec,
  });
}

async function withKubelet(
  t: ExecutionContext,
  { api }: Plane,
  options: Pick<KubeletOptions, 'mode' | 'script'>,
) {
  const kubelet = await startKubelet({ api, ...options });
  t.teardown(() => kubelet.stop());
  return kubelet;
}

interface List {
  readonly items: readonly object[];
}

/** Without a process, and without a place: that is enough for workloads to be complete, and to go. */
export async function statusIsEnough(t: ExecutionContext, plane: Plane): Promise<void> {
  const namespace = 'status-only';
  await withKubelet(t, plane, { mode: 'status-only' });
  await plane.createNamespace(namespace);
  const countOf = async (path: string) =>
    (await plane.api.call<List>('GET', path)).body.items.length;
  // Other tests may have left nodes, and a DaemonSet does not mind how they are.
  const nodes = await countOf('/api/v1/nodes');
  for (const kind of kinds) {
    await deploy(plane, namespace, kind);
    const path = `/apis/apps/v1/namespaces/${namespace}/${kind}/shop`;
    await awaitComplete(plane, path, kind === 'daemonsets' ? nodes : 1);
    await plane.api.call('DELETE', `${path}?propagationPolicy=Background`);
  }
  await until(async () => (await countOf(`/api/v1/namespaces/${namespace}/pods`)) === 0, {
    what: 'all pods are gone',
  });
  t.pass();
}

const restartsOf = ({ status }: Seen) => status.containerStatuses?.[0]?.restartCount ?? 0;
const reasonOf = ({ status }: Seen) => status.containerStatuses?.[0]?.state.waiting?.reason;

/** A pod is what the script says, from when it says so. */
export async function podsFollowTheScript(t: ExecutionContext, plane: Plane): Promise<void> {
  const namespace = 'scripted';
  let part: Part = 'unschedulable';
  const kubelet = await withKubelet(t, plane, { mode: 'scripted', script: () => part });
  await plane.createNamespace(namespace);
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  await make(plane.api, pods, { ...template('shop'), metadata: { name: 'shop' } });
  const awaitPod = (what: string, holds: (pod: Seen) => boolean) =>
    until(
      async () => {
        const { body } = await plane.api.call<Seen>('GET', `${pods}/shop`);
        return holds(body) && body;
      },
      { what: `the pod ${what}` },
    );
  const become = async (next: Part) => {
    part = next;
    await kubelet.askAgain();
  };
  await awaitPod('has no place', ({ status }) =>
    (status.conditions ?? []).some(({ reason }) => reason === 'Unschedulable'),
  );
  await become('unready');
  await awaitPod('runs unready', (pod) => pod.status.phase === 'Running' && !isReady(pod));
  await become('ready');
  await awaitPod('is ready', isReady);
  await become('crashing');
  await awaitPod('crashes', (pod) => reasonOf(pod) === 'CrashLoopBackOff' && restartsOf(pod) === 1);
  await become('crashing');
  await awaitPod('crashes again', (pod) => restartsOf(pod) === 2);
  await become('ready');
  const pod = await awaitPod('is ready again', isReady);
  t.is(restartsOf(pod), 2);
}
