import { member, objectAt, textAt, type JsonObject } from '../../json.ts';
import { countAt, type WorkloadKind } from './metadata.ts';

/** How a change of its template becomes new pods, with Kubernetes' defaults where nothing is said. */
export interface Strategy {
  /** `RollingUpdate`, `Recreate` or `OnDelete`. */
  readonly type: string;
  /** A number of pods, or a share of them such as `25%`. */
  readonly maxUnavailable: number | string;
  readonly maxSurge: number | string;
  /** A StatefulSet's pods of a lower number keep their template. */
  readonly partition: number;
  readonly isPaused: boolean;
  readonly minReadySeconds: number;
  /** Only a Deployment has one. */
  readonly progressDeadlineSeconds: number | undefined;
  readonly revisionHistoryLimit: number;
}

const usual = {
  Deployment: { field: 'strategy', maxUnavailable: '25%', maxSurge: '25%' },
  StatefulSet: { field: 'updateStrategy', maxUnavailable: 1, maxSurge: 0 },
  DaemonSet: { field: 'updateStrategy', maxUnavailable: 1, maxSurge: 0 },
} as const satisfies Record<WorkloadKind, object>;

export function readStrategy(kind: WorkloadKind, spec: JsonObject): Strategy {
  const { field, ...otherwise } = usual[kind];
  const strategy = objectAt(spec, field) ?? {};
  const rolling = objectAt(strategy, 'rollingUpdate') ?? {};
  return {
    type: textAt(strategy, 'type') ?? 'RollingUpdate',
    maxUnavailable: amountAt(rolling, 'maxUnavailable') ?? otherwise.maxUnavailable,
    maxSurge: amountAt(rolling, 'maxSurge') ?? otherwise.maxSurge,
    partition: countAt(rolling, 'partition'),
    isPaused: member(spec, 'paused') === true,
    minReadySeconds: countAt(spec, 'minReadySeconds'),
    progressDeadlineSeconds:
      kind === 'Deployment' ? countAt(spec, 'progressDeadlineSeconds', 600) : undefined,
    revisionHistoryLimit: countAt(spec, 'revisionHistoryLimit', 10),
  };
}

function amountAt(object: JsonObject, key: string): number | string | undefined {
  const value = member(object, key);
  return typeof value === 'number' || typeof value === 'string' ? value : undefined;
}
