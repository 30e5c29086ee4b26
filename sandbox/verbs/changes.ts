import { isDeepStrictEqual } from 'node:util';
import type { Fields } from '../api.ts';
import type { Target, WriteOptions } from '../objects/calls.ts';
import { fieldsOf, listOf, put, timeOf, without, type Thing } from '../objects/json.ts';
import { isCustom, versionOf } from '../objects/kinds.ts';
import { conflict, invalid, Refusal } from '../objects/refusals.ts';

/** What nobody but the server says of an object. */
export const ofTheServer = [
  'uid',
  'resourceVersion',
  'namespace',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
];

/** A version or a uid that is not the object's is a precondition that fails. */
export function refuseStrangers({ kind, name }: Target, asked: Thing, old: Thing): void {
  const { resourceVersion, uid, namespace } = { ...old.metadata, ...asked.metadata };
  if (!/^\d+$/.test(resourceVersion))
    throw new Refusal(500, `parsing "${resourceVersion}"`, { reason: undefined });
  if (uid !== old.metadata.uid)
    throw invalid(kind, name, `metadata.uid: Invalid value: "${uid}": field is immutable`);
  if (resourceVersion !== old.metadata.resourceVersion) throw conflict(kind, name);
  if (asked.metadata.name !== name || namespace !== old.metadata.namespace)
    throw new Refusal(400, 'the name of the object does not match the name on the URL');
}

/** What may change at this address: all the rest stays as it is. */
export function allowed({ kind, subresource }: Target, asked: Thing, old: Thing): Thing {
  const own = ofTheServer.filter((name) => old.metadata[name] !== undefined);
  const kept = Object.fromEntries(own.map((name) => [name, old.metadata[name]]));
  const metadata = { ...without(asked.metadata, ...ofTheServer), ...kept };
  if (subresource !== 'status') {
    const whole = put(asked, 'metadata', metadata);
    return kind.subresources.includes('status') ? put(whole, 'status', old['status']) : whole;
  }
  const told = put(old, 'status', asked['status']);
  // Of built-in kinds this address takes annotations too: a controller notes its revision so.
  return isCustom(kind)
    ? told
    : put(told, 'metadata', put(metadata, 'labels', old.metadata.labels));
}

/** The generation tells that somebody asked for something else, not that something else is so. */
export function grow({ kind, subresource }: Target, thing: Thing, old: Thing): Thing {
  if (kind.growth === 'never' || subresource === 'status') return thing;
  const status = kind.subresources.includes('status') ? ['status'] : [];
  const asked = ({ metadata, ...content }: Thing) => [
    without(content, ...status),
    kind.growth === 'annotated' && metadata.annotations,
  ];
  if (isDeepStrictEqual(asked(thing), asked(old))) return thing;
  return put(thing, 'metadata.generation', (old.metadata.generation ?? 0) + 1);
}

/** Notes who wrote, and at which address. What each of them wrote is not kept: nobody here reads it. */
export function sign(target: Target, { manager }: WriteOptions, now: Date, thing: Thing): Thing {
  const { kind, subresource } = target;
  const who = { manager, operation: 'Update', ...(subresource && { subresource }) };
  const isWho = (one: Fields) =>
    one['manager'] === manager && one['subresource'] === (subresource || undefined);
  const entries = listOf(thing.metadata['managedFields']).map(fieldsOf);
  const entry = { ...who, apiVersion: versionOf(kind), time: timeOf(now) };
  return put(thing, 'metadata.managedFields', [...entries.filter((one) => !isWho(one)), entry]);
}
