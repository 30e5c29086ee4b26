import { isOlder } from './resource.ts';

/** The records of one kind, as others may see them. */
export interface Records<R> {
  readonly size: number;
  get(key: string): R | undefined;
  keys(): Iterable<string>;
  values(): Iterable<R>;
  byIndex(name: string, key: string): readonly R[];
}

/** By the name of the index: the keys under which a record is found. */
export type Indexes<R> = Readonly<Record<string, (record: R) => readonly string[]>>;

/** Both are there after a change, `before` alone after a deletion, `now` alone when it is new. */
export type OnChange<R> = (key: string, now: R | undefined, before: R | undefined) => void;

/** Which state of which object is meant. An object made anew under its old name has another uid. */
export interface Sighting {
  readonly key: string;
  readonly uid: string;
  readonly version: string;
}

interface Entry<R> extends Sighting {
  readonly record: R;
  pass: number;
}

/**
 * Holds what is known of one kind. It moves forward only: no object is ever shown in a state older
 * than one that has been shown, nor again after its deletion, whatever a lagging server sends.
 */
export class Cache<R> implements Records<R> {
  readonly #entries = new Map<string, Entry<R>>();
  readonly #found = new Map<string, Map<string, Set<string>>>();
  readonly #indexes: Indexes<R>;
  readonly #onChange: OnChange<R>;
  /** Objects of this pass that may have been deleted already: whether they are shown is known at its end. */
  readonly #doubtful = new Map<string, Entry<R>>();
  #pass = 0;
  #shownBefore: string | undefined;
  #newest: string | undefined;

  constructor(indexes: Indexes<R>, onChange: OnChange<R>) {
    this.#indexes = indexes;
    this.#onChange = onChange;
    for (const name of Object.keys(indexes)) this.#found.set(name, new Map());
  }

  /** The newest version that was seen, of an object, a list or a bookmark. */
  get newest(): string | undefined {
    return this.#newest;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): R | undefined {
    return this.#entries.get(key)?.record;
  }

  keys(): Iterable<string> {
    return this.#entries.keys();
  }

  *values(): Generator<R> {
    for (const { record } of this.#entries.values()) yield record;
  }

  byIndex(name: string, key: string): readonly R[] {
    const records: R[] = [];
    for (const found of this.#found.get(name)?.get(key) ?? []) {
      const entry = this.#entries.get(found);
      if (entry) records.push(entry.record);
    }
    return records;
  }

  /** Whether something newer than this version has been seen. */
  isPast(version: string): boolean {
    return this.#newest !== undefined && isOlder(version, this.#newest);
  }

  /** Whether a live event of this version says something that is not known yet. */
  isNews(version: string): boolean {
    return this.#newest !== version && !this.isPast(version);
  }

  /** Begins to read everything anew. */
  begin(): void {
    this.#pass += 1;
    this.#doubtful.clear();
    this.#shownBefore = this.#newest;
  }

  /** Notes what a pass found. Without a record the object is of no interest, or of none any more. */
  find(at: Sighting, record: R | undefined): void {
    const known = this.#entries.get(at.key);
    if (known) known.pass = this.#pass;
    if (known && (isOlder(at.version, known.version) || isSame(at, known))) return;
    const since = this.#shownBefore;
    const mayBeGone = !known && since !== undefined && !isOlder(since, at.version);
    if (!mayBeGone) this.store(at, record);
    else if (record !== undefined) this.#doubtful.set(at.key, entryOf(at, record, this.#pass));
  }

  /** Marks as found what could not be read: a mistake of ours deletes nothing. */
  keep({ key, version }: Sighting): void {
    const known = this.#entries.get(key);
    if (known) known.pass = this.#pass;
    this.advance(version);
  }

  /**
   * Ends a complete pass at the version the server says it is of: what it did not find is gone.
   * False, and nothing is gone, if that is older than what has been shown.
   */
  finish(version: string): boolean {
    if (this.isPast(version)) return false;
    for (const entry of this.#doubtful.values()) this.store(entry, entry.record);
    this.#doubtful.clear();
    for (const entry of this.#entries.values()) {
      if (entry.pass !== this.#pass) this.#drop(entry);
    }
    this.advance(version);
    return true;
  }

  store(at: Sighting, record: R | undefined): void {
    const before = this.#entries.get(at.key);
    this.advance(at.version);
    this.#doubtful.delete(at.key);
    if (before && (record === undefined || before.uid !== at.uid)) this.#drop(before);
    if (record === undefined) return;
    const same = before?.uid === at.uid ? before : undefined;
    if (same) this.#unlist(same);
    const entry = entryOf(at, record, this.#pass);
    this.#entries.set(at.key, entry);
    this.#list(entry);
    this.#onChange(at.key, record, same?.record);
  }

  remove(at: Sighting): void {
    const known = this.#entries.get(at.key);
    this.#doubtful.delete(at.key);
    if (known && isOlder(at.version, known.version)) return;
    this.advance(at.version);
    if (known) this.#drop(known);
  }

  advance(version: string): void {
    if (!this.isPast(version)) this.#newest = version;
  }

  /** Lets the next pass replace what is here even by something older: the past itself was changed. */
  forgetVersions(): void {
    this.#newest = undefined;
    for (const [key, entry] of this.#entries) this.#entries.set(key, { ...entry, version: '' });
  }

  clear(): void {
    for (const entry of this.#entries.values()) this.#drop(entry);
  }

  #drop(entry: Entry<R>): void {
    this.#entries.delete(entry.key);
    this.#unlist(entry);
    this.#onChange(entry.key, undefined, entry.record);
  }

  #list({ key, record }: Entry<R>): void {
    for (const [name, keysOf] of Object.entries(this.#indexes)) {
      const index = this.#found.get(name);
      for (const under of keysOf(record)) {
        const keys = index?.get(under);
        if (keys) keys.add(key);
        else index?.set(under, new Set([key]));
      }
    }
  }

  #unlist({ key, record }: Entry<R>): void {
    for (const [name, keysOf] of Object.entries(this.#indexes)) {
      const index = this.#found.get(name);
      for (const under of keysOf(record)) {
        const keys = index?.get(under);
        keys?.delete(key);
        if (keys?.size === 0) index?.delete(under);
      }
    }
  }
}

const isSame = (one: Sighting, other: Sighting) =>
  one.uid === other.uid && one.version === other.version;

/** Written out, so that an entry holds these five words and not the object they were read from. */
const entryOf = <R>({ key, uid, version }: Sighting, record: R, pass: number): Entry<R> => ({
  key,
  uid,
  version,
  record,
  pass,
});
