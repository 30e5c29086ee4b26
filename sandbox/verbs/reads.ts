import { randomUUID } from 'node:crypto';
import type { Fields } from '../api.ts';
import type { Call, Target } from '../objects/calls.ts';
import type { Thing } from '../objects/json.ts';
import { isCustom, served, versionOf, whole, type Kind } from '../objects/kinds.ts';
import { notFound, Refusal } from '../objects/refusals.ts';
import { selectorOf } from '../objects/selectors.ts';
import { partialsOf, tableOf, wantsPartials, wantsTable } from '../objects/tables.ts';
import type { Store } from '../store.ts';

export interface Shelf {
  readonly store: Store;
  readonly pages: Pages;
  readonly now: () => Date;
}

/** The object that is spoken of. */
export function found({ store }: Pick<Shelf, 'store'>, { kind, namespace, name }: Target): Thing {
  const thing = store.of(kind.storage).get(namespace, name);
  if (thing === undefined) throw notFound(kind, name);
  return thing;
}

/** One object, as an answer or in an event. */
export function told(
  { now }: Pick<Shelf, 'now'>,
  kind: Kind,
  thing: Thing,
  accept: string,
): Fields {
  const { resourceVersion } = thing.metadata;
  return wantsTable(accept)
    ? tableOf(kind, [thing], { resourceVersion }, now())
    : whole(kind, thing);
}

export const get = (shelf: Shelf, target: Target, { accept }: Call): Fields =>
  told(shelf, target.kind, found(shelf, target), accept);

/** Items say what they are only where the list does not know it for sure. */
export function list(shelf: Shelf, { kind, namespace }: Target, { url, accept }: Call): Fields {
  const { things, metadata } = pageOf(shelf, kind, namespace, url.searchParams);
  if (wantsTable(accept)) return tableOf(kind, things, metadata, shelf.now());
  if (wantsPartials(accept)) return partialsOf(things, metadata);
  const items = things.map((thing) => (isCustom(kind) ? whole : served)(kind, thing));
  return { kind: `${kind.kind}List`, apiVersion: versionOf(kind), metadata, items };
}

function pageOf({ store, pages }: Shelf, kind: Kind, namespace: string, query: URLSearchParams) {
  const given = query.get('resourceVersion') ?? '';
  const token = query.get('continue') ?? '';
  refuseVersion(store, given);
  const isShown = selectorOf(kind, query) ?? (() => true);
  const { version, rest } =
    token === ''
      ? { version: store.version, rest: store.of(kind.storage).list(namespace).filter(isShown) }
      : pages.take(token);
  // A reader that takes any version gets everything at once.
  const size = (given !== '0' && Number(query.get('limit'))) || Infinity;
  const [things, left] = [rest.slice(0, size), rest.slice(size)];
  const next = left.length > 0 && { continue: pages.keep({ version, rest: left }) };
  return { things, metadata: { resourceVersion: String(version), ...next } };
}

function refuseVersion(store: Store, given: string): void {
  if (!/^\d*$/.test(given)) throw new Refusal(400, `invalid resource version: "${given}"`);
  if (Number(given) <= store.version) return;
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  const text = `Timeout: Too large resource version: ${given}, current: ${store.version}`;
  throw new Refusal(504, text, { details: { causes, retryAfterSeconds: 1 } });
}

interface Rest {
  readonly version: number;
  readonly rest: readonly Thing[];
}

const keptWalks = 1_000;

/** What is left of lists that are read in pages: the pages of one walk show one moment. */
export class Pages {
  readonly #rests = new Map<string, Rest>();

  keep(rest: Rest): string {
    const token = Buffer.from(JSON.stringify({ rv: rest.version, id: randomUUID() })).toString(
      'base64url',
    );
    this.#rests.set(token, rest);
    const [oldest = ''] = this.#rests.keys();
    if (this.#rests.size > keptWalks) this.#rests.delete(oldest);
    return token;
  }

  take(token: string): Rest {
    const rest = this.#rests.get(token);
    if (rest !== undefined) return rest;
    if (!Buffer.from(token, 'base64url').toString().startsWith('{"rv"'))
      throw new Refusal(400, 'invalid continue token: it is none of this server');
    const why = 'The provided continue parameter is too old to display a consistent list result.';
    throw new Refusal(410, why);
  }

  forget(): void {
    this.#rests.clear();
  }
}
