import type { Seconds } from '../records/metadata.ts';
import type { ContainerState, ObservedPod } from '../records/pod.ts';
import type { Workload } from '../records/workload.ts';
import type { Rollout } from './rollout.ts';

/** A container of it cannot start, or does not stay up. */
export const isSick = ({ containers }: ObservedPod): boolean =>
  containers.some(({ waiting }) => waiting === crashing || isUnstartable(waiting));

const crashing = 'CrashLoopBackOff';

const unstartable = new Set([
  'ImagePullBackOff',
  'ErrImagePull',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerError',
  'CreateContainerConfigError',
  'RunContainerError',
]);

const isUnstartable = (waiting: string | undefined) =>
  waiting !== undefined && unstartable.has(waiting);

/** Said of an earlier change until the controller has seen the present one. */
export const isPastDeadline = ({ generation, counters }: Workload): boolean =>
  counters.observedGeneration >= generation &&
  counters.conditions.some(
    ({ type, status, reason }) =>
      type === 'Progressing' && status === 'False' && reason === 'ProgressDeadlineExceeded',
  );

/** Fewer pods are made than there should be. */
export const lacksPods = ({ counters }: Workload): boolean => counters.current < counters.desired;

/** What conditions and Events are called that tell of pods which the API server does not take. */
export const refusedCreate = 'FailedCreate';

/** The API server takes no new pods of it. Only a Deployment says so itself. */
export const hasPodsRefused = ({ counters }: Workload): boolean =>
  counters.conditions.some(
    ({ type, status, reason }) =>
      type === 'ReplicaFailure' && status === 'True' && reason === refusedCreate,
  );

/** Whether the pods of a restart fail, or those that should come do not. */
export function isFailing(workload: Workload, rollout: Rollout, now: Seconds): boolean {
  return (
    rollout.pods.some((pod) => fails(pod, now)) ||
    isPastDeadline(workload) ||
    (!rollout.isComplete && isStalled(workload, rollout, now))
  );
}

const fails = (pod: ObservedPod, now: Seconds): boolean =>
  pod.containers.some((container) => crashes(container)) ||
  (now - pod.createdAt >= hiccupSeconds &&
    pod.containers.some(({ waiting }) => isUnstartable(waiting)));

/** A registry that is slow to answer once is no failure of a restart. */
const hiccupSeconds = 60;

/**
 * Between two crashes a container runs, so its restarts tell more than its state. Once may happen to
 * anybody who starts before a neighbour is ready.
 */
const crashes = ({ waiting, terminated, restarts }: ContainerState): boolean =>
  waiting === crashing || restarts >= 2 || terminated === 'OOMKilled';

function isStalled({ strategy }: Workload, { revision, pods }: Rollout, now: Seconds): boolean {
  if (revision === undefined) return false;
  const ready = pods.flatMap(({ isReady, readinessAt }) => (isReady ? (readinessAt ?? []) : []));
  const { minReadySeconds, progressDeadlineSeconds: deadline } = strategy;
  const patience = Math.max(patienceSeconds + minReadySeconds, (deadline ?? 0) + slackSeconds);
  return now - Math.max(revision.createdAt, ...ready) > patience;
}

/** Without a new ready pod. Only Deployments have a deadline of their own. */
const patienceSeconds = 10 * 60;

/** Its own controller says by its own clock when that has passed; of two clocks one may be wrong. */
const slackSeconds = 5 * 60;
