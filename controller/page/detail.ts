import { reasons, type Entry, type Reason } from '../../domain/reasons.ts';
import { stateOf, type PodState } from '../../domain/restart/coverage.ts';
import { adviceOn } from '../../domain/restart/judge/advice.ts';
import type { ObservedPod } from '../../domain/restart/records/pod.ts';
import type { Wanted } from '../../domain/restart/snapshot.ts';
import type { Judgement, Verdict } from '../../domain/restart/verdict.ts';
import { lastWord, rowOf } from './rows.ts';
import type { Sources } from './sight.ts';
import { states, type Detail, type PodLine } from './wire.ts';

/** Nobody reads more of them, and the worst come first. */
const mostPods = 200;

/** One workload with its pods; nothing, where there is none or this replica does not lead. */
export function detailOf(key: string, { sight, podsOf }: Sources): Detail | undefined {
  const seen = sight();
  const judgement = seen.kind === 'leading' ? seen.judgements.get(key) : undefined;
  if (seen.kind !== 'leading' || judgement === undefined) return undefined;
  const { workload, wanted } = judgement;
  const verdict = lastWord(judgement, seen.plan);
  const advice = adviceOn(judgement, verdict);
  const cause = 'cause' in verdict ? verdict.cause : undefined;
  const living = podsOf(workload).filter(isLive);
  const lines = living.map((pod) => lineOf(pod, judgement, verdict)).toSorted(byGravity);
  return {
    row: rowOf(judgement, verdict),
    summary: advice?.summary ?? 'Every pod has what it asked for.',
    remedy: advice?.remedy,
    cause: cause && reasons[cause].summary,
    instrumentations: wanted.kind === 'nothing' ? [] : wanted.instrumentations,
    languages: wanted.kind === 'given' ? wanted.languages : [],
    pods: lines.slice(0, mostPods),
    more: Math.max(0, lines.length - mostPods),
  };
}

const isLive = ({ deletedAt, phase }: ObservedPod) =>
  deletedAt === undefined && phase !== 'Succeeded' && phase !== 'Failed';

function lineOf(pod: ObservedPod, judgement: Judgement, verdict: Verdict): PodLine {
  const { name, isReady, createdAt } = pod;
  const state = stateOf(pod, judgement.wanted);
  return {
    name,
    state,
    ...explain(pod, state, { judgement, verdict }),
    phase: phaseOf(pod),
    isReady,
    restarts: pod.containers.reduce((sum, { restarts }) => sum + restarts, 0),
    createdAt,
  };
}

type Explained = Pick<PodLine, 'reason' | 'summary' | 'remedy'>;

interface Context {
  readonly judgement: Judgement;
  readonly verdict: Verdict;
}

/** What is as it should be, and what has no reason of its own. */
const plain = {
  current: { summary: 'It carries the agent that it asked for.' },
  aged: {
    summary:
      'It carries the agent that it asked for, by earlier defaults of this installation. Nothing is restarted for that.',
  },
  adopted: { summary: 'It carries an agent that the OpenTelemetry Operator has injected.' },
  unwanted: { summary: 'It carries an agent, and nobody asks for one any more.' },
  none: { summary: 'It asks for no agent and carries none.' },
} as const;

function explain(pod: ObservedPod, state: PodState | undefined, context: Context): Explained {
  const { judgement, verdict } = context;
  if (state === 'refused') return refused(refusalOf(pod, judgement.wanted));
  if (state === 'outdated' || state === 'adopted' || state === 'missing') {
    const reason = state === 'missing' ? causeIn(verdict) : 'InstrumentationChanged';
    const remedy = remedyFor(judgement, verdict);
    if (state === 'adopted') return { ...plain.adopted, remedy };
    if (reason === undefined) return { summary: 'It lacks the agent that it asked for.', remedy };
    return { reason, summary: reasons[reason].summary, remedy };
  }
  return plain[state ?? 'none'];
}

function refused(reason: string | undefined): Explained {
  const entry: Entry = isReason(reason) ? reasons[reason] : reasons.UnknownRefusal;
  return { reason, summary: entry.summary, remedy: entry.remedy };
}

const isReason = (key: string | undefined): key is Reason =>
  key !== undefined && Object.hasOwn(reasons, key);

/** What the webhook wrote on the pod tells more than what it would say today. */
const refusalOf = ({ declined }: ObservedPod, wanted: Wanted) =>
  declined?.reason ?? (wanted.kind === 'refused' ? wanted.reason : undefined);

function causeIn(verdict: Verdict) {
  if (verdict.kind === 'behind') return verdict.reason;
  return 'cause' in verdict ? verdict.cause : undefined;
}

function remedyFor(judgement: Judgement, verdict: Verdict): string | undefined {
  const remedy = adviceOn(judgement, verdict)?.remedy;
  const isMended = verdict.kind === 'behind' || verdict.kind === 'waiting';
  return isMended
    ? (remedy ?? 'Nothing needs doing: the workload is restarted in its turn.')
    : remedy;
}

/** In the words that people know from `kubectl get pods`. */
function phaseOf({ phase, containers }: ObservedPod): string {
  const stopped = containers.find(({ waiting }) => waiting !== undefined);
  return stopped?.waiting ?? (phase === '' ? 'Pending' : phase);
}

const gravity = new Map<string | undefined, number>(states.map((state, index) => [state, index]));

const byGravity = (one: PodLine, other: PodLine) =>
  (gravity.get(other.state) ?? -1) - (gravity.get(one.state) ?? -1) ||
  other.createdAt - one.createdAt ||
  (one.name < other.name ? -1 : 1);
