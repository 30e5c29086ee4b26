import { freeze, put, type Thing } from './objects/json.ts';

/** One write, as watchers hear of it and as the past is told from it. */
export interface Change {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: Thing;
  readonly before: Thing | undefined;
  /** How it reads on the wire, made once for all who watch. */
  readonly lines: Map<string, Buffer>;
}

type Follower = (change: Change) => void;

/** All objects of one kind, and what lately became of them. */
export class Collection {
  readonly #namespaces = new Map<string, Map<string, Thing>>();
  readonly #followers = new Map<Follower, () => void>();
  readonly #window: number;
  #log: Change[] = [];
  /** Up to here the past is forgotten. */
  #floor: number;

  constructor(window: number, floor: number) {
    this.#window = window;
    this.#floor = floor;
  }

  get(namespace: string, name: string): Thing | undefined {
    return this.#namespaces.get(namespace)?.get(name);
  }

  /** In byte order of `namespace/name`; without a namespace, those of all. */
  list(namespace = ''): readonly Thing[] {
    const chosen = namespace === '' ? [...this.#namespaces.keys()] : [namespace];
    return chosen.toSorted(bySlash).flatMap((one) => {
      const things = this.#namespaces.get(one) ?? new Map<string, Thing>();
      return [...things.values()].toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    });
  }

  /** The objects as they were at a version, or undefined where that is forgotten. */
  listAt(version: number, namespace: string): readonly Thing[] | undefined {
    const changes = this.since(version);
    if (changes === undefined || changes.length === 0) return changes && this.list(namespace);
    const past = new Map(this.list(namespace).map((thing) => [keyOf(thing), thing]));
    for (const { object, before } of changes.toReversed()) {
      if (namespace !== '' && object.metadata.namespace !== namespace) continue;
      if (before === undefined) past.delete(keyOf(object));
      else past.set(keyOf(before), before);
    }
    return [...past].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, thing]) => thing);
  }

  /** What happened after a version, or undefined where that is forgotten. */
  since(version: number): readonly Change[] | undefined {
    if (version < this.#floor) return undefined;
    let first = this.#log.length;
    while (first > 0 && (this.#log[first - 1]?.version ?? 0) > version) first--;
    return this.#log.slice(first);
  }

  follow(follower: Follower, onClose: () => void = () => {}): () => void {
    this.#followers.set(follower, onClose);
    return () => void this.#followers.delete(follower);
  }

  /** Its kind is served no more. */
  close(): void {
    for (const onClose of [...this.#followers.values()]) onClose();
  }

  take(change: Change): void {
    const { object, type, version } = change;
    const { namespace = '', name } = object.metadata;
    const things = this.#namespaces.get(namespace) ?? new Map<string, Thing>();
    this.#namespaces.set(namespace, things);
    if (type === 'DELETED') things.delete(name);
    else things.set(name, object);
    this.#log.push(change);
    if (this.#log.length >= 2 * this.#window) this.#forgetBefore(version, this.#window);
    for (const follower of [...this.#followers.keys()]) follower(change);
  }

  /** As after a restart of the server: no watch can go on from the past. */
  forget(version: number): void {
    this.#log = [];
    this.#floor = version;
  }

  #forgetBefore(version: number, kept: number): void {
    this.#floor = this.#log.at(-kept - 1)?.version ?? version;
    this.#log = this.#log.slice(-kept);
  }
}

/** `a-b/x` comes before `a/x`: the slash takes part in the order. */
const bySlash = (a: string, b: string) => (`${a}/` < `${b}/` ? -1 : 1);

export const keyOf = ({ metadata: { namespace, name } }: Thing) => (namespace === undefined ? name : `${namespace}/${name}`);

/** The one place where objects live: every write, of whatever kind, makes the version grow by one. */
export class Store {
  version = 1;
  #floor = 0;
  readonly #collections = new Map<string, Collection>();
  readonly #window: number;

  /** The window is how many writes of each kind can be watched afterwards. */
  constructor(window: number) {
    this.#window = window;
  }

  of(storage: string): Collection {
    let collection = this.#collections.get(storage);
    if (collection === undefined) {
      collection = new Collection(this.#window, this.#floor);
      this.#collections.set(storage, collection);
    }
    return collection;
  }

  write(storage: string, thing: Thing): Thing {
    const { namespace = '', name } = thing.metadata;
    const before = this.of(storage).get(namespace, name);
    return this.#record(storage, before === undefined ? 'ADDED' : 'MODIFIED', thing, before);
  }

  remove(storage: string, thing: Thing): Thing {
    return this.#record(storage, 'DELETED', thing, thing);
  }

  forget(): void {
    this.#floor = this.version;
    for (const collection of this.#collections.values()) collection.forget(this.version);
  }

  #record(storage: string, type: Change['type'], thing: Thing, before: Thing | undefined): Thing {
    const version = ++this.version;
    const object = freeze(put(thing, 'metadata.resourceVersion', String(version)));
    this.of(storage).take({ version, type, object, before, lines: new Map() });
    return object;
  }
}
