import type { Fields } from '../api.ts';
import { writeOptionsOf, type Call, type Target } from '../objects/calls.ts';
import { at, put, textOf, timeOf, type Thing } from '../objects/json.ts';
import { whole, type Kind } from '../objects/kinds.ts';
import { conflict } from '../objects/refusals.ts';
import { found } from './reads.ts';
import { settle, type Desk } from './writes.ts';

/** Deletes one object, or begins to: the answer is the object while it stays, else that it is gone. */
export async function remove(desk: Desk, target: Target, call: Call): Promise<Fields> {
  const { kind } = target;
  const old = found(desk, target);
  refuseStranger(kind, old, call);
  const asked = writeOptionsOf(call);
  const options = { ...asked, isDryRun: asked.isDryRun || at(call.body, 'dryRun') !== undefined };
  const admitted = { operation: 'DELETE', target, call, options, object: undefined, old } as const;
  await desk.admission.mutate(admitted, (thing) => thing);
  await desk.admission.validate(admitted);
  const latest = found(desk, target);
  const leaving = marked(desk.now(), kind, latest, call);
  const left = options.isDryRun || leaving === latest ? leaving : settle(desk, kind, leaving);
  const isThere = desk.store.of(kind.storage).get(target.namespace, target.name) !== undefined;
  return isThere || kind.kind === 'Pod' ? whole(kind, left) : successOf(kind, left);
}

function refuseStranger({ kind }: Kind, { metadata }: Thing, { body }: Call): void {
  for (const field of ['uid', 'resourceVersion']) {
    const wanted = at(body, `preconditions.${field}`);
    if (wanted === undefined || wanted === metadata[field]) continue;
    const why = `the ${field} in the precondition (${textOf(wanted)}) does not match that in record`;
    throw conflict({ group: '', plural: kind }, metadata.name, why);
  }
}

/** The object with its end in sight; the very same where nothing comes sooner than it was to come anyway. */
function marked(now: Date, kind: Kind, thing: Thing, call: Call): Thing {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = thing.metadata;
  const graceSeconds = kind.kind === 'Pod' ? graceOf(thing, call) : 0;
  const isFirst = deletionTimestamp === undefined;
  if (!isFirst && graceSeconds >= deletionGracePeriodSeconds) return thing;
  const end = new Date(now.getTime() + graceSeconds * 1_000);
  const leaving = put(thing, 'metadata', {
    ...thing.metadata,
    deletionTimestamp: timeOf(end),
    deletionGracePeriodSeconds: graceSeconds,
  });
  return kind.kind === 'Namespace' ? put(leaving, 'status.phase', 'Terminating') : leaving;
}

/** A pod that no kubelet has taken, or that has ended, needs no time to stop. */
function graceOf(pod: Thing, { body, url }: Call): number {
  const hasEnded = ['Succeeded', 'Failed'].includes(textOf(at(pod, 'status.phase')));
  if (hasEnded || at(pod, 'spec.nodeName') === undefined) return 0;
  const asked = at(body, 'gracePeriodSeconds') ?? url.searchParams.get('gracePeriodSeconds');
  return Number(asked ?? at(pod, 'spec.terminationGracePeriodSeconds'));
}

function successOf({ group, plural }: Kind, { metadata: { name, uid } }: Thing): Fields {
  const details = { name, ...(group !== '' && { group }), kind: plural, uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}
