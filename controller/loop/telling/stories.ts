import type { About, LoopFact } from '../../../domain/restart/facts.ts';
import { adviceOn } from '../../../domain/restart/judge/advice.ts';
import type { Breaker } from '../../../domain/restart/plan.ts';
import type { Seconds } from '../../../domain/restart/records/metadata.ts';
import type { Cause, Judgement, Verdict } from '../../../domain/restart/verdict.ts';
import type { Told } from '../../../domain/status/told.ts';
import type { Change } from '../looking/view.ts';
import { createWaits } from './waits.ts';

/** What of a round is worth telling: only what is another than it was. */
export interface Stories {
  /** In each round: what has become of restarts, and of what waits without a known end. */
  readonly outcomes: (changes: readonly Change[], now: Seconds) => readonly LoopFact[];
  readonly verdict: (told: Told) => readonly LoopFact[];
  /** What is gone and comes again begins anew. */
  readonly forget: (workload: string) => void;
  readonly breakers: (breakers: ReadonlyMap<string, Breaker>, now: Seconds) => readonly LoopFact[];
}

export function createStories(): Stories {
  const told = new Map<string, string>();
  const waits = createWaits();
  let open: ReadonlyMap<string, Breaker> | undefined;

  return {
    outcomes: (changes, now) => [
      ...changes.flatMap((change) => outcomeOf(change, now) ?? []),
      ...waits.see(changes, now).flatMap(({ judgement, isNews }) => keptWaiting(judgement, isNews)),
    ],
    verdict: ({ judgement, verdict }) => {
      const story = storyOf(verdict);
      if (story === undefined) return [];
      const full = `${story} ${askedBy(judgement)}`;
      if (told.get(judgement.key) === full) return [];
      told.set(judgement.key, full);
      return factOf(judgement, verdict);
    },
    forget: (workload) => {
      told.delete(workload);
    },
    breakers: (breakers, now) => {
      const before = open;
      open = breakers;
      const opened = [...breakers].filter(([name, { since }]) =>
        // What a former leader saw open has been told by it.
        before ? !before.has(name) : since === now,
      );
      const closed = [...(before?.keys() ?? [])].filter((name) => !breakers.has(name));
      return [
        ...opened.map(([instrumentation, { since, workload, reason }]): LoopFact => ({
          type: 'BreakerOpened',
          instrumentation,
          since,
          workload,
          reason,
        })),
        ...closed.map((instrumentation): LoopFact => ({ type: 'BreakerClosed', instrumentation })),
      ];
    },
  };
}

const askedBy = ({ wanted }: Judgement) => (wanted.kind === 'nothing' ? '' : wanted.stamp.asked);

export const aboutOf = (judgement: Judgement): About => {
  const { kind, namespace, name, uid } = judgement.workload;
  const { wanted } = judgement;
  return {
    workload: { kind, namespace, name, uid },
    asked: askedBy(judgement),
    instrumentations: wanted.kind === 'nothing' ? [] : wanted.instrumentations,
  };
};

/** Nothing where the story is still open: what has just begun may go away by itself. */
function storyOf(verdict: Verdict): string | undefined {
  if (verdict.kind === 'current' || verdict.kind === 'exempt') return 'fine';
  if (verdict.kind === 'behind') return `behind ${verdict.reason}`;
  if (verdict.kind !== 'waiting') return `${verdict.kind} ${verdict.reason}`;
  const isOpen = verdict.reason === 'Settling' || verdict.reason === 'RolloutInProgress';
  return isOpen || verdict.cause === undefined ? undefined : `behind ${verdict.cause}`;
}

function factOf(judgement: Judgement, verdict: Verdict): readonly LoopFact[] {
  const { coverage } = judgement;
  const cause = 'cause' in verdict ? verdict.cause : undefined;
  // Whoever waits for a restart is told why it is behind: what it waits for changes all the time.
  const last = verdict.kind === 'waiting' && cause ? behind(cause) : verdict;
  const advice = adviceOn(judgement, last);
  if (advice === undefined) return [];
  const said = { ...aboutOf(judgement), coverage, advice };
  switch (last.kind) {
    case 'refused':
      return [{ type: 'WorkloadRefused', ...said, reason: last.reason, cause }];
    case 'stuck':
      return [{ type: 'WorkloadStuck', ...said, reason: last.reason, cause }];
    case 'held':
      return [{ type: 'WorkloadHeld', ...said, reason: last.reason, cause }];
    case 'behind':
      return [{ type: 'WorkloadBehind', ...said, reason: last.reason, cause: last.reason }];
    case 'waiting':
    case 'current':
    case 'exempt':
      return [];
  }
  return [];
}

function keptWaiting(judgement: Judgement, isNews: boolean): readonly LoopFact[] {
  const { verdict, coverage } = judgement;
  const advice = adviceOn(judgement, verdict);
  if (verdict.kind !== 'waiting' || advice === undefined) return [];
  const { reason, cause } = verdict;
  const said = { ...aboutOf(judgement), coverage, advice };
  return [{ type: 'WorkloadKeptWaiting', ...said, reason, cause, isNews }];
}

const behind = (reason: Cause): Verdict => ({ kind: 'behind', reason });

/** Only of a restart that was seen under way: another leader has told of the others. */
function outcomeOf({ before, now: judgement }: Change, now: Seconds): LoopFact | undefined {
  if (before === undefined || judgement === undefined) return undefined;
  const { attempt } = before;
  if (attempt.kind !== 'underWay' && attempt.kind !== 'succeeded') return undefined;
  const { attempt: after } = judgement;
  const about = { ...aboutOf(judgement), number: attempt.number };
  const isSame = after.kind !== 'none' && after.number === attempt.number;
  if (isSame && after.kind === attempt.kind) return undefined;
  if (!isSame || after.kind === 'over') {
    return attempt.kind === 'underWay' ? { type: 'RestartSuperseded', ...about } : undefined;
  }
  return endOf(after.kind, about, now - after.at);
}

type Ended = 'underWay' | 'succeeded' | 'failed' | 'didNotHelp' | 'reverted';

function endOf(
  kind: Ended,
  about: About & { readonly number: number },
  tookSeconds: Seconds,
): LoopFact | undefined {
  if (kind === 'succeeded') return { type: 'RestartSucceeded', ...about, tookSeconds };
  if (kind === 'failed') return { type: 'RestartFailed', ...about };
  if (kind === 'didNotHelp') return { type: 'RestartDidNotHelp', ...about };
  return kind === 'reverted' ? { type: 'RestartReverted', ...about } : undefined;
}
