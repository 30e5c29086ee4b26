import type { Told } from './told.ts';

export interface PodCounts {
  readonly wanted: number;
  readonly current: number;
  readonly aged: number;
  readonly outdated: number;
  readonly adopted: number;
  readonly missing: number;
  readonly refused: number;
}

/** An aged pod has what was asked for, so it is counted among the current ones as well. */
export function podsOf(asking: readonly Told[]): PodCounts {
  let [fresh, aged, outdated, adopted, missing, refused] = [0, 0, 0, 0, 0, 0];
  for (const { judgement } of asking) {
    const { coverage } = judgement;
    fresh += coverage.current;
    aged += coverage.aged;
    outdated += coverage.outdated;
    adopted += coverage.adopted;
    missing += coverage.missing;
    refused += coverage.refused;
  }
  const current = fresh + aged;
  const wanted = current + outdated + adopted + missing + refused;
  return { wanted, current, aged, outdated, adopted, missing, refused };
}

const counted = ['current', 'behind', 'waiting', 'held', 'stuck', 'refused'] as const;

export type WorkloadCounts = Readonly<Record<(typeof counted)[number], number>>;

export const workloadsOf = (asking: readonly Told[]): WorkloadCounts => {
  const counts = { current: 0, behind: 0, waiting: 0, held: 0, stuck: 0, refused: 0 };
  for (const { verdict } of asking) if (verdict.kind !== 'exempt') counts[verdict.kind] += 1;
  return counts;
};
