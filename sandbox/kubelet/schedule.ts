import type { Api } from '../api.ts';
import { follow } from './follow.ts';
import { pathOf } from './pod/report.ts';
import type { Pod } from './pod/shapes.ts';
import { timeOf } from './pod/shapes.ts';

interface Office {
  readonly node: string;
  readonly signal: AbortSignal;
  readonly isRefused: (pod: Pod) => boolean;
}

/** Stands in for the scheduler: every pod without a node gets this one. The answer looks at all again. */
export async function schedule(
  api: Api,
  { node, signal, isRefused }: Office,
): Promise<() => Promise<unknown>> {
  const unbound = new Map<string, Pod>();
  const place = async (pod: Pod) => {
    unbound.set(pod.metadata.uid, pod);
    if (wants(pod, node)) await (isRefused(pod) ? refuse : bind)(api, pod, node).catch(() => {});
  };
  await follow<Pod>(api, '/api/v1/pods?fieldSelector=spec.nodeName%3D', {
    signal,
    seen: (pod) => void place(pod),
    gone: (uid) => void unbound.delete(uid),
  });
  return () => Promise.all([...unbound.values()].map(place));
}

/** Whether a pod is for the default scheduler to place, and this node may have it. */
function wants({ metadata, spec }: Pod, node: string): boolean {
  if (metadata.deletionTimestamp !== undefined) return false;
  // The pods of a DaemonSet name their node here.
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const names = (required?.nodeSelectorTerms ?? []).flatMap(({ matchFields = [] }) =>
    matchFields.filter(({ key }) => key === 'metadata.name').flatMap(({ values = [] }) => values),
  );
  return names.length === 0 || names.includes(node);
}

/** Another node may have been faster: then it is not ours, and there is nothing to do. */
async function bind(api: Api, pod: Pod, node: string): Promise<void> {
  const { name, uid } = pod.metadata;
  const target = { apiVersion: 'v1', kind: 'Node', name: node };
  const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name, uid }, target };
  await api.call('POST', `${pathOf(pod)}/binding`, binding);
}

async function refuse(api: Api, pod: Pod): Promise<void> {
  const known = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (known?.status === 'False') return;
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message: '0/1 nodes are available.',
    lastTransitionTime: timeOf(new Date()),
  };
  const type = 'application/strategic-merge-patch+json';
  const body = { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } };
  await api.call('PATCH', `${pathOf(pod)}/status`, body, { type });
}
