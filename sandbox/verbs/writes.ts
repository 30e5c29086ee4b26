import { randomUUID } from 'node:crypto';
import type { Admission } from '../admission.ts';
import type { Fields, Json } from '../api.ts';
import { writeOptionsOf, type Call, type Target, type WriteOptions } from '../objects/calls.ts';
import type { Kinds } from '../objects/definitions.ts';
import { at, fieldsOf, isFields, isList, isSame, listOf, put, textOf, type Thing } from '../objects/json.ts';
import { stored, type Kind } from '../objects/kinds.ts';
import { jsonPatch, mergePatch, strategicPatch } from '../objects/patch.ts';
import { alreadyExists, badRequest, conflict, forbidden, internal, invalid, notFound, Refusal, type Cause } from '../objects/refusals.ts';
import { atBirth, complete, faultsOf } from '../objects/rules.ts';
import { prune } from '../objects/schema.ts';
import { served } from '../objects/kinds.ts';
import type { Shelf } from './reads.ts';

export interface Desk extends Shelf {
  readonly admission: Admission;
  readonly kinds: Kinds;
}

export async function create(desk: Desk, target: Target, call: Call): Promise<Thing> {
  const { kind, namespace } = target;
  const options = writeOptionsOf(call);
  const given = readBody(target, call);
  const { name = '', generateName = '', resourceVersion } = given.metadata;
  if (resourceVersion !== undefined && (resourceVersion as string) !== '') throw new Refusal(500, '', 'resourceVersion should not be set on objects to be created');
  if (name === '' && generateName === '') throw invalid(kind, '', [{ field: 'metadata.name', message: 'Required value: name or generateName is required', reason: 'FieldValueRequired' }]);
  const placed = put(given, 'metadata', { ...without(given.metadata, ['uid', 'creationTimestamp', 'deletionTimestamp', 'generation', 'managedFields']), ...(kind.namespaced ? { namespace } : {}) }) as Thing;
  const draft = sign(target, complete(kind, known(target, placed, { call, options })), { desk, options });
  refuseUnreadable(kind, call, draft);
  refuseHomeless(desk, target, name || generateName);
  const admitted = { operation: 'CREATE', target: { ...target, name }, call, options, object: draft, old: undefined } as const;
  const mutated = (await desk.admission.mutate(admitted, (thing) => finish(kind, thing))) ?? draft;
  const born = birth(desk, target, mutated);
  refuseFaults(kind, born);
  await desk.admission.validate({ ...admitted, target: { ...target, name: born.metadata.name }, object: born });
  if (desk.store.of(kind.storage).get(namespace, born.metadata.name) !== undefined) throw alreadyExists(kind, born.metadata.name);
  return options.dryRun ? born : desk.store.write(kind.storage, born);
}

function readBody({ kind, namespace, name, subresource }: Target, { body }: Call): Thing {
  if (!isFields(body)) throw badRequest('the object provided is unrecognized: an object is expected');
  const { kind: given = kind.kind, apiVersion = versionOf(kind), ...rest } = body;
  const metadata = fieldsOf(rest['metadata']);
  if (subresource === '' && (given !== kind.kind || apiVersion !== versionOf(kind)))
    throw badRequest(`${textOf(given)} in version "${textOf(apiVersion)}" cannot be handled as a ${kind.kind}: no kind "${textOf(given)}" is registered for version "${versionOf(kind)}"`);
  if (metadata['namespace'] !== undefined && metadata['namespace'] !== '' && kind.namespaced && metadata['namespace'] !== namespace)
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
  if (name !== '' && metadata['name'] !== undefined && metadata['name'] !== name)
    throw badRequest(`the name of the object (${textOf(metadata['name'])}) does not match the name on the URL (${name})`);
  return stored(kind, { ...rest, metadata } as unknown as Thing);
}

const versionOf = ({ group, version }: Kind) => (group === '' ? version : `${group}/${version}`);

const without = (fields: Fields, names: readonly string[]): Fields => Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));

/** The object without what its schema does not know; the client hears of that as it asked to. */
function known({ kind }: Target, thing: Thing, { call, options }: { call: Call; options: WriteOptions }): Thing {
  if (kind.custom === undefined) return thing;
  const unknown: string[] = [];
  const pruned = prune(kind.custom.schema, thing, unknown) as Thing;
  const faults = unknown.map((path) => `unknown field "${path}"`);
  if (options.validation === 'Warn') call.warnings.push(...faults);
  if (options.validation !== 'Strict' || faults.length === 0) return pruned;
  const why = `strict decoding error: ${faults.join(', ')}`;
  if (call.method === 'PATCH') throw invalid(kind, '', [{ field: 'patch', message: `Invalid value: ${JSON.stringify(JSON.stringify(thing))}: ${why}` }]);
  throw badRequest(`${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${why}`);
}

/** What webhooks return goes the way of what people send. */
function finish(kind: Kind, thing: Thing): Thing {
  const pruned = kind.custom === undefined ? thing : (prune(kind.custom.schema, thing, []) as Thing);
  const filled = complete(kind, pruned);
  const [fault] = typeFaults(kind, filled);
  if (fault !== undefined) throw internal(`json: cannot unmarshal into Go struct field ${kind.kind}.${fault.field}: ${fault.message}`);
  return filled;
}

const typeFaults = (kind: Kind, thing: Thing): readonly Cause[] =>
  kind.custom !== undefined ? [] : faultsOf(kind, thing).filter(({ reason }) => reason === 'FieldValueTypeInvalid');

/** A wrong type is refused where the text is read, before anybody is asked. */
function refuseUnreadable(kind: Kind, { method }: Call, thing: Thing): void {
  const [fault] = typeFaults(kind, thing);
  if (fault === undefined) return;
  if (method === 'PATCH') throw invalid(kind, '', [{ field: 'patch', message: fault.message }]);
  throw badRequest(`${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${fault.field}: ${fault.message}`);
}

function refuseFaults(kind: Kind, thing: Thing, before?: Thing): void {
  const faults = faultsOf(kind, thing, before);
  if (faults.length > 0) throw invalid(kind, thing.metadata.name, faults);
}

function refuseHomeless({ store, kinds }: Desk, { kind, namespace }: Target, name: string): void {
  if (kinds.isGoing(kind)) throw new Refusal(403, 'Forbidden', `${kind.plural}.${kind.group} "${name}" is forbidden: create not allowed while custom resource definition is terminating`);
  if (!kind.namespaced) return;
  const home = store.of('namespaces').get('', namespace);
  if (home === undefined) throw new Refusal(404, 'NotFound', `namespaces "${namespace}" not found`, { details: { name: namespace, kind: 'namespaces' } });
  if (home.metadata.deletionTimestamp === undefined) return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  throw forbidden(kind, name, why, [{ reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }]);
}

const letters = 'bcdfghjklmnpqrstvwxz2456789';
const suffix = () => Array.from({ length: 5 }, () => letters[Math.floor(Math.random() * letters.length)]).join('');

function birth({ now, store }: Desk, { kind, namespace }: Target, thing: Thing): Thing {
  const { name = '', generateName = '' } = thing.metadata;
  const system = { name: name || `${generateName.slice(0, 58)}${suffix()}`, uid: randomUUID(), creationTimestamp: timeOf(now()) };
  const born = atBirth(kind, put(thing, 'metadata', { ...thing.metadata, ...system, ...(kind.growth === 'never' ? {} : { generation: 1 }) }) as Thing);
  if (kind.kind !== 'Pod') return born;
  const account = textOf(at(born, 'spec.serviceAccountName'));
  if (store.of('serviceaccounts').get(namespace, account) !== undefined) return born;
  throw forbidden(kind, born.metadata.name, `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`);
}

export const timeOf = (date: Date) => date.toISOString().replace(/\.\d+Z$/, 'Z');

/** Notes who wrote, and through which door. What each wrote is not kept: nothing here reads it. */
function sign({ kind, subresource }: Target, thing: Thing, { desk, options }: { desk: Desk; options: WriteOptions }): Thing {
  const entry = { manager: options.manager, operation: 'Update', apiVersion: versionOf(kind), time: timeOf(desk.now()), fieldsType: 'FieldsV1', fieldsV1: {}, ...(subresource === '' ? {} : { subresource }) };
  const others = listOf(thing.metadata['managedFields']).map(fieldsOf).filter((one) => one['manager'] !== entry.manager || one['subresource'] !== entry['subresource']);
  return put(thing, 'metadata.managedFields', [...others.filter((one) => Object.keys(one).length > 0), entry]);
}

type Change = (current: Thing) => Thing;

/** PUT: the whole object anew. */
export function replace(desk: Desk, target: Target, call: Call): Promise<Thing> {
  const given = readBody(target, call);
  const { resourceVersion } = given.metadata;
  if (target.kind.custom !== undefined && (resourceVersion ?? '') === '')
    throw invalid(target.kind, target.name, [{ field: 'metadata.resourceVersion', message: 'Invalid value: 0: must be specified for an update' }]);
  return change(desk, target, { call, next: (current) => put(given, 'metadata', { ...given.metadata, name: target.name, resourceVersion: (given.metadata.resourceVersion ?? '') || current.metadata.resourceVersion, uid: given.metadata.uid ?? current.metadata.uid }) as Thing });
}

/** PATCH, in any of the three languages. */
export function patch(desk: Desk, target: Target, call: Call): Promise<Thing> {
  const { kind } = target;
  const apply = patchOf(kind, call);
  return change(desk, target, {
    call,
    next: (current) => {
      const { kind: _k, apiVersion: _v, ...patched } = fieldsOf(apply({ kind: kind.kind, apiVersion: versionOf(kind), ...served(kind, current) }));
      return stored(kind, patched as Thing);
    },
  });
}

function patchOf({ custom }: Kind, { type, body = null }: Call): (whole: Fields) => Json {
  if (type === 'application/merge-patch+json') return (whole) => mergePatch(whole, body);
  if (type === 'application/strategic-merge-patch+json' && custom === undefined) return (whole) => strategicPatch(whole, body);
  if (type !== 'application/json-patch+json') {
    const accepted = ['application/json-patch+json', 'application/merge-patch+json', ...(custom === undefined ? ['application/strategic-merge-patch+json'] : [])];
    throw new Refusal(415, 'UnsupportedMediaType', `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`, { details: {} });
  }
  if (!isList(body)) throw badRequest('error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  if (body.length > 10_000) throw new Refusal(413, 'RequestEntityTooLarge', `Request entity too large: The allowed maximum operations in a JSON patch is 10000, got ${body.length}`);
  return (whole) => {
    try {
      return jsonPatch(whole, body);
    } catch {
      throw new Refusal(422, 'Invalid', 'the server rejected our request due to an error in our request', { details: {} });
    }
  };
}

/** Carries a change through to the store; when somebody else was faster, it starts over from what they left. */
export async function change(desk: Desk, target: Target, { call, next }: { call: Call; next: Change }): Promise<Thing> {
  const { kind, namespace, name } = target;
  const options = writeOptionsOf(call);
  const objects = desk.store.of(kind.storage);
  for (let attempt = 0; attempt < 5; attempt++) {
    const current = objects.get(namespace, name);
    if (current === undefined) throw notFound(kind, name);
    const asked = next(current);
    refuseStrangers(target, call, { asked, current });
    const proposed = complete(kind, known(target, allowed(target, asked, current), { call, options }));
    refuseUnreadable(kind, call, proposed);
    const admitted = { operation: 'UPDATE', target, call, options, object: proposed, old: current } as const;
    const mutated = (await desk.admission.mutate(admitted, (thing) => finish(kind, thing))) ?? proposed;
    refuseFaults(kind, mutated, current);
    if (isSame(unsigned(mutated), unsigned(current))) return current;
    const grown = sign(target, grow(target, mutated, current), { desk, options });
    await desk.admission.validate({ ...admitted, object: grown });
    if (options.dryRun) return grown;
    if (objects.get(namespace, name) === current) return settle(desk, kind, grown);
  }
  throw conflict(kind, name);
}

const unsigned = (thing: Thing) => put(thing, 'metadata.managedFields', undefined);

function refuseStrangers({ kind, name }: Target, { method }: Call, { asked, current }: { asked: Thing; current: Thing }): void {
  const { resourceVersion, uid, name: newName, namespace } = asked.metadata;
  if (!/^\d+$/.test(resourceVersion)) throw internal(`strconv.ParseUint: parsing "${resourceVersion}": invalid syntax`);
  if (uid !== current.metadata.uid) {
    if (method === 'PATCH') throw invalid(kind, name, [{ field: 'metadata.uid', message: `Invalid value: "${uid}": field is immutable` }]);
    throw conflict(kind, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.metadata.uid}`);
  }
  if (resourceVersion !== current.metadata.resourceVersion) throw conflict(kind, name);
  if (newName !== name || (namespace ?? '') !== (current.metadata.namespace ?? ''))
    throw badRequest(`the name of the object (${newName}) does not match the name on the URL (${name})`);
}

const systemFields = ['creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'generation', 'uid', 'resourceVersion', 'namespace', 'generateName'];

/** What may change at this address: the rest stays as it is. */
function allowed({ kind, subresource }: Target, asked: Thing, current: Thing): Thing {
  const { metadata } = current;
  const kept = Object.fromEntries(systemFields.map((name) => [name, metadata[name]]).filter(([, value]) => value !== undefined));
  const free = { ...without(asked.metadata, systemFields), ...kept };
  const own = isSame(free, metadata) ? metadata : free;
  if (subresource === 'status') {
    const told = kind.custom === undefined ? { ...own, ...(kind.kind === 'Deployment' ? { labels: metadata.labels } : {}) } : metadata;
    return { ...current, metadata: told, ...(asked['status'] === undefined ? {} : { status: asked['status'] }) } as Thing;
  }
  const whole = { ...asked, metadata: own } as Thing;
  return kind.subresources.includes('status') ? put(whole, 'status', current['status']) : whole;
}

/** The generation tells that somebody asked for something else, not that something else is so. */
function grow({ kind, subresource }: Target, thing: Thing, before: Thing): Thing {
  const content = (of: Thing) => without(of, ['metadata', ...(kind.subresources.includes('status') ? ['status'] : [])]);
  const isAsked = !isSame(content(thing), content(before)) || (kind.growth === 'annotated' && !isSame(thing.metadata.annotations, before.metadata.annotations));
  if (kind.growth === 'never' || subresource === 'status' || !isAsked) return thing;
  return put(thing, 'metadata.generation', (before.metadata.generation ?? 0) + 1);
}

/** Stores it; or, when it was only waiting for its last finalizer, lets it go. */
export function settle({ store }: Desk, { storage, kind }: Kind, thing: Thing): Thing {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = thing.metadata;
  const isHeld = finalizers.length > 0 || deletionGracePeriodSeconds > 0 || (kind === 'Namespace' && listOf(at(thing, 'spec.finalizers')).length > 0);
  return deletionTimestamp !== undefined && !isHeld ? store.remove(storage, thing) : store.write(storage, thing);
}
