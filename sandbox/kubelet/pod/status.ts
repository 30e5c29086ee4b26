import { timeOf, type Condition, type ContainerStatus, type PodView } from './shapes.ts';

export interface PodStatus {
  readonly phase: string;
  readonly conditions: readonly Condition[];
  readonly [field: string]: unknown;
}

/** The status that workload controllers go by; `known` are the conditions as they were. */
export function statusOf(view: PodView, known: readonly Condition[], now: Date): PodStatus {
  const { podIp, hostIp } = view.facts;
  const phase = phaseOf(view);
  const isMain = Map.groupBy(view.containers, ({ role }) => role === 'main');
  const statusesOf = (wanted: boolean) => (isMain.get(wanted) ?? []).map(({ status }) => status);
  return {
    phase,
    conditions: conditionsOf(view, phase).map((condition) => {
      const before = known.find(({ type }) => type === condition.type);
      const since = before?.status === condition.status ? before.lastTransitionTime : undefined;
      return { ...condition, lastTransitionTime: since ?? timeOf(now) };
    }),
    hostIP: hostIp,
    podIP: podIp,
    podIPs: [{ ip: podIp }],
    initContainerStatuses: statusesOf(false),
    containerStatuses: statusesOf(true),
  };
}

/** A container that waits to be started again counts as ended, not as one that never ran. */
function phaseOf({ pod, containers, isInitialized, isOver }: PodView): string {
  const { restartPolicy: policy = 'Always' } = pod.spec;
  const hasFailed = containers.some(
    ({ role, status }) => role !== 'sidecar' && (endOf(status)?.exitCode ?? 0) !== 0,
  );
  const goesOn = !isOver && (policy === 'Always' || (policy === 'OnFailure' && hasFailed));
  if (!isInitialized) return hasFailed && !goesOn ? 'Failed' : 'Pending';
  if (containers.some(({ status: { state } }) => state.running)) return 'Running';
  if (containers.some(({ status }) => !endOf(status))) return isOver ? 'Failed' : 'Pending';
  if (goesOn) return 'Running';
  return hasFailed ? 'Failed' : 'Succeeded';
}

const endOf = ({ state, lastState }: ContainerStatus) => state.terminated ?? lastState.terminated;

function conditionsOf({ containers, isInitialized }: PodView, phase: string): readonly Condition[] {
  const areWell = containers.every(({ role, status }) => role === 'init' || status.ready);
  const areReady = isInitialized && areWell && phase === 'Running';
  const why = { Succeeded: 'PodCompleted', Failed: 'PodFailed' }[phase] ?? 'ContainersNotReady';
  return [
    condition('Initialized', isInitialized, 'ContainersNotInitialized'),
    condition('ContainersReady', areReady, why),
    condition('Ready', areReady, why),
  ];
}

/** A merge by type keeps what it is not told about: hence the null. */
const condition = (type: string, holds: boolean, why: string): Condition => ({
  type,
  status: holds ? 'True' : 'False',
  reason: holds ? null : why,
});
