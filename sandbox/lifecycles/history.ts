import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Fields } from '../api.ts';
import { create, patch, remove, type Change } from './changes.ts';
import { signed } from './pods.ts';
import type { Revision, Template, Workload } from './shapes.ts';

export interface History {
  /** Its name and hash go with its pods. */
  readonly name: string;
  readonly hash: string;
  readonly template: Template;
  readonly changes: readonly Change[];
}

export const labelOf = {
  StatefulSet: 'controller.kubernetes.io/hash',
  DaemonSet: 'controller-revision-hash',
};

const plural = 'controllerrevisions';

const byNumber = (one: Revision, other: Revision) => one.revision - other.revision;

/** Finds the revision of the template, gives an old one the next number, or writes a new one. */
export function revise(
  kind: keyof typeof labelOf,
  { metadata, spec: { template } }: Workload,
  revisions: readonly Revision[],
): History {
  const data = { spec: { template: { ...template, $patch: 'replace' } } };
  const newest = Math.max(0, ...revisions.map(({ revision }) => revision));
  const known = revisions.find((one) => isDeepStrictEqual(one.data, data));
  if (known !== undefined) {
    const isNewest = known.revision === newest;
    const changes = isNewest ? [] : [patch(plural, known, { revision: newest + 1 })];
    const hash = known.metadata.labels?.[labelOf[kind]] ?? '';
    return { name: known.metadata.name, hash, template, changes };
  }
  const hash = hashOf(template);
  const name = `${metadata.name}-${hash}`;
  const body = {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name,
      labels: { ...template.metadata?.labels, [labelOf[kind]]: hash },
      annotations: metadata.annotations,
      ownerReferences: signed(kind, metadata),
    },
    data,
    revision: newest + 1,
  };
  return { name, hash, template, changes: [create(plural, body)] };
}

/** The template of a revision, as it was. */
export function templateOf({ data }: Revision): Template {
  const { $patch: _replace, ...template } = (data['spec'] as { template: Fields }).template;
  return template as Template;
}

/** Forgets the oldest revisions that nobody needs. */
export function forget(
  { spec: { revisionHistoryLimit = 10 } }: Workload,
  revisions: readonly Revision[],
  isNeeded: (revision: Revision) => boolean,
): readonly Change[] {
  const idle = revisions.filter((one) => !isNeeded(one)).toSorted(byNumber);
  const tooMany = Math.max(0, idle.length - revisionHistoryLimit);
  return idle.slice(0, tooMany).map((one) => remove(plural, one));
}

const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** A short name for a template: digits of its digest, in letters that spell no words. */
export function hashOf(template: Template): string {
  const digest = createHash('sha256').update(JSON.stringify(template)).digest();
  return [...digest.subarray(0, 10)].map((byte) => alphabet[byte % alphabet.length]).join('');
}
