import type { Seconds } from '../records/metadata.ts';
import type { ObservedPod } from '../records/pod.ts';
import type { Revision } from '../records/revision.ts';
import type { Marker } from '../records/template.ts';
import type { Workload } from '../records/workload.ts';
import type { Snapshot } from '../snapshot.ts';

/** How the last change of a workload's template is going. */
export interface Rollout {
  /** Made of the live template; absent until its controller has seen the template. */
  readonly revision: Revision | undefined;
  /** The latest of another template. */
  readonly previous: Revision | undefined;
  /** Live pods of the revision, and of all others. */
  readonly pods: readonly ObservedPod[];
  readonly otherPods: readonly ObservedPod[];
  readonly isComplete: boolean;
  /** Nobody but us has changed the template since we restarted it last. */
  readonly isOurs: boolean;
}

type Source = Pick<Snapshot, 'workload' | 'revisions' | 'pods'>;

/**
 * Counters and pods arrive by different watches, and right after a change every counter still says
 * "complete": only template, revision, counters and pods together tell that a rollout is over.
 */
export function rolloutOf({ workload, revisions, pods }: Source): Rollout {
  const [newest] = revisions;
  const revision = newest && isRevisionOf(newest, workload) ? newest : undefined;
  const ofRevision = (pod: ObservedPod) =>
    revision?.hash !== undefined && pod.revision === revision.hash;
  const otherPods = pods.filter((pod) => !ofRevision(pod));
  return {
    revision,
    previous: revision ? revisions[1] : newest,
    pods: otherPods.length === 0 ? pods : pods.filter(ofRevision),
    otherPods,
    isComplete: revision !== undefined && otherPods.length === 0 && isCounted(workload, revision),
    isOurs: isOurs(workload, revisions, revision),
  };
}

const isRevisionOf = (revision: Revision, { digest, marker }: Workload) =>
  revision.digest === digest && isSameMarker(revision.marker, marker);

export const isSameMarker = (one: Marker | undefined, other: Marker | undefined): boolean =>
  one === other ||
  (one !== undefined &&
    other !== undefined &&
    one.number === other.number &&
    one.asked === other.asked &&
    one.times[0] === other.times[0]);

/** Other tools move a generation without a change, so that it proves nothing by itself. */
function isCounted({ kind, generation, counters }: Workload, revision: Revision): boolean {
  const { observedGeneration, desired, current, updated, available } = counters;
  if (observedGeneration < generation || updated < desired || available < desired) return false;
  if (kind === 'Deployment') return current <= updated;
  if (kind === 'DaemonSet') return true;
  const { currentRevision, updateRevision } = counters;
  return updateRevision === revision.name && currentRevision === updateRevision;
}

/**
 * Each restart of ours is a new template with a revision of its own: where an earlier revision has
 * the marker already, its owner has deployed over it since; where a later one has been told of, its
 * owner has gone back.
 */
function isOurs(
  { marker }: Workload,
  revisions: readonly Revision[],
  revision: Revision | undefined,
): boolean {
  if (marker === undefined) return false;
  if (revisions.some((one) => (one.marker?.number ?? 0) > marker.number)) return false;
  const carriers = revisions.filter((one) => isSameMarker(one.marker, marker));
  return carriers.length === 0 || (carriers.length === 1 && carriers[0] === revision);
}

/** The pods that a restart itself has made: those that come much later come for other reasons. */
export const bornOf = ({ revision, pods }: Rollout): readonly ObservedPod[] =>
  pods.filter(({ createdAt }) => createdAt <= (revision?.createdAt ?? 0) + birthSeconds);

const birthSeconds = 15 * 60;

/** Their containers have gone so long without a restart; one that does not run has not. */
export const haveRunFor = (pods: readonly ObservedPod[], seconds: number, now: Seconds): boolean =>
  pods.every(({ startedAt }) => startedAt !== undefined && now - startedAt >= seconds);

/** Of two that are equally young always the same one, so that what is told does not flap. */
export function youngestOf(
  pods: readonly ObservedPod[],
  isMeant: (pod: ObservedPod) => boolean,
): ObservedPod | undefined {
  let youngest: ObservedPod | undefined;
  for (const pod of pods)
    if (isMeant(pod) && (youngest === undefined || isYounger(pod, youngest))) youngest = pod;
  return youngest;
}

const isYounger = (one: ObservedPod, other: ObservedPod) =>
  one.createdAt === other.createdAt ? one.uid > other.uid : one.createdAt > other.createdAt;
