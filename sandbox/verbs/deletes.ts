import type { Fields } from '../api.ts';
import { writeOptionsOf, type Call, type Target } from '../objects/calls.ts';
import { at, fieldsOf, put, textOf, type Thing } from '../objects/json.ts';
import type { Kind } from '../objects/kinds.ts';
import { conflict, notFound } from '../objects/refusals.ts';
import { selectorOf } from '../objects/selectors.ts';
import { settle, timeOf, type Desk } from './writes.ts';

/** Deletes one object, or begins to: the answer is the object while it stays, else that it is gone. */
export async function remove(desk: Desk, target: Target, call: Call): Promise<Thing | Fields> {
  const { kind, namespace, name } = target;
  const current = desk.store.of(kind.storage).get(namespace, name);
  if (current === undefined) throw notFound(kind, name);
  refuseStranger(kind, current, fieldsOf(fieldsOf(call.body)['preconditions']));
  const asked = writeOptionsOf(call);
  const options = { ...asked, dryRun: asked.dryRun || fieldsOf(call.body)['dryRun'] !== undefined };
  const admitted = { operation: 'DELETE', target, call, options, object: undefined, old: current } as const;
  await desk.admission.mutate(admitted, (thing) => thing);
  await desk.admission.validate(admitted);
  const latest = desk.store.of(kind.storage).get(namespace, name);
  if (latest === undefined) throw notFound(kind, name);
  const leaving = marked(desk, kind, latest, call);
  const left = options.dryRun || leaving === latest ? leaving : settle(desk, kind, leaving);
  const isGone = !options.dryRun && desk.store.of(kind.storage).get(namespace, name) === undefined;
  return isGone && kind.kind !== 'Pod' ? successOf(kind, left) : left;
}

function refuseStranger(kind: Kind, { metadata }: Thing, { uid, resourceVersion }: Fields): void {
  const { name } = metadata;
  if (uid !== undefined && uid !== metadata.uid)
    throw conflict(kind, name, `the UID in the precondition (${textOf(uid)}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`);
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    throw conflict(kind, name, `the ResourceVersion in the precondition (${textOf(resourceVersion)}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`);
}

/** The object with its end in sight; the very same where nothing comes sooner than it was to come anyway. */
function marked({ now }: Desk, kind: Kind, thing: Thing, call: Call): Thing {
  const graceSeconds = kind.kind === 'Pod' ? graceOf(thing, call) : 0;
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, generation, finalizers = [] } = thing.metadata;
  const held = [...new Set([...finalizers, ...heldBy(kind, call)])];
  if (deletionTimestamp !== undefined && graceSeconds >= deletionGracePeriodSeconds && held.length === finalizers.length) return thing;
  const began = deletionTimestamp === undefined ? now().getTime() : Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1_000;
  const leaving = {
    ...thing.metadata,
    deletionTimestamp: timeOf(new Date(began + graceSeconds * 1_000)),
    deletionGracePeriodSeconds: graceSeconds,
    ...(generation === undefined || deletionTimestamp !== undefined ? {} : { generation: generation + 1 }),
    ...(held.length === 0 ? {} : { finalizers: held }),
  };
  const going = put(thing, 'metadata', leaving);
  return kind.kind === 'Namespace' ? put(going, 'status.phase', 'Terminating') : going;
}

/** A pod that no kubelet has taken, or that has ended, needs no time to stop. */
function graceOf(pod: Thing, { body, url }: Call): number {
  const isIdle = textOf(at(pod, 'spec.nodeName')) === '' || ['Succeeded', 'Failed'].includes(textOf(at(pod, 'status.phase')));
  const asked = fieldsOf(body)['gracePeriodSeconds'] ?? url.searchParams.get('gracePeriodSeconds');
  return isIdle ? 0 : Number(asked ?? at(pod, 'spec.terminationGracePeriodSeconds') ?? 30);
}

/** What the garbage collector must have done before the object may go. */
function heldBy({ kind }: Kind, { body, url }: Call): readonly string[] {
  const asked = fieldsOf(body)['propagationPolicy'] ?? url.searchParams.get('propagationPolicy') ?? (kind === 'Job' ? 'Orphan' : 'Background');
  if (asked === 'Foreground') return ['foregroundDeletion'];
  return asked === 'Orphan' ? ['orphan'] : [];
}

const successOf = (kind: Kind, { metadata: { name, uid } }: Thing): Fields => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  details: { name, ...(kind.group === '' ? {} : { group: kind.group }), kind: kind.plural, uid },
});

/** Deletes every object that the call selects. */
export async function removeAll(desk: Desk, target: Target, call: Call): Promise<readonly Thing[]> {
  const selector = selectorOf(target.kind, call.url.searchParams);
  const chosen = desk.store.of(target.kind.storage).list(target.namespace).filter((thing) => selector?.(thing) ?? true);
  for (const { metadata: { name, namespace = '' } } of chosen) await remove(desk, { ...target, name, namespace }, call);
  return chosen;
}
