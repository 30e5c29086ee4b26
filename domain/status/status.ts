import type { Language } from '../injection/instrumentation/settings.ts';
import type { JsonObject } from '../json.ts';
import type { Breaker } from '../restart/plan.ts';
import type { ObservedInstrumentation } from '../restart/records/instrumentation.ts';
import { readSettings } from '../restart/plan/settings.ts';
import { attentionOf, type Attention } from './attention.ts';
import { conditionsOf, type Condition } from './conditions.ts';
import { podsOf, workloadsOf, type PodCounts, type WorkloadCounts } from './counts.ts';
import { resolve, type Resolved } from './resolved.ts';
import { writeTime, type Telling, type Told } from './told.ts';

/** What is said of an Instrumentation, member by member as its status has it. */
export interface InstrumentationStatus {
  readonly observedGeneration: number;
  readonly conditions: readonly Condition[];
  readonly pods: PodCounts;
  readonly workloads: WorkloadCounts;
  readonly resolved: Readonly<Partial<Record<Language, Resolved>>>;
  readonly attention: readonly Attention[];
  /** Undefined while restarts are not stopped. */
  readonly breaker: ToldBreaker | undefined;
  readonly settings: ToldSettings;
}

interface ToldBreaker {
  readonly since: string;
  readonly workload: string;
  readonly reason: string;
  readonly settings: string;
}

interface ToldSettings {
  readonly digest: string;
  readonly since: string;
  readonly followed: readonly string[];
}

/** The status that an Instrumentation is to have: equal to the one it has where nothing is new. */
export function statusOf(
  instrumentation: ObservedInstrumentation,
  asking: readonly Told[],
  telling: Telling,
): InstrumentationStatus {
  const name = `${instrumentation.namespace}/${instrumentation.name}`;
  const breaker = telling.plan.breakers.get(name);
  const pods = podsOf(asking);
  return {
    observedGeneration: instrumentation.generation,
    conditions: conditionsOf({ instrumentation, asking, pods, breaker, telling }),
    pods,
    workloads: workloadsOf(asking),
    resolved: resolve(instrumentation.settings, telling.defaults),
    attention: attentionOf(asking),
    breaker: breaker && tellBreaker(breaker),
    settings: tellSettings(instrumentation, telling.plan.follows.has(name), telling.now),
  };
}

const tellBreaker = ({ since, workload, reason, settings }: Breaker): ToldBreaker => ({
  since: writeTime(since),
  workload,
  reason,
  settings,
});

const weekSeconds = 7 * 86_400;

/** What has left the window is dropped only when there is something new: else age alone would make writes. */
function tellSettings(
  instrumentation: ObservedInstrumentation,
  isFollowed: boolean,
  now: number,
): ToldSettings {
  const { digest, since = now, followed } = readSettings(instrumentation);
  const isNew = isFollowed && !followed.includes(since);
  const kept = isNew ? [...followed.filter((at) => at > now - weekSeconds), since] : followed;
  return { digest, since: writeTime(since), followed: kept.map(writeTime) };
}

/** As JSON, where a member that is undefined is not there. */
export const statusJson = ({ breaker, ...status }: InstrumentationStatus): JsonObject =>
  (breaker === undefined ? status : { ...status, breaker }) as unknown as JsonObject;
