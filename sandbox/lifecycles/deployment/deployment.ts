import type { Fields } from '../../api.ts';
import { create, patch, writeStatus, type Change } from '../changes.ts';
import { hashOf } from '../history.ts';
import { isLeaving, signed } from '../pods.ts';
import type { Workload, World } from '../shapes.ts';
import { hashLabel, notesFor, readFamily, revisionName, type Family } from './family.ts';
import { clear, forget, resize, resized, roll, shrink, sizeOf, type Size } from './sizes.ts';
import { countStatus, find, isComplete, report, say } from './status.ts';

/**
 * Brings a Deployment's ReplicaSets one step nearer to what it says.
 *
 * A step writes the status once. When it announces a pause or a revision, that write does not say
 * which generation was seen: whoever trusts the counters must wait for the next.
 */
export function advanceDeployment(
  deployment: Workload,
  { replicaSets }: World,
  now: number,
): readonly Change[] {
  if (isLeaving(deployment)) return [];
  const family = readFamily(deployment, replicaSets);
  const pause = announcePause(deployment, now);
  const told = tellCurrent(family);
  if (told.length > 0) return [...pause, ...told];
  const counts = () => writeStatus('deployments', deployment, countStatus(family, now));
  const changes = [
    ...pause,
    ...announceRevision(family, now),
    ...(deployment.spec.paused === true ? counts() : rollOut(family, now)),
  ];
  const first = changes.find(({ kind }) => kind === 'status');
  return changes.filter((change) => change.kind !== 'status' || change === first);
}

/** A rollout that stands still because it is paused must not miss its deadline. */
function announcePause(deployment: Workload, now: number): readonly Change[] {
  const { conditions = [] } = deployment.status ?? {};
  const reason = find(conditions, 'Progressing')?.reason;
  const isPaused = deployment.spec.paused === true;
  const isKnown = isPaused === (reason === 'DeploymentPaused');
  if (isKnown || reason === 'ProgressDeadlineExceeded') return [];
  const saying = isPaused ? 'DeploymentPaused' : 'DeploymentResumed';
  const said = { conditions: say(conditions, saying, now) };
  return writeStatus('deployments', deployment, said);
}

/** The ReplicaSet hears first what has changed for it, its number before all. */
function tellCurrent(family: Family): readonly Change[] {
  const { current, deployment } = family;
  if (current === undefined) return [];
  const { minReadySeconds = 0 } = deployment.spec;
  const annotations = notesFor(family);
  const known = current.metadata.annotations;
  const isTold = Object.entries(annotations).every(([name, text]) => known?.[name] === text);
  if (isTold && (current.spec.minReadySeconds ?? 0) === minReadySeconds) return [];
  return [patch('replicasets', current, { metadata: { annotations }, spec: { minReadySeconds } })];
}

/** Then the Deployment takes the number over. */
function announceRevision({ deployment, current }: Family, now: number): readonly Change[] {
  const revision = current?.metadata.annotations?.[revisionName];
  const isKnown = deployment.metadata.annotations?.[revisionName] === revision;
  if (current === undefined || revision === undefined || isKnown) return [];
  const { conditions = [] } = deployment.status ?? {};
  const isSilent = find(conditions, 'Progressing') === undefined;
  const said = isSilent ? say(conditions, 'NewReplicaSetCreated', now) : conditions;
  return [announce(deployment, revision, said)];
}

const announce = (
  { metadata: of }: Workload,
  revision: string | undefined,
  conditions: readonly Fields[],
): Change => ({
  kind: 'status',
  plural: 'deployments',
  of,
  body: { metadata: { annotations: { [revisionName]: revision } }, status: { conditions } },
});

/** Rolls step by step; or, recreating, clears the old pods away before a new one comes. */
function rollOut(family: Family, now: number): readonly Change[] {
  const { deployment, current, old } = family;
  const isRecreated = deployment.spec.strategy.type === 'Recreate';
  const isClear = old.every(
    ({ spec, status = {} }) => !spec.replicas && !status.replicas && !status.terminatingReplicas,
  );
  if (isRecreated && !isClear) return settle(family, clear(family), now);
  if (current !== undefined) return settle(family, roll(family, current), now);
  const room = isRecreated ? [] : shrink(family, 0);
  return [...createReplicaSet(family, now), ...room.map(resize)];
}

/** The status counts what the ReplicaSets are to have from now on. */
function settle(family: Family, sizes: readonly Size[], now: number): readonly Change[] {
  const { deployment } = family;
  const isOver = sizes.length === 0 && isComplete(deployment, deployment.status);
  return [
    ...sizes.map(resize),
    ...(isOver ? forget(family) : []),
    ...report(resized(family, sizes), now),
  ];
}

function createReplicaSet(family: Family, now: number): readonly Change[] {
  const { metadata, spec, status } = family.deployment;
  const hash = hashOf(spec.template);
  const name = `${metadata.name}-${hash}`;
  const labels = { ...spec.template.metadata?.labels, [hashLabel]: hash };
  const annotations = notesFor(family);
  const matchLabels = { ...(spec.selector['matchLabels'] as Fields), [hashLabel]: hash };
  const body = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, labels, annotations, ownerReferences: signed('Deployment', metadata) },
    spec: {
      replicas: sizeOf(family, 0),
      minReadySeconds: spec.minReadySeconds ?? 0,
      selector: { ...spec.selector, matchLabels },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  };
  const said = say(status?.conditions ?? [], 'NewReplicaSetCreated', now);
  return [
    create('replicasets', body),
    announce(family.deployment, annotations[revisionName], said),
  ];
}
