import { create, patch, type Change, type Refusal } from '../changes.ts';
import { hashOf, referTo, type Owner } from '../pods.ts';
import type { ReplicaSet } from '../replicaset.ts';
import {
  hashLabel,
  labelled,
  names,
  readFamily,
  resize,
  sizes,
  type Deployment,
  type Family,
  type World,
} from './family.ts';
import { forget, grown, isCleared, isScaled, roll, scale } from './rollout.ts';
import {
  deadlineOf,
  find,
  isComplete,
  readStatus,
  report,
  say,
  write,
  type Saying,
} from './status.ts';

/**
 * Brings a Deployment's ReplicaSets one step nearer to what it says.
 *
 * Some steps end with a write that does not say which generation was seen: the announcements of a
 * pause and of a revision. Whoever trusts counters must wait for the write after it.
 */
export function advanceDeployment(
  deployment: Deployment,
  world: World,
  now: number,
): readonly Change[] {
  const family = readFamily(deployment, world.replicaSets);
  const status = () => write(deployment, readStatus(deployment, family, now));
  if (deployment.metadata.deletionTimestamp !== undefined) return status();

  const announced = announcePause(deployment, now) ?? announceRevision(deployment, family, now);
  if (announced !== undefined) return announced;

  if (deployment.spec.paused === true) {
    return [...scale(deployment, family), ...forget(deployment, family), ...status()];
  }
  if (isScaled(deployment, family)) return [...scale(deployment, family), ...status()];

  const isRolling = deployment.spec.strategy.type === 'RollingUpdate';
  return isRolling ? rollOn(deployment, family, { world, now }) : replace(deployment, family, { world, now });
}

interface Context {
  readonly world: World;
  readonly now: number;
}

function rollOn(deployment: Deployment, family: Family, { world, now }: Context) {
  const { current } = family;
  if (current === undefined) return createReplicaSet(deployment, family, { world, now });
  const steps = roll(deployment, family, current);
  return [...steps, ...finish(deployment, family, { steps, now })];
}

function replace(deployment: Deployment, family: Family, { world, now }: Context) {
  const { current, old } = family;
  const steps = old.flatMap((set) => resize(deployment, set, 0));
  if (steps.length > 0 || !isCleared(family, world, current)) {
    return [...steps, ...report(deployment, family, now)];
  }
  if (current === undefined) return createReplicaSet(deployment, family, { world, now });
  const growth = resize(deployment, current, deployment.spec.replicas);
  return [...growth, ...finish(deployment, family, { steps: [], now })];
}

function finish(
  deployment: Deployment,
  family: Family,
  { steps, now }: { readonly steps: readonly Change[]; readonly now: number },
) {
  const isOver = steps.length === 0 && isComplete(deployment, deployment.status ?? {});
  return [...(isOver ? forget(deployment, family) : []), ...report(deployment, family, now)];
}

/** A rollout that stands still because it is paused must not miss its deadline. */
function announcePause(deployment: Deployment, now: number): readonly Change[] | undefined {
  const conditions = deployment.status?.conditions ?? [];
  const reason = find(conditions, 'Progressing')?.reason;
  if (deadlineOf(deployment) === undefined || reason === 'ProgressDeadlineExceeded') return undefined;
  const isPaused = deployment.spec.paused === true;
  if (isPaused === (reason === 'DeploymentPaused')) return undefined;
  const saying: Saying = isPaused ? 'DeploymentPaused' : 'DeploymentResumed';
  return write(deployment, { conditions: say(conditions, saying, '', now) });
}

/** First the ReplicaSet gets its number, then the Deployment takes it over. */
function announceRevision(deployment: Deployment, { current, old }: Family, now: number) {
  if (current === undefined) return undefined;
  const { minReadySeconds = 0 } = deployment.spec;
  const { annotations: before = {} } = current.metadata;
  const annotations = labelled(deployment, old, current);
  const isTold = Object.entries(annotations).every(([name, value]) => before[name] === value);
  if (!isTold || (current.spec.minReadySeconds ?? 0) !== minReadySeconds) {
    return [patch('replicasets', current, { metadata: { annotations }, spec: { minReadySeconds } })];
  }
  const conditions = deployment.status?.conditions ?? [];
  const isNew = deadlineOf(deployment) !== undefined && find(conditions, 'Progressing') === undefined;
  const revision = annotations[names.revision] ?? '1';
  if (!isNew && deployment.metadata.annotations?.[names.revision] === revision) return undefined;
  const told = isNew ? say(conditions, 'FoundNewReplicaSet', current.metadata.name, now) : conditions;
  return announce(deployment, revision, told);
}

function announce(deployment: Deployment, revision: string, conditions: ReturnType<typeof say>) {
  const { metadata } = deployment;
  const annotations = { [names.revision]: revision };
  const fields = { metadata: { annotations }, status: { conditions } };
  return [{ kind: 'status', target: { plural: 'deployments', metadata }, patch: fields }] as const;
}

function createReplicaSet(deployment: Deployment, { old, all }: Family, { world, now }: Context) {
  const { metadata, spec, status } = deployment;
  const hash = hashOf(spec.template, status?.collisionCount);
  const name = `${metadata.name.slice(0, 252 - hash.length)}-${hash}`;
  const labels = { ...spec.template.metadata?.labels, [hashLabel]: hash };
  const annotations = { ...labelled(deployment, old), ...sizes(deployment) };
  const owner: Owner = { apiVersion: 'apps/v1', kind: 'Deployment', metadata };
  const body = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, labels, annotations, ownerReferences: [referTo(owner)] },
    spec: {
      replicas: grown(deployment, all, 0),
      minReadySeconds: spec.minReadySeconds ?? 0,
      selector: narrow(spec.selector, hash),
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  };
  const conditions = status?.conditions ?? [];
  const hasDeadline = deadlineOf(deployment) !== undefined;
  const told = hasDeadline ? say(conditions, 'NewReplicaSetCreated', name, now) : conditions;
  const created = announce(deployment, annotations[names.revision] ?? '1', told);
  return [...explain(deployment, world.refusal, { name, now }), create('replicasets', body), ...created];
}
