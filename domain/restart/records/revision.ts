import { labels as keys } from '../../../crds/names.ts';
import { isObject, objectAt, textAt, type JsonObject } from '../../json.ts';
import { annotationsOf, countAt, identityOf, labelsOf, metadataOf, ownerOf } from './metadata.ts';
import type { Identity, Owner } from './metadata.ts';
import { markTemplate, type ReadMark, type TemplateMark } from './template.ts';

/**
 * One template a workload has had: a ReplicaSet or a ControllerRevision. Going back to a template
 * gives its old revision a new number, so a revision tells of a template and not of an attempt.
 */
export interface Revision extends Identity, TemplateMark {
  readonly kind: 'ReplicaSet' | 'ControllerRevision';
  readonly owner: Owner | undefined;
  readonly number: number;
  /** What the label of its pods says. */
  readonly hash: string | undefined;
  /** Only of a ReplicaSet: other workloads make their pods themselves. */
  readonly replicas: Replicas | undefined;
}

export interface Replicas {
  readonly desired: number;
  readonly current: number;
  readonly ready: number;
  readonly available: number;
}

export function readReplicaSet(json: unknown, mark: ReadMark = markTemplate): Revision | undefined {
  const metadata = metadataOf(json);
  if (!metadata || !isObject(json)) return undefined;
  const spec = objectAt(json, 'spec') ?? {};
  return {
    kind: 'ReplicaSet',
    ...identityOf(metadata),
    owner: ownerOf(metadata),
    number: numberIn(annotationsOf(metadata)),
    hash: textAt(labelsOf(metadata), keys.podTemplateHash),
    replicas: replicasOf(spec, objectAt(json, 'status') ?? {}),
    ...mark(objectAt(spec, 'template') ?? {}),
  };
}

export function readControllerRevision(
  json: unknown,
  mark: ReadMark = markTemplate,
): Revision | undefined {
  const metadata = metadataOf(json);
  if (!metadata || !isObject(json)) return undefined;
  const owner = ownerOf(metadata);
  const spec = objectAt(objectAt(json, 'data') ?? {}, 'spec') ?? {};
  return {
    kind: 'ControllerRevision',
    ...identityOf(metadata),
    owner,
    number: countAt(json, 'revision'),
    hash: hashOf(metadata, owner),
    replicas: undefined,
    ...mark(objectAt(spec, 'template') ?? {}),
  };
}

/** The pods of a StatefulSet name their revision in full, those of a DaemonSet by its hash alone. */
const hashOf = (metadata: JsonObject, owner: Owner | undefined) =>
  owner?.kind === 'StatefulSet'
    ? textAt(metadata, 'name')
    : textAt(labelsOf(metadata), 'controller-revision-hash');

/** Of a ReplicaSet, or the one that a Deployment has been brought to. */
export function numberIn(annotations: JsonObject): number {
  const text = textAt(annotations, 'deployment.kubernetes.io/revision') ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

const replicasOf = (spec: JsonObject, status: JsonObject): Replicas => ({
  desired: countAt(spec, 'replicas', 1),
  current: countAt(status, 'replicas'),
  ready: countAt(status, 'readyReplicas'),
  available: countAt(status, 'availableReplicas'),
});
