import { isObject, listAt, textAt, type JsonObject } from '../json.ts';
import type { Reason } from '../reasons.ts';
import type { Breaker } from '../restart/plan.ts';
import type { ObservedInstrumentation } from '../restart/records/instrumentation.ts';
import type { PodCounts } from './counts.ts';
import { explain } from './attention.ts';
import { commonestLack } from './lack.ts';
import { writeTime, type Telling, type Told } from './told.ts';
import { conditionWords, type ConditionWord } from './words.ts';

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly observedGeneration: number;
  readonly lastTransitionTime: string;
  readonly reason: ConditionWord | Reason;
  readonly message: string;
}

export interface Subject {
  readonly instrumentation: ObservedInstrumentation;
  readonly asking: readonly Told[];
  readonly pods: PodCounts;
  readonly breaker: Breaker | undefined;
  readonly telling: Telling;
}

type Said = Pick<Condition, 'status' | 'reason' | 'message'>;

/**
 * Ready alone is what deployment tools wait for, so a pod that lacks something never fails a
 * deployment; the last two are there only while they are true, as those tools want it.
 */
export function conditionsOf(subject: Subject): readonly Condition[] {
  const { instrumentation, telling } = subject;
  const ready = readyOf(subject);
  const said: readonly (readonly [type: string, said: Said | undefined])[] = [
    ['Ready', ready],
    ['Covered', coveredOf(subject)],
    ['Remediating', remediatingOf(subject)],
    ['Reconciling', isInvalid(ready) || ready.status === 'True' ? undefined : isTrue(ready)],
    ['Stalled', isInvalid(ready) ? isTrue(ready) : undefined],
  ];
  return said.flatMap(([type, one]) => {
    if (one === undefined) return [];
    const { status, reason, message } = one;
    const lastTransitionTime =
      transitionOf(instrumentation.status, type, status) ?? writeTime(telling.now);
    const observedGeneration = instrumentation.generation;
    return [{ type, status, observedGeneration, lastTransitionTime, reason, message }];
  });
}

const isTrue = (said: Said): Said => ({ ...said, status: 'True' });

const isInvalid = ({ reason }: Said) => reason === 'InstrumentationInvalid';

function readyOf({ instrumentation, telling: { webhook } }: Subject): Said {
  const problems = [...new Set(Object.values(instrumentation.settings.problems).flat())];
  if (problems.length > 0) {
    const message = `${explain('InstrumentationInvalid')} ${problems.join('; ')}`;
    return { status: 'False', reason: 'InstrumentationInvalid', message: message.slice(0, 4_096) };
  }
  if (webhook === 'proven') return because('True', 'Served');
  if (webhook === 'unproven') return because('False', 'WebhookUnproven');
  const before = conditionIn(instrumentation.status, 'Ready');
  const reason = before && textAt(before, 'reason');
  // A new leader has yet to ask: that is no news to anybody.
  if (reason === 'Served') return because('True', 'Served');
  return reason === 'WebhookUnproven'
    ? because('False', 'WebhookUnproven')
    : because('Unknown', 'ProbePending');
}

function coveredOf({ asking, pods }: Subject): Said {
  if (pods.wanted === 0) return because('True', 'NothingAsks');
  if (pods.current === pods.wanted) return because('True', 'AllCurrent');
  return because('False', commonestLack(asking));
}

function remediatingOf({ asking, breaker, telling: { webhook } }: Subject): Said {
  if (asking.some(isUnderWay)) return because('True', 'RestartUnderWay');
  if (breaker) return because('False', 'BreakerOpen');
  const waits = asking.flatMap(({ verdict }) => (verdict.kind === 'waiting' ? verdict.reason : []));
  // A proof that is only too old for a young pod is renewed before anybody could act on it.
  const isUnproven = webhook !== 'proven' && waits.includes('WebhookUnproven');
  if (isUnproven) return because('False', 'WebhookUnproven');
  if (waits.length > 0) return because('True', 'RestartPlanned');
  const isObserved = asking.some(
    ({ verdict }) => verdict.kind === 'held' && verdict.reason === 'ObserveOnly',
  );
  return because('False', isObserved ? 'ObserveOnly' : 'NothingToDo');
}

/** One that is still behind after the plan is in it. */
const isUnderWay = ({ judgement, verdict }: Told): boolean =>
  judgement.attempt.kind === 'underWay' || verdict.kind === 'behind';

const because = (status: Said['status'], reason: ConditionWord | Reason): Said => ({
  status,
  reason,
  message:
    reason in conditionWords
      ? conditionWords[reason as ConditionWord].summary
      : explain(reason as Reason),
});

const conditionIn = (status: JsonObject, type: string): JsonObject | undefined =>
  (listAt(status, 'conditions') ?? [])
    .filter(isObject)
    .find((condition) => textAt(condition, 'type') === type);

/** A time moves with the status of its condition, and with nothing else. */
function transitionOf(told: JsonObject, type: string, status: string): string | undefined {
  const before = conditionIn(told, type);
  return before && textAt(before, 'status') === status
    ? textAt(before, 'lastTransitionTime')
    : undefined;
}
