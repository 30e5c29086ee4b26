import { labels as keys } from '../../../crds/names.ts';
import { isObject, listAt, textAt, type JsonObject } from '../../json.ts';

/** Who made a pod, as far as the pod itself tells. */
export interface Owner {
  readonly kind:
    | 'replicaset'
    | 'deployment'
    | 'statefulset'
    | 'daemonset'
    | 'job'
    | 'cronjob'
    | 'rollout';
  readonly name: string;
  readonly uid?: string;
}

const kinds = new Set(['replicaset', 'deployment', 'statefulset', 'daemonset', 'job', 'cronjob']);

/** The owners a pod refers to, and theirs: a name tells its maker, so nobody needs to be asked. */
export function ownersOf(metadata: JsonObject, labels: JsonObject): readonly Owner[] {
  const references = (listAt(metadata, 'ownerReferences') ?? []).filter(isObject);
  return references.flatMap((reference) => {
    const kind = (textAt(reference, 'kind') ?? '').toLowerCase();
    const name = textAt(reference, 'name');
    if (!kinds.has(kind) || name === undefined) return [];
    const uid = textAt(reference, 'uid');
    const owner = { kind: kind as Owner['kind'], name, ...(uid === undefined ? {} : { uid }) };
    const maker = makerOf(owner, labels);
    return maker === undefined ? [owner] : [owner, maker];
  });
}

function makerOf({ kind, name }: Owner, labels: JsonObject): Owner | undefined {
  if (kind === 'job') {
    const cronJob = /^(?<name>.+)-\d+$/.exec(name)?.groups?.['name'];
    return cronJob === undefined ? undefined : { kind: 'cronjob', name: cronJob };
  }
  if (kind !== 'replicaset') return undefined;
  const withoutHash = (hash: string | undefined) =>
    hash !== undefined && name.length > hash.length + 1 && name.endsWith(`-${hash}`)
      ? name.slice(0, -hash.length - 1)
      : undefined;
  const deployment = withoutHash(textAt(labels, keys.podTemplateHash));
  if (deployment !== undefined) return { kind: 'deployment', name: deployment };
  const rollout = withoutHash(textAt(labels, keys.rolloutsPodTemplateHash));
  return rollout === undefined ? undefined : { kind: 'rollout', name: rollout };
}
