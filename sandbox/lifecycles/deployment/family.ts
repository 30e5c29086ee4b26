import { isDeepStrictEqual } from 'node:util';
import type { Fields } from '../../api.ts';
import { bornAt } from '../pods.ts';
import type { Counter, Template, Workload } from '../shapes.ts';

/** A Deployment with its ReplicaSets, oldest first: the one after its template, if there is one, and the rest. */
export interface Family {
  readonly deployment: Workload;
  readonly current: Workload | undefined;
  readonly old: readonly Workload[];
  readonly all: readonly Workload[];
}

export const hashLabel = 'pod-template-hash';
const prefix = 'deployment.kubernetes.io/';
export const revisionName = `${prefix}revision`;
const historyName = `${prefix}revision-history`;

export function readFamily(deployment: Workload, replicaSets: readonly Workload[]): Family {
  const wanted = bare(deployment.spec.template);
  const all = replicaSets.toSorted((one, other) => bornAt(one) - bornAt(other));
  const current = all.find(({ spec }) => isDeepStrictEqual(bare(spec.template), wanted));
  return { deployment, current, old: all.filter((set) => set !== current), all };
}

/** A template without the mark of its ReplicaSet. */
function bare({ metadata, spec }: Template): Fields {
  const { [hashLabel]: _hash, ...labels } = metadata?.labels ?? {};
  return { ...metadata, labels, spec };
}

export const revisionOf = ({ metadata }: Workload) =>
  Number(metadata.annotations?.[revisionName] ?? 0);

/** What a ReplicaSet has from its Deployment: its annotations, its number, and where it was before. */
export function notesFor({ deployment, current, old }: Family): Readonly<Record<string, string>> {
  const { annotations: kept = {} } = current?.metadata ?? {};
  const given = Object.entries(deployment.metadata.annotations ?? {});
  const copied = given.filter(([name]) => !name.startsWith(prefix) && !notCopied.test(name));
  const notes = { ...kept, ...Object.fromEntries(copied) };
  const { [revisionName]: before, [historyName]: history } = kept;
  const next = Math.max(0, ...old.map(revisionOf)) + 1;
  if (Number(before ?? 0) >= next) return notes;
  const past = [history, before].filter((one) => one !== undefined).join();
  return { ...notes, [revisionName]: String(next), ...(past !== '' && { [historyName]: past }) };
}

const notCopied = /^kubectl\.kubernetes\.io\/last-applied-config/;

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);
export const wanted = (sets: readonly Workload[]) => sum(sets.map(({ spec }) => spec.replicas));
export const counted = (sets: readonly Workload[], counter: Counter) =>
  sum(sets.map(({ status }) => status?.[counter] ?? 0));
