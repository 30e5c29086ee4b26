import type { Fields, Json } from '../api.ts';
import type { Call, Target, WriteOptions } from '../objects/calls.ts';
import { fieldsOf, isFields, isList, textOf, type Thing } from '../objects/json.ts';
import { isCustom, stored, versionOf, whole, type Kind } from '../objects/kinds.ts';
import { jsonPatch, mergePatch } from '../objects/patch.ts';
import { internal, invalid, Refusal } from '../objects/refusals.ts';
import { complete } from '../objects/rules.ts';
import { prune, validate } from '../objects/schema.ts';
import { strategicPatch } from '../objects/strategic.ts';

/** The object that somebody sends, in its stored form. */
export function readBody({ kind, namespace }: Target, { body }: Call): Thing {
  if (!isFields(body)) throw new Refusal(400, 'an object is expected');
  const { kind: named = kind.kind, apiVersion = versionOf(kind), ...rest } = body;
  if (named !== kind.kind || apiVersion !== versionOf(kind))
    throw new Refusal(400, `${textOf(named)} cannot be handled as a ${kind.kind}`);
  const metadata = fieldsOf(rest['metadata']);
  if (kind.namespaced && ![undefined, '', namespace].includes(metadata['namespace'] as string))
    throw new Refusal(400, 'the namespace of the object does not match the namespace on the URL');
  return stored(kind, { ...rest, metadata } as unknown as Thing);
}

/** A PATCH as a function of what it meets. */
export function readPatch(kind: Kind, call: Call): (current: Thing) => Thing {
  const apply = languageOf(kind, call);
  return (current) => stored(kind, untyped(apply(whole(kind, current))));
}

export function untyped(value: Json): Thing {
  const { kind: _kind, apiVersion: _version, ...thing } = fieldsOf(value);
  return thing as Thing;
}

function languageOf(kind: Kind, { type, body = null }: Call): (object: Fields) => Json {
  if (type === 'application/merge-patch+json') return (object) => mergePatch(object, body);
  if (type === 'application/strategic-merge-patch+json' && !isCustom(kind))
    return (object) => strategicPatch(object, body);
  if (type !== 'application/json-patch+json') throw unknownFormat;
  if (!isList(body)) throw new Refusal(400, 'error decoding patch: a list is expected');
  return (object) => {
    try {
      return jsonPatch(object, body);
    } catch {
      throw new Refusal(422, 'the server rejected our request due to an error in our request');
    }
  };
}

export const unknownFormat = new Refusal(
  415,
  'the body of the request was in an unknown format: this development server reads JSON, as `kubectl create -f` sends it',
);

/** The object with what was left out, and without what its schema does not know; the client hears of that as it asked to. */
export function readable(kind: Kind, thing: Thing, call: Call, options: WriteOptions): Thing {
  const unknown: string[] = [];
  const filled = complete(kind, prune(kind.schema, thing, unknown) as Thing);
  const texts = unknown.map((path) => `unknown field "${path}"`);
  if (options.validation === 'Warn') call.warnings.push(...texts);
  const isStrict = options.validation === 'Strict' && texts.length > 0;
  const why = isStrict ? `strict decoding error: ${texts.join(', ')}` : wrongType(kind, filled);
  if (why === undefined) return filled;
  if (call.method !== 'PATCH')
    throw new Refusal(400, `the body cannot be handled as a ${kind.kind}: ${why}`);
  // As the real server has it, which tells everything: nobody should log this.
  const shown = JSON.stringify(JSON.stringify(thing));
  throw invalid({ group: '', kind: '' }, '', `patch: Invalid value: ${shown}: ${why}`);
}

/** A wrong type is found where the text is read, before anybody is asked; a custom resource is read as any text. */
const wrongType = (kind: Kind, thing: Thing) =>
  isCustom(kind)
    ? undefined
    : validate(kind.schema, thing).find((fault) => fault.includes('must be of type'));

/** What webhooks return goes the way of what people send. */
export function finish(kind: Kind, thing: Thing): Thing {
  const filled = complete(kind, prune(kind.schema, thing, []) as Thing);
  const why = wrongType(kind, filled);
  if (why === undefined) return filled;
  throw internal(`json: cannot unmarshal ${why}`);
}
