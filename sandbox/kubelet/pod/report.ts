import { setTimeout as pause } from 'node:timers/promises';
import type { Api } from '../../api.ts';
import type { Condition, Pod } from './shapes.ts';
import type { PodStatus } from './status.ts';

interface Subject {
  readonly pod: () => Pod;
  /** Nothing more is to be said. */
  readonly isGone: () => boolean;
  readonly status: (known: readonly Condition[]) => PodStatus;
}

const retryMs = 300;
const strategic = { type: 'application/strategic-merge-patch+json' };

/**
 * Tells the API server how a pod is: one write after the other, each with the newest state, and none
 * where nothing has changed. What is said while a write is under way goes into the next.
 */
export function openReport(api: Api, { pod, isGone, status }: Subject): () => Promise<void> {
  let known: readonly Condition[] | undefined;
  let written = '';
  let last = Promise.resolve();
  let queued: Promise<void> | undefined;
  const write = async () => {
    for (queued = undefined; !isGone(); await pause(retryMs)) {
      const said = status(known ?? pod().status?.conditions ?? []);
      if (JSON.stringify(said) === written) return;
      known = said.conditions;
      if (!(await isTold(api, pod(), said))) continue;
      written = JSON.stringify(said);
      return;
    }
  };
  return () => {
    queued ??= last.then(write);
    last = queued;
    return queued;
  };
}

/** Whether that was the last word: to a pod that is gone there is nothing to say. */
export async function isTold(api: Api, pod: Pod, status: object): Promise<boolean> {
  const body = { metadata: { uid: pod.metadata.uid }, status };
  const path = `${pathOf(pod)}/status`;
  const { code } = await api.call('PATCH', path, body, strategic).catch(() => broken);
  return [200, 404, 409, 422].includes(code);
}

/** The last thing a kubelet does for a pod: only then is it gone. */
export async function finishDeletion(api: Api, pod: Pod, signal: AbortSignal): Promise<void> {
  const body = { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } };
  for (; !signal.aborted; await pause(retryMs)) {
    const { code } = await api.call('DELETE', pathOf(pod), body).catch(() => broken);
    if ([200, 404, 409].includes(code)) return;
  }
}

const broken = { code: 0 };

export const pathOf = ({ metadata }: Pod) =>
  `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
