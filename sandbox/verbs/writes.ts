import { randomInt, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Admission } from '../admission.ts';
import { writeOptionsOf, type Call, type Target } from '../objects/calls.ts';
import type { Kinds } from '../objects/definitions.ts';
import { at, listOf, put, textOf, timeOf, without, type Thing } from '../objects/json.ts';
import { isCustom, type Kind } from '../objects/kinds.ts';
import {
  alreadyExists,
  conflict,
  invalid,
  notFound,
  refuse,
  Refusal,
} from '../objects/refusals.ts';
import { atBirth, faultsOf } from '../objects/rules.ts';
import { finish, readable, readBody, readPatch } from './bodies.ts';
import { allowed, grow, ofTheServer, refuseStrangers, sign } from './changes.ts';
import { found, type Shelf } from './reads.ts';

export interface Desk extends Shelf {
  readonly admission: Admission;
  readonly kinds: Kinds;
}

/** POST: the object as it was stored. */
export async function create(desk: Desk, target: Target, call: Call): Promise<Thing> {
  const { kind, namespace } = target;
  const options = writeOptionsOf(call);
  const given = draft(desk, target, call);
  const signed = sign(target, options, desk.now(), readable(kind, given, call, options));
  const name = textOf(given.metadata.name);
  const request = { operation: 'CREATE', target: { ...target, name }, call, options } as const;
  const admitted = { ...request, object: signed, old: undefined };
  const mutated = (await desk.admission.mutate(admitted, (thing) => finish(kind, thing))) ?? signed;
  const born = birth(desk, kind, mutated);
  const named = { ...target, name: born.metadata.name };
  refuseFaults(named, born);
  await desk.admission.validate({ ...admitted, target: named, object: born });
  if (desk.store.of(kind.storage).get(namespace, named.name) !== undefined)
    throw alreadyExists(kind, named.name);
  return options.isDryRun ? born : desk.store.write(kind.storage, born);
}

/** What somebody asks for, before anybody else has a say. */
function draft(desk: Desk, target: Target, call: Call): Thing {
  const { kind, namespace } = target;
  const given = readBody(target, call);
  const { name, generateName, resourceVersion } = given.metadata;
  if (textOf(resourceVersion) !== '')
    throw new Refusal(500, 'resourceVersion should not be set on objects to be created');
  if (textOf(name || generateName) === '')
    throw invalid(kind, '', 'metadata.name: Required value: name or generateName is required');
  refuseHomeless(desk, target, textOf(name || generateName));
  const metadata = {
    ...without(given.metadata, ...ofTheServer, 'managedFields'),
    ...(kind.namespaced && { namespace }),
  };
  const bare = put(given, 'metadata', metadata);
  if (!kind.subresources.includes('status')) return bare;
  return put(bare, 'status', isCustom(kind) ? undefined : {});
}

function refuseHomeless({ store }: Desk, { kind, namespace }: Target, name: string): void {
  if (!kind.namespaced) return;
  const home = store.of('namespaces').get('', namespace);
  if (home === undefined) throw notFound({ group: '', plural: 'namespaces' }, namespace);
  if (home.metadata.deletionTimestamp === undefined) return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const causes = [{ reason: 'NamespaceTerminating', message: why }];
  throw new Refusal(403, `${kind.plural} "${name}" is forbidden: ${why}`, { details: { causes } });
}

function refuseFaults({ kind, name }: Target, thing: Thing): void {
  const faults = faultsOf(kind, thing);
  if (faults.length > 0) throw invalid(kind, name, ...faults);
}

const letters = 'bcdfghjklmnpqrstvwxz2456789';
const suffix = () => Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join('');

function birth({ now, store }: Desk, kind: Kind, thing: Thing): Thing {
  const { generateName = '', namespace = '' } = thing.metadata;
  const name = thing.metadata.name || `${generateName.slice(0, 58)}${suffix()}`;
  const system = { name, uid: randomUUID(), creationTimestamp: timeOf(now()) };
  const generation = kind.growth === 'never' ? {} : { generation: 1 };
  const born = put(thing, 'metadata', { ...thing.metadata, ...system, ...generation });
  const account = textOf(at(born, 'spec.serviceAccountName'));
  if (kind.kind !== 'Pod' || store.of('serviceaccounts').get(namespace, account) !== undefined)
    return atBirth(kind, born);
  const why = `error looking up service account ${namespace}/${account}: not found`;
  throw refuse(403, kind, name, `is forbidden: ${why}`);
}

export const patch = (desk: Desk, target: Target, call: Call): Promise<Thing> =>
  change(desk, target, call, readPatch(target.kind, call));

/** The last thing a namespace is asked for: whether anybody still holds it. */
export const finalize = (desk: Desk, target: Target, call: Call): Promise<Thing> =>
  change(desk, { ...target, subresource: '' }, call, (namespace) =>
    put(namespace, 'spec.finalizers', at(call.body, 'spec.finalizers') ?? []),
  );

const attempts = 5;

/** Carries a change through to the store; when somebody else was faster, it starts over from what they left. */
async function change(
  desk: Desk,
  target: Target,
  call: Call,
  next: (current: Thing) => Thing,
): Promise<Thing> {
  const { kind } = target;
  const options = writeOptionsOf(call);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const old = found(desk, target);
    const asked = next(old);
    refuseStrangers(target, asked, old);
    const object = readable(kind, allowed(target, asked, old), call, options);
    const admitted = { operation: 'UPDATE', target, call, options, object, old } as const;
    const finished = (thing: Thing) => finish(kind, thing);
    const mutated = (await desk.admission.mutate(admitted, finished)) ?? object;
    refuseFaults(target, mutated);
    const grown = grow(target, mutated, old);
    await desk.admission.validate({ ...admitted, object: grown });
    if (isDeepStrictEqual(unsigned(grown), unsigned(old))) return old;
    const signed = sign(target, options, desk.now(), grown);
    if (options.isDryRun) return signed;
    if (found(desk, target) === old) return settle(desk, kind, signed);
  }
  throw conflict(kind, target.name);
}

const unsigned = (thing: Thing) => put(thing, 'metadata.managedFields', undefined);

/** Stores it; or, when it was only waiting for its last finalizer, lets it go. */
export function settle({ store }: Desk, { storage, kind }: Kind, thing: Thing): Thing {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = thing.metadata;
  const holders = kind === 'Namespace' ? listOf(at(thing, 'spec.finalizers')) : [];
  const isHeld = finalizers.length + holders.length > 0 || deletionGracePeriodSeconds > 0;
  return deletionTimestamp === undefined || isHeld
    ? store.write(storage, thing)
    : store.remove(storage, thing);
}
