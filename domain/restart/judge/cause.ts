import { stateOf, type Lack } from '../coverage.ts';
import type { ObservedPod } from '../records/pod.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Cause } from '../verdict.ts';
import { youngestOf, type Rollout } from './rollout.ts';

/** Words why pods lack what they asked for. The youngest tells the latest news. */
export function causeOf(snapshot: Snapshot, rollout: Rollout, lack: Lack): Cause {
  if (lack === 'outdated') return 'InstrumentationChanged';
  const pod = youngestOf(snapshot.pods, (one) => {
    const state = stateOf(one, snapshot.wanted);
    return state === 'missing' || state === 'refused';
  });
  return pod ? causeOfOne(pod, snapshot, rollout) : 'WebhookMissed';
}

function causeOfOne(pod: ObservedPod, { askedSince }: Snapshot, { otherPods }: Rollout): Cause {
  const { instrumentation = 0, request = 0 } = askedSince;
  // Within one second the pod was first if the webhook has seen it, and had nothing to give.
  const tie = pod.declined === undefined ? 0 : 1;
  if (instrumentation + tie > pod.createdAt) return 'PodsPredateInstrumentation';
  // A template that asks by itself is newer than the pods of an earlier one.
  if (request > pod.createdAt || otherPods.includes(pod)) return 'PodsPredateRequest';
  return 'WebhookMissed';
}
