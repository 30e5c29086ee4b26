import { noPods, podStates, type PodState } from '../../../domain/restart/coverage.ts';
import type { Breaker } from '../../../domain/restart/plan.ts';
import type { Seconds } from '../../../domain/restart/records/metadata.ts';
import type { Judgement, Verdict } from '../../../domain/restart/verdict.ts';
import type { Told } from '../../../domain/status/told.ts';
import type { ClusterState } from '../../../metrics/gauges.ts';

export interface Figured {
  readonly judgements: ReadonlyMap<string, Judgement>;
  /** The last word on each. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  readonly breakers: ReadonlyMap<string, Breaker>;
}

type Rest = Pick<
  ClusterState,
  'limitPerHour' | 'isProbeProven' | 'lastProofAt' | 'isStatusKept'
> & {
  /** Whether each workload is told by its name. */
  readonly inDetail: boolean;
  /** Restarts that were sent and are not in the cache yet. */
  readonly unseen: number;
};

/** The cluster as the last round left it, in numbers. */
export function figuresOf(figured: Figured, { inDetail, unseen, ...rest }: Rest): ClusterState {
  const told = toldIn(figured);
  const queue = told.filter(isQueued);
  return {
    pods: podsIn(told),
    workloads: workloadsIn(told),
    details: inDetail ? told.map(detailOf) : [],
    restartsInProgress: told.filter(isUnderWay).length + unseen,
    queueLength: queue.length,
    queueOldestAt: oldest(queue),
    breakers: [...figured.breakers.keys()].map((key) => {
      const [namespace = '', instrumentation = ''] = key.split('/');
      return { namespace, instrumentation };
    }),
    ...rest,
  };
}

function toldIn({ judgements, verdicts }: Figured): readonly Told[] {
  const told: Told[] = [];
  for (const [key, judgement] of judgements) {
    const verdict = verdicts.get(key) ?? judgement.verdict;
    if (verdict.kind !== 'exempt' || hasPods(judgement)) told.push({ judgement, verdict });
  }
  return told;
}

const hasPods = ({ coverage }: Judgement) => podStates.some((state) => coverage[state] > 0);

/** One that was sent and is not seen yet is counted by whoever sent it. */
const isUnderWay = ({ judgement: { attempt, workload } }: Told) =>
  attempt.kind === 'underWay' && attempt.number <= (workload.marker?.number ?? 0);

/** What the owner or we are rolling out right now does not wait for its turn. */
const isQueued = ({ verdict }: Told) =>
  verdict.kind === 'behind' ||
  (verdict.kind === 'waiting' &&
    verdict.cause !== undefined &&
    verdict.reason !== 'RolloutInProgress');

function oldest(queue: readonly Told[]): Seconds | undefined {
  const times = queue.flatMap(({ judgement }) => judgement.since ?? []);
  return times.length === 0 ? undefined : Math.min(...times);
}

function podsIn(told: readonly Told[]): ClusterState['pods'] {
  const counts = new Map<string, Record<PodState, number>>();
  for (const { judgement } of told) {
    const { namespace } = judgement.workload;
    const there = counts.get(namespace) ?? { ...noPods };
    for (const state of podStates) there[state] += judgement.coverage[state];
    counts.set(namespace, there);
  }
  return [...counts].flatMap(([namespace, there]) =>
    podStates.map((state) => ({ namespace, state, count: there[state] })),
  );
}

function workloadsIn(told: readonly Told[]): ClusterState['workloads'] {
  const counts = new Map<string, number>();
  for (const { judgement, verdict } of told) {
    const key = `${judgement.workload.kind}/${verdict.kind}/${reasonOf(verdict)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => {
    const [kind = '', verdict = '', reason = ''] = key.split('/');
    return { kind, verdict, reason, count };
  });
}

const reasonOf = (verdict: Verdict) => (verdict.kind === 'current' ? '' : verdict.reason);

function detailOf({ judgement, verdict }: Told): ClusterState['details'][number] {
  const { kind, namespace, name } = judgement.workload;
  return { namespace, kind, workload: name, verdict: verdict.kind, reason: reasonOf(verdict) };
}
