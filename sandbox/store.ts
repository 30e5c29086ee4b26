import { freeze, put, type Thing } from './objects/json.ts';

/** One write, as watchers hear of it. */
export interface Change {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: Thing;
  readonly before: Thing | undefined;
}

type Follower = (change: Change) => void;

/** All objects of one kind, and what lately became of them. */
export class Collection {
  readonly #namespaces = new Map<string, Map<string, Thing>>();
  readonly #followers = new Map<Follower, () => void>();
  readonly #window: number;
  #log: Change[] = [];
  /** Up to here the past is forgotten. */
  #floor = 0;

  constructor(window: number) {
    this.#window = window;
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

  /** What happened after a version, or undefined where that is forgotten. */
  since(version: number): readonly Change[] | undefined {
    if (version < this.#floor) return undefined;
    return this.#log.slice(this.#log.findLastIndex((change) => change.version <= version) + 1);
  }

  follow(follower: Follower, onClose: () => void = () => {}): () => void {
    this.#followers.set(follower, onClose);
    return () => void this.#followers.delete(follower);
  }

  /** Whoever follows is told that there is nothing more to come. */
  close(): void {
    for (const onClose of Array.from(this.#followers.values())) onClose();
  }

  take(change: Change): void {
    const { object, type } = change;
    const { namespace = '', name } = object.metadata;
    const things = this.#namespaces.get(namespace) ?? new Map<string, Thing>();
    this.#namespaces.set(namespace, things);
    if (type === 'DELETED') things.delete(name);
    else things.set(name, object);
    this.#log.push(change);
    if (this.#log.length >= 2 * this.#window) this.forget(this.#window);
    for (const follower of Array.from(this.#followers.keys())) follower(change);
  }

  /** All changes but the last ones. */
  forget(kept: number): void {
    const forgotten = this.#log.splice(0, this.#log.length - kept);
    this.#floor = forgotten.at(-1)?.version ?? this.#floor;
  }
}

/** `a-b/x` comes before `a/x`: the slash takes part in the order. */
const bySlash = (a: string, b: string) => (`${a}/` < `${b}/` ? -1 : 1);

/** The one place where objects live: every write, of whatever kind, makes the version grow by one. */
export class Store {
  version = 1;
  readonly #collections = new Map<string, Collection>();
  readonly #window: number;

  /** The window is how many writes of each kind can be watched afterwards. */
  constructor(window: number) {
    this.#window = window;
  }

  of(storage: string): Collection {
    const known = this.#collections.get(storage) ?? new Collection(this.#window);
    this.#collections.set(storage, known);
    return known;
  }

  write(storage: string, thing: Thing): Thing {
    const { namespace = '', name } = thing.metadata;
    const before = this.of(storage).get(namespace, name);
    return this.#record(storage, before === undefined ? 'ADDED' : 'MODIFIED', thing, before);
  }

  remove(storage: string, thing: Thing): Thing {
    return this.#record(storage, 'DELETED', thing, thing);
  }

  /** As after a restart of the server: no watch can go on from the past. */
  forget(): void {
    for (const collection of this.#collections.values()) collection.forget(0);
  }

  /** Ends every watch. */
  close(): void {
    for (const collection of this.#collections.values()) collection.close();
  }

  #record(storage: string, type: Change['type'], thing: Thing, before: Thing | undefined): Thing {
    const version = ++this.version;
    const object = freeze(put(thing, 'metadata.resourceVersion', String(version)));
    this.of(storage).take({ version, type, object, before });
    return object;
  }
}
