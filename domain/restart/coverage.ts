import type { ObservedPod } from './records/pod.ts';
import type { Snapshot, Wanted } from './snapshot.ts';

/** State of one pod, by what it carries and what it asked for. */
export const podStates = [
  'current',
  'aged',
  'outdated',
  'adopted',
  'missing',
  'refused',
  'unwanted',
] as const;

export type PodState = (typeof podStates)[number];

/** How many live pods of a workload are in each state. */
export type Coverage = Readonly<Record<PodState, number>>;

export const noPods: Coverage = {
  current: 0,
  aged: 0,
  outdated: 0,
  adopted: 0,
  missing: 0,
  refused: 0,
  unwanted: 0,
};

export function coverageOf({ pods, wanted }: Pick<Snapshot, 'pods' | 'wanted'>): Coverage {
  const count: Record<PodState, number> = { ...noPods };
  for (const pod of pods) {
    const state = stateOf(pod, wanted);
    if (state !== undefined) count[state] += 1;
  }
  return count;
}

/** Of a pod that lives; one that neither asks for anything nor carries anything has no state. */
export function stateOf(pod: ObservedPod, wanted: Wanted): PodState | undefined {
  const { injected, carriesAgent } = pod;
  if (wanted.kind === 'nothing') return injected && carriesAgent ? 'unwanted' : undefined;
  const { asked, defaults } = wanted.stamp;
  if (injected) {
    if (injected.asked !== asked) return isUnknown(wanted) ? 'current' : 'outdated';
    return injected.defaults === defaults ? 'current' : 'aged';
  }
  if (carriesAgent) return 'adopted';
  if (isUnknown(wanted)) return 'missing';
  return wanted.kind === 'refused' || isDeclined(pod, wanted) ? 'refused' : 'missing';
}

/** Nobody who knows no better can say that what a pod got is out of date. */
const isUnknown = (wanted: Wanted): boolean =>
  wanted.kind === 'refused' && wanted.reason === 'InstrumentationUnreadable';

/** A webhook with settings other than ours may decline what ours would give. */
function isDeclined({ declined }: ObservedPod, { stamp }: Extract<Wanted, { kind: 'given' }>) {
  return declined?.asked === stamp.asked && declined.defaults === stamp.defaults;
}

/** What a restart would mend: pods that lack everything come before those that are out of date. */
export type Lack = 'missing' | 'outdated';

export function lackOf({ missing, refused, outdated, adopted }: Coverage): Lack | undefined {
  if (missing + refused > 0) return 'missing';
  return outdated + adopted > 0 ? 'outdated' : undefined;
}
