import { isObject, objectAt, type JsonObject } from '../../../domain/json.ts';
import { keyOf, type KubeObject } from '../../../controller/kube/resource.ts';

/**
 * The part of an API server's behaviour that clients stumble over: versions, pages, watches that are
 * too old, bookmarks, preconditions. A source of faults for unit tests and no model of Kubernetes;
 * whether it is right is shown by the same tests against the real one.
 */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: string | undefined;
}

export type Reply =
  | {
      readonly kind: 'answer';
      readonly code: number;
      readonly headers: Headers;
      readonly text: string;
    }
  | { readonly kind: 'stream'; readonly attach: (sink: Sink) => () => void };

type Headers = Readonly<Record<string, string>>;

export interface Sink {
  write(text: string): void;
  end(): void;
}

export interface FakeApiOptions {
  /** Whether a watch can begin with what there is. */
  readonly watchList?: boolean;
}

interface Change {
  readonly revision: number;
  readonly collection: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
}

interface Watcher {
  readonly collection: string;
  readonly namespace: string | undefined;
  from: number;
  readonly sink: Sink;
}

interface Target {
  readonly collection: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly query: URLSearchParams;
}

export class FakeApi {
  watchList: boolean;
  revision = 1_000;
  /** Collections that are not known, as `group/plural`. */
  readonly absent = new Set<string>();
  readonly #stored = new Map<string, Map<string, KubeObject>>();
  #changes: Change[] = [];
  /** Changes up to and including this revision can no longer be watched. */
  #forgotten = 1_000;
  readonly #walks = new Map<string, { items: readonly KubeObject[]; revision: number }>();
  readonly #watchers = new Set<Watcher>();
  #uids = 0;
  readonly requests: Request[] = [];

  constructor({ watchList = true }: FakeApiOptions = {}) {
    this.watchList = watchList;
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  /** The truth: `key → resourceVersion`. */
  versions(collection: string): Map<string, string> {
    const found = this.#of(collection);
    return new Map([...found].map(([key, object]) => [key, object.metadata.resourceVersion]));
  }

  object(collection: string, key: string): KubeObject | undefined {
    return this.#of(collection).get(key);
  }

  put(collection: string, name: string, rest: JsonObject = {}, namespace = 'shop'): KubeObject {
    const before = this.#of(collection).get(keyOf({ name, namespace }));
    const given = objectAt(rest, 'metadata') ?? {};
    const metadata = { ...before?.metadata, ...given, name, namespace };
    return this.#store(collection, { ...before, ...rest, metadata }, before);
  }

  remove(collection: string, key: string): void {
    const before = this.#of(collection).get(key);
    if (!before) return;
    this.#of(collection).delete(key);
    this.revision += 1;
    const metadata = { ...before.metadata, resourceVersion: String(this.revision) };
    this.#tell({
      revision: this.revision,
      collection,
      type: 'DELETED',
      object: { ...before, metadata },
    });
  }

  /** Compaction: every list under way and every watch that is behind is now too old. */
  forget(): void {
    this.#forgotten = this.revision;
    this.#changes = [];
    this.#walks.clear();
  }

  /** Sends everybody who watches how far the world has come. */
  bookmark(): void {
    for (const watcher of this.#watchers) {
      if (watcher.from <= this.revision) watcher.sink.write(bookmark(this.revision));
    }
  }

  endWatches(): void {
    for (const { sink } of this.#watchers) sink.end();
    this.#watchers.clear();
  }

  say(line: string): void {
    for (const { sink } of this.#watchers) sink.write(line);
  }

  /** A copy that no longer changes by itself: a member that lags, or a backup. */
  copy(): FakeApi {
    const copy = new FakeApi({ watchList: this.watchList });
    copy.revision = this.revision;
    for (const [collection, objects] of this.#stored)
      copy.#stored.set(collection, new Map(objects));
    copy.#changes = [...this.#changes];
    copy.#forgotten = this.#forgotten;
    copy.#uids = this.#uids + 1_000_000;
    return copy;
  }

  answer(request: Request): Reply {
    this.requests.push(request);
    const target = targetOf(request.path);
    if (!target) return { kind: 'answer', code: 404, headers: plain, text: '404 page not found\n' };
    if (this.absent.has(target.collection)) {
      return { kind: 'answer', code: 404, headers: plain, text: '404 page not found\n' };
    }
    if (request.method === 'POST') return this.#create(target, bodyOf(request));
    if (request.method === 'PATCH') return this.#patch(target, bodyOf(request));
    if (request.method === 'DELETE') return this.#delete(target, bodyOf(request));
    if (target.query.get('watch') === 'true') return this.#watch(target);
    return target.name === undefined ? this.#list(target) : this.#get(target);
  }

  #of(collection: string): Map<string, KubeObject> {
    const found = this.#stored.get(collection) ?? new Map<string, KubeObject>();
    this.#stored.set(collection, found);
    return found;
  }

  #store(collection: string, object: JsonObject, before: KubeObject | undefined): KubeObject {
    this.revision += 1;
    const metadata = {
      ...objectAt(object, 'metadata'),
      uid: before?.metadata.uid ?? `uid-${(this.#uids += 1)}`,
      resourceVersion: String(this.revision),
    };
    const stored = { ...object, metadata } as unknown as KubeObject;
    this.#of(collection).set(keyOf(stored.metadata), stored);
    const type = before ? 'MODIFIED' : 'ADDED';
    this.#tell({ revision: this.revision, collection, type, object: stored });
    return stored;
  }

  #tell(change: Change): void {
    this.#changes.push(change);
    for (const watcher of this.#watchers) this.#tellOne(watcher, change);
  }

  #tellOne(watcher: Watcher, { revision, collection, type, object }: Change): void {
    const { namespace } = watcher;
    if (collection !== watcher.collection || revision <= watcher.from) return;
    if (namespace !== undefined && namespace !== object.metadata.namespace) return;
    watcher.sink.write(`${JSON.stringify({ type, object })}\n`);
  }

  #get({ collection, namespace, name = '' }: Target): Reply {
    const found = this.#of(collection).get(keyOf({ name, ...(namespace ? { namespace } : {}) }));
    return found ? json(200, found) : notFound(collection, name);
  }

  #list({ collection, namespace, query }: Target): Reply {
    const limit = Number(query.get('limit') ?? 0);
    const [walk, start] = (query.get('continue') ?? ':0').split(':');
    const begun = walk ? this.#walks.get(walk) : undefined;
    if (walk && !begun) {
      const message = 'The provided continue parameter is too old to display a consistent list';
      return failure(410, 'Expired', message);
    }
    const { items, revision } = begun ?? {
      items: this.#sorted(collection, namespace),
      revision: this.revision,
    };
    const from = Number(start);
    const to = limit > 0 ? from + limit : items.length;
    const name = walk || `w${this.#walks.size}-${revision}`;
    if (to < items.length) this.#walks.set(name, { items, revision });
    const next = to < items.length ? { continue: `${name}:${to}` } : {};
    return json(200, {
      kind: 'List',
      apiVersion: 'v1',
      metadata: { resourceVersion: String(revision), ...next },
      items: items.slice(from, to),
    });
  }

  #sorted(collection: string, namespace: string | undefined): readonly KubeObject[] {
    return [...this.#of(collection).values()]
      .filter((object) => namespace === undefined || object.metadata.namespace === namespace)
      .toSorted((one, other) => (keyOf(one.metadata) < keyOf(other.metadata) ? -1 : 1));
  }

  #watch({ collection, namespace, query }: Target): Reply {
    const initial = query.get('sendInitialEvents') === 'true';
    if (initial && !this.watchList) {
      return failure(
        422,
        'Invalid',
        'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
      );
    }
    const from = initial ? this.revision : Number(query.get('resourceVersion'));
    return {
      kind: 'stream',
      attach: (sink) => {
        if (initial) {
          for (const object of this.#sorted(collection, namespace)) {
            sink.write(`${JSON.stringify({ type: 'ADDED', object })}\n`);
          }
          sink.write(bookmark(this.revision, { 'k8s.io/initial-events-end': 'true' }));
        } else if (from < this.#forgotten) {
          const message = `too old resource version: ${from} (${this.#forgotten})`;
          const object = {
            kind: 'Status',
            status: 'Failure',
            message,
            reason: 'Expired',
            code: 410,
          };
          sink.write(`${JSON.stringify({ type: 'ERROR', object })}\n`);
          sink.end();
          return () => undefined;
        }
        const watcher = { collection, namespace, from: initial ? this.revision : from, sink };
        for (const change of this.#changes) this.#tellOne(watcher, change);
        this.#watchers.add(watcher);
        return () => this.#watchers.delete(watcher);
      },
    };
  }

  #create({ collection, namespace }: Target, object: JsonObject): Reply {
    const metadata = { ...objectAt(object, 'metadata'), ...(namespace ? { namespace } : {}) };
    const key = keyOf(metadata as unknown as KubeObject['metadata']);
    if (this.#of(collection).has(key))
      return failure(409, 'AlreadyExists', `${key} already exists`);
    return json(201, this.#store(collection, { ...object, metadata }, undefined));
  }

  #patch({ collection, namespace, name = '', query }: Target, patch: JsonObject): Reply {
    const before = this.#of(collection).get(keyOf({ name, ...(namespace ? { namespace } : {}) }));
    if (!before) return notFound(collection, name);
    const refused = preconditionFailure(before, objectAt(patch, 'metadata') ?? {});
    if (refused) return refused;
    const merged = merge(before, patch);
    if (query.get('dryRun') === 'All') return json(200, merged);
    return json(200, this.#store(collection, merged, before));
  }

  #delete({ collection, namespace, name = '' }: Target, options: JsonObject): Reply {
    const key = keyOf({ name, ...(namespace ? { namespace } : {}) });
    const before = this.#of(collection).get(key);
    if (!before) return notFound(collection, name);
    const only = objectAt(options, 'preconditions') ?? {};
    if (only['uid'] !== undefined && only['uid'] !== before.metadata.uid) {
      return failure(409, 'Conflict', 'the UID in the precondition does not match');
    }
    this.remove(collection, key);
    return json(200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' });
  }
}

const plain = { 'content-type': 'text/plain; charset=utf-8' };

export function json(code: number, value: JsonObject, headers: Headers = {}): Reply {
  const all = { 'content-type': 'application/json', ...headers };
  return { kind: 'answer', code, headers: all, text: JSON.stringify(value) };
}

export function failure(
  code: number,
  reason: string,
  message: string,
  more: { readonly details?: JsonObject; readonly headers?: Headers } = {},
): Reply {
  const details = more.details ? { details: more.details } : {};
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' };
  return json(code, { ...status, message, reason, ...details, code }, more.headers);
}

const notFound = (collection: string, name: string): Reply =>
  failure(404, 'NotFound', `${collection} "${name}" not found`, {
    details: { name, kind: collection.split('/')[1] ?? '' },
  });

function preconditionFailure(before: KubeObject, asked: JsonObject): Reply | undefined {
  const { uid, resourceVersion } = before.metadata;
  if (asked['resourceVersion'] !== undefined && asked['resourceVersion'] !== resourceVersion) {
    const message = 'the object has been modified; please apply your changes to the latest version';
    return failure(409, 'Conflict', message);
  }
  if (asked['uid'] === undefined || asked['uid'] === uid) return undefined;
  return failure(422, 'Invalid', 'metadata.uid: Invalid value: field is immutable', {
    details: { causes: [{ reason: 'FieldValueInvalid', field: 'metadata.uid' }] },
  });
}

function merge(target: JsonObject, patch: JsonObject): JsonObject {
  const merged: Record<string, JsonObject[string]> = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    const before = target[key];
    if (value === null) delete merged[key];
    else merged[key] = isObject(value) ? merge(isObject(before) ? before : {}, value) : value;
  }
  return merged;
}

const bookmark = (revision: number, annotations?: JsonObject): string => {
  const metadata = { resourceVersion: String(revision), ...(annotations ? { annotations } : {}) };
  return `${JSON.stringify({ type: 'BOOKMARK', object: { kind: 'Any', apiVersion: 'v1', metadata } })}\n`;
};

const bodyOf = ({ body }: Request): JsonObject => JSON.parse(body ?? '{}') as JsonObject;

function targetOf(path: string): Target | undefined {
  const { pathname, searchParams } = new URL(path, 'http://any');
  const parts = pathname.split('/').slice(1).map(decodeURIComponent);
  const group = parts[0] === 'apis' ? (parts[1] ?? '') : '';
  const rest = parts.slice(parts[0] === 'apis' ? 3 : 2);
  const namespaced = rest[0] === 'namespaces' && rest.length > 2;
  const [plural, name] = namespaced ? rest.slice(2) : rest;
  if (!plural || (parts[0] !== 'api' && parts[0] !== 'apis')) return undefined;
  return {
    collection: `${group}/${plural}`,
    namespace: namespaced ? rest[1] : undefined,
    name,
    query: searchParams,
  };
}
