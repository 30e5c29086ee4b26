import { admit, type Admission } from '../injection/admit.ts';
import type { World } from '../injection/match.ts';
import type { Owner } from '../injection/sdk/owners.ts';
import { objectAt, type JsonObject } from '../json.ts';
import { policyOf, type Rules } from './judge/policy.ts';
import { selects, type DisruptionBudget } from './records/disruption.ts';
import { referencesOf, type ObservedInstrumentation } from './records/instrumentation.ts';
import type { Seconds, WorkloadKind } from './records/metadata.ts';
import type { Namespace } from './records/namespace.ts';
import type { ObservedPod } from './records/pod.ts';
import type { Revision } from './records/revision.ts';
import { workloadKey, type Workload } from './records/workload.ts';
import type { Memory, Snapshot, Wanted } from './snapshot.ts';

/** What the caches hold on one workload, in no order. */
export interface Found {
  readonly workload: Workload;
  readonly revisions: readonly Revision[];
  readonly pods: readonly ObservedPod[];
  readonly namespace: Namespace | undefined;
  /** Those that govern it: `wanted` names them. */
  readonly instrumentations: readonly ObservedInstrumentation[];
  /** All of its namespace. */
  readonly disruptionBudgets: readonly DisruptionBudget[];
  /** It changes only with the template and the world, so it is worth keeping. */
  readonly wanted: Wanted;
  readonly memory: Memory;
}

/** Makes the whole input of a judgement of what the caches hold. */
export function gather(found: Found, rules: Rules, takenAt: Seconds): Snapshot {
  const { workload, namespace, wanted, memory } = found;
  return {
    key: workloadKey(workload),
    workload,
    revisions: found.revisions.toSorted((one, other) => other.number - one.number),
    pods: found.pods.filter(isLive),
    isBeingDeleted: workload.deletedAt !== undefined || namespace?.deletedAt !== undefined,
    wanted,
    askedSince: {
      instrumentation: latest(found.instrumentations.map(({ createdAt }) => createdAt)),
      request: namespace?.askedAt,
    },
    policy: policyOf(found, rules),
    mayDisrupt: found.disruptionBudgets.every(
      (budget) => budget.disruptionsAllowed > 0 || !covers(budget, workload),
    ),
    memory,
    takenAt,
  };
}

/** A pod that is going, or has run its course, is not replaced by a restart: it says nothing. */
const isLive = ({ deletedAt, phase }: ObservedPod): boolean =>
  deletedAt === undefined && phase !== 'Succeeded' && phase !== 'Failed';

const latest = (times: readonly Seconds[]): Seconds | undefined =>
  times.length === 0 ? undefined : Math.max(...times);

/** Of its pods the labels are not kept; those of the template are what they were made with. */
const covers = ({ selector }: DisruptionBudget, { template }: Workload): boolean =>
  selects(selector, objectAt(objectAt(template, 'metadata') ?? {}, 'labels') ?? {});

/** What of a workload tells what its pods would get. */
export type Source = Pick<Workload, 'kind' | 'name' | 'uid' | 'template'>;

/** What the webhook would do with a pod made of the template as it is, and what of that counts. */
export interface Decision {
  readonly admission: Admission;
  readonly wanted: Wanted;
}

export function decisionOf({ kind, name, uid, template }: Source, world: World): Decision {
  const admission = admit(template, world, { kind: ownerKinds[kind], name, uid });
  return { admission, wanted: wantedBy(admission, template, world) };
}

export const wantedOf = (source: Source, world: World): Wanted => decisionOf(source, world).wanted;

function wantedBy(admission: Admission, template: JsonObject, world: World): Wanted {
  if (admission.kind === 'untouched') return { kind: 'nothing', reason: admission.reason };
  const { stamp, refusals } = admission;
  const instrumentations = governing(template, world);
  if (admission.kind === 'declined') {
    return { kind: 'refused', reason: admission.reason, stamp, refusals, instrumentations };
  }
  const languages = admission.given.map(({ language }) => language);
  return { kind: 'given', stamp, languages, refusals, notes: admission.notes, instrumentations };
}

const ownerKinds = {
  Deployment: 'deployment',
  StatefulSet: 'statefulset',
  DaemonSet: 'daemonset',
} as const satisfies Record<WorkloadKind, Owner['kind']>;

/** Those that are referred to and exist, also where their language is refused in the end. */
function governing(template: JsonObject, world: World): readonly string[] {
  const { namespace, instrumentations } = world;
  const annotations = objectAt(objectAt(template, 'metadata') ?? {}, 'annotations') ?? {};
  return referencesOf(annotations, namespace).flatMap((reference) => {
    const slash = reference.indexOf('/');
    const [place, name] = [reference.slice(0, slash), reference.slice(slash + 1)];
    const there = instrumentations.in(place);
    if (name !== '*') return there?.has(name) === true ? [reference] : [];
    return there?.size === 1 ? [...there.keys()].map((only) => `${place}/${only}`) : [];
  });
}
