import type { Seconds } from '../records/metadata.ts';
import type { Workload } from '../records/workload.ts';
import type { Judgement } from '../verdict.ts';
import { failureHoldsSeconds, type Budget, type Gate, type Round } from './round.ts';

type Limits = Pick<Budget, 'atOnce' | 'atOncePerNamespace' | 'statefulAtOnce'>;

/** How many restarts are under way at once: in all, in each namespace, and of those that keep state. */
export function slotGate(
  { judgements, now }: Pick<Round, 'judgements' | 'now'>,
  limits: Limits,
): Gate {
  const holders = judgements.filter((one) => holdsSlot(one, now));
  const taken = new Map<string, Holders>();
  const all = { ...nobody };
  const note = (judgement: Judgement) => {
    const here = taken.get(judgement.workload.namespace) ?? { ...nobody };
    taken.set(judgement.workload.namespace, here);
    count(here, judgement);
    count(all, judgement);
  };
  holders.forEach(note);
  const until = freedAt(holders, now);

  const isBusy = ({ workload, isBlind }: Judgement): boolean => {
    const here = taken.get(workload.namespace) ?? nobody;
    // Nobody would notice that it harms its neighbours' only other copy, so nothing else moves there.
    if (here.blind > 0 || (isBlind && here.restarts > 0)) return true;
    if (here.restarts >= limits.atOncePerNamespace || all.restarts >= limits.atOnce) return true;
    return keepsState(workload) && all.stateful >= limits.statefulAtOnce;
  };
  return {
    whyNot: (candidate) => (isBusy(candidate) ? { reason: 'Busy', until } : undefined),
    take: note,
  };
}

interface Holders {
  restarts: number;
  stateful: number;
  blind: number;
}

const nobody: Readonly<Holders> = { restarts: 0, stateful: 0, blind: 0 };

function count(holders: Holders, { workload, isBlind }: Judgement): void {
  holders.restarts += 1;
  holders.stateful += Number(keepsState(workload));
  holders.blind += Number(isBlind);
}

const keepsState = ({ kind }: Workload) => kind !== 'Deployment';

export function holdsSlot({ attempt }: Judgement, now: Seconds): boolean {
  if (attempt.kind === 'underWay') return true;
  return attempt.kind === 'failed' && now < attempt.at + failureHoldsSeconds;
}

/** The others end when their pods say so. */
function freedAt(holders: readonly Judgement[], now: Seconds): Seconds | undefined {
  const ends = holders.flatMap(({ attempt }) =>
    attempt.kind === 'failed' ? [attempt.at + failureHoldsSeconds] : [],
  );
  return ends.length === 0 ? undefined : Math.max(now + 1, Math.min(...ends));
}
