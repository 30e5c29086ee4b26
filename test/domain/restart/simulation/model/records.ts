import type { Mark } from '../../../../../domain/injection/stamp.ts';
import type { JsonObject } from '../../../../../domain/json.ts';
import type { Applied } from '../../../../../domain/restart/records/applied.ts';
import type {
  Owner,
  Seconds,
  WorkloadKind,
} from '../../../../../domain/restart/records/metadata.ts';
import type { ObservedPod } from '../../../../../domain/restart/records/pod.ts';
import type { Revision } from '../../../../../domain/restart/records/revision.ts';
import type { Strategy } from '../../../../../domain/restart/records/strategy.ts';
import type { TemplateMark } from '../../../../../domain/restart/records/template.ts';
import type { Condition, Workload } from '../../../../../domain/restart/records/workload.ts';

/** How the pods of a workload live. */
export interface Behaviour {
  /** From birth to a running container. */
  readonly startSeconds: number;
  /** From a running container to a ready one; without a probe that is no time at all. */
  readonly readySeconds: number;
  /** So long a container with the agent runs before it crashes. */
  readonly agentCrashesAfter?: number | undefined;
  /** It runs and is never ready. */
  readonly agentNeverReady?: boolean | undefined;
}

export interface ModelPod {
  readonly uid: string;
  readonly name: string;
  readonly revision: ModelRevision;
  readonly createdAt: Seconds;
  /** Of a StatefulSet the ordinal, of a DaemonSet the node. */
  readonly seat: number;
  readonly injected: Mark | undefined;
  readonly declined: Mark | undefined;
  readonly carriesAgent: boolean;
  deletedAt: Seconds | undefined;
  isGone: boolean;
  isReady: boolean;
  readinessAt: Seconds | undefined;
  startedAt: Seconds | undefined;
  restarts: number;
  waiting: string | undefined;
  terminated: string | undefined;
}

export interface ModelRevision {
  readonly uid: string;
  readonly name: string;
  readonly hash: string;
  readonly createdAt: Seconds;
  readonly template: JsonObject;
  readonly mark: TemplateMark;
  readonly key: string;
  number: number;
}

export interface ModelWorkload {
  readonly key: string;
  readonly kind: WorkloadKind;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly createdAt: Seconds;
  version: number;
  generation: number;
  template: JsonObject;
  mark: TemplateMark;
  annotations: JsonObject;
  replicas: number;
  strategy: Strategy;
  behaviour: Behaviour;
  applied: Applied;
  owner: Owner | undefined;
  readonly isAdopted: boolean;
  /** Seats whose pods never start, since their nodes are dead. */
  deadSeats: ReadonlySet<number>;
  revisions: ModelRevision[];
  pods: ModelPod[];
  observedGeneration: number;
  updated: number;
  isExpired: boolean;
  /** When the last progress was seen; undefined while there is none to wait for. */
  progressAt: Seconds | undefined;
  currentRevision: string | undefined;
  isGone: boolean;
  isDue: boolean;
  /** The counters as they were last written. */
  told: Summary | undefined;
}

export interface Summary {
  readonly seen: number;
  readonly updated: number;
  readonly pods: number;
  readonly ready: number;
  readonly available: number;
  readonly isExpired: boolean;
  readonly current: string | undefined;
  readonly newest: string | undefined;
}

/** A template and its marker: what tells one revision from another. */
export const revisionKey = ({ digest, marker }: TemplateMark): string =>
  marker ? `${digest} ${marker.asked} ${marker.number} ${marker.times.join()}` : digest;

export const newestOf = (workload: ModelWorkload): ModelRevision | undefined =>
  workload.revisions.reduce<ModelRevision | undefined>(
    (one, other) => (one && one.number > other.number ? one : other),
    undefined,
  );

export const livePods = ({ pods }: ModelWorkload): readonly ModelPod[] =>
  pods.filter(({ deletedAt }) => deletedAt === undefined);

export const isAvailable = (pod: ModelPod, { strategy }: ModelWorkload, now: Seconds): boolean =>
  pod.isReady &&
  pod.deletedAt === undefined &&
  now - (pod.readinessAt ?? now) >= strategy.minReadySeconds;

/** Counters are as old as the last write of the controllers, also when somebody else has written since. */
export function workloadRecord(model: ModelWorkload): Workload {
  const { mark, told, ...rest } = model;
  return {
    kind: model.kind,
    namespace: rest.namespace,
    name: rest.name,
    uid: rest.uid,
    createdAt: rest.createdAt,
    deletedAt: undefined,
    version: String(rest.version),
    generation: rest.generation,
    labels: {},
    annotations: rest.annotations,
    owner: rest.owner,
    applied: rest.applied,
    template: rest.template,
    strategy: rest.strategy,
    counters: {
      observedGeneration: told?.seen ?? 0,
      desired: rest.replicas,
      current: told?.pods ?? 0,
      updated: told?.updated ?? 0,
      ready: told?.ready ?? 0,
      available: told?.available ?? 0,
      currentRevision: told?.current,
      updateRevision: rest.kind === 'StatefulSet' ? told?.newest : undefined,
      conditions:
        told?.isExpired === true
          ? [progressing('False', 'ProgressDeadlineExceeded')]
          : [progressing('True', 'ReplicaSetUpdated')],
    },
    ...mark,
  };
}

const progressing = (status: string, reason: string): Condition => ({
  type: 'Progressing',
  status,
  reason,
  saidAt: undefined,
});

export const revisionRecord = (revision: ModelRevision, workload: ModelWorkload): Revision => ({
  kind: workload.kind === 'Deployment' ? 'ReplicaSet' : 'ControllerRevision',
  namespace: workload.namespace,
  name: revision.name,
  uid: revision.uid,
  createdAt: revision.createdAt,
  deletedAt: undefined,
  owner: { kind: workload.kind, name: workload.name, uid: workload.uid },
  number: revision.number,
  hash: revision.hash,
  replicas: undefined,
  ...revision.mark,
});

export const podRecord = (pod: ModelPod, workload: ModelWorkload): ObservedPod => ({
  namespace: workload.namespace,
  name: pod.name,
  uid: pod.uid,
  createdAt: pod.createdAt,
  deletedAt: pod.deletedAt,
  owner: undefined,
  revision: pod.revision.hash,
  injected: pod.injected,
  declined: pod.declined,
  carriesAgent: pod.carriesAgent,
  phase: pod.startedAt === undefined && pod.waiting === undefined ? 'Pending' : 'Running',
  isReady: pod.isReady,
  readinessAt: pod.readinessAt,
  startedAt: pod.startedAt,
  containers: [
    {
      name: 'app',
      isInit: false,
      restarts: pod.restarts,
      waiting: pod.waiting,
      terminated: pod.terminated,
    },
  ],
});
