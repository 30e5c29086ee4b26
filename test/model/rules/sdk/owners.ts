import type { Case, Owner } from '../../case.ts';
import type { Request } from '../request.ts';

const kinds = new Set(['replicaset', 'deployment', 'statefulset', 'daemonset', 'job', 'cronjob']);

/** The owners that a pod refers to, each followed by its own: those of ReplicaSets and Jobs are read. */
export function ownersOf(request: Request): readonly Owner[] {
  const { one } = request;
  return (one.pod.metadata.ownerReferences ?? [])
    .filter(isKnown)
    .flatMap((owner) => [owner, ...makersOf(owner, request)]);
}

const isKnown = ({ kind }: Owner) => kinds.has(kind.toLowerCase());

/** Our way: nobody is asked, and the name says what it can; a UID it cannot say. */
function makersOf(owner: Owner, { one, settings, ours }: Request): readonly Owner[] {
  const kind = { replicaset: 'ReplicaSet', job: 'Job' }[owner.kind.toLowerCase()];
  const read = (one.makers[`${kind}/${owner.name}`] ?? []).filter(isKnown);
  const told = makersByName(owner, one);
  const makers = names(read) === names(told) || !ours('owners-from-names') ? read : told;
  const hasUids = settings.resource?.addK8sUIDAttributes === true;
  return makers.map((maker) => {
    const { uid, ...rest } = maker;
    return hasUids && uid !== undefined && ours('maker-uid') ? rest : maker;
  });
}

const names = (owners: readonly Owner[]) =>
  owners.map(({ kind, name }) => `${kind}/${name}`).join();

function makersByName({ kind, name }: Owner, { pod }: Case): readonly Owner[] {
  if (kind.toLowerCase() === 'job') {
    const [, cronJob] = /^(.+)-\d+$/.exec(name) ?? [];
    return cronJob === undefined ? [] : [{ kind: 'CronJob', name: cronJob }];
  }
  const hash = pod.metadata.labels?.['pod-template-hash'];
  const deployment = kind.toLowerCase() === 'replicaset' ? without(hash, name) : undefined;
  return deployment === undefined ? [] : [{ kind: 'Deployment', name: deployment }];
}

const without = (hash: string | undefined, name: string) =>
  hash !== undefined && name.length > hash.length + 1 && name.endsWith(`-${hash}`)
    ? name.slice(0, -hash.length - 1)
    : undefined;

/** Our way alone: an Argo Rollout, which the operator takes for nobody. */
export function rolloutOf({ pod }: Case): string | undefined {
  const { labels = {}, ownerReferences = [] } = pod.metadata;
  if (labels['pod-template-hash'] !== undefined) return undefined;
  const [rollout] = ownerReferences
    .filter(({ kind }) => kind.toLowerCase() === 'replicaset')
    .flatMap(({ name }) => without(labels['rollouts-pod-template-hash'], name) ?? []);
  return rollout;
}
