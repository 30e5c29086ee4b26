import { isObject, listAt, member, objectAt, type JsonObject } from '../../json.ts';
import type { EnvEntry } from '../instrumentation/settings.ts';
import { envOf, type Container } from './shape.ts';

/** How a variable that somebody else may have set is to end up. */
export interface Extension {
  readonly name: string;
  /** The value when nobody has set it. */
  readonly alone: string;
  /** The value around what is there already. */
  readonly around: (current: string) => string;
}

/**
 * The environment of one container while it is being worked on. Present means an entry of that
 * name, whatever its value. Of two entries of one name the later counts, as it does for the kubelet.
 */
export class Environment {
  readonly #entries: EnvEntry[];
  readonly #names: Set<string>;
  readonly #joinable: ReadonlySet<string>;
  readonly hasHiddenSources: boolean;

  constructor(container: Container, joinEnv: readonly string[]) {
    this.#entries = [...envOf(container)];
    this.#names = new Set(this.#entries.map(({ name }) => name));
    const sources = (listAt(container, 'envFrom') ?? []).filter(isObject);
    this.hasHiddenSources = sources.length > 0;
    this.#joinable = new Set(sources.some(isRequiredSource) ? joinEnv : []);
  }

  get entries(): readonly EnvEntry[] {
    return this.#entries;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  find(name: string): EnvEntry | undefined {
    return this.has(name) ? this.#entries.findLast((entry) => entry.name === name) : undefined;
  }

  /** The value as it is written, unless it comes from elsewhere. */
  plain(name: string): string | undefined {
    const entry = this.find(name);
    return entry === undefined || isReference(entry) ? undefined : plainValue(entry);
  }

  append(entry: EnvEntry): void {
    this.#entries.push(entry);
    this.#names.add(entry.name);
  }

  prepend(entry: EnvEntry): void {
    this.#entries.unshift(entry);
    this.#names.add(entry.name);
  }

  appendMissing(entries: readonly EnvEntry[]): void {
    for (const entry of entries) if (!this.has(entry.name)) this.append(entry);
  }

  precedes(name: string, other: string): boolean {
    return this.has(name) && this.#indexOf(name) < this.#indexOf(other);
  }

  /** Puts the entry first, or the one of its name that is there and depends on no other. */
  moveToFront(entry: EnvEntry): void {
    const own = this.find(entry.name);
    if (own === undefined) return this.prepend(entry);
    if (plainValue(own).includes('$(')) return;
    this.#entries.splice(this.#entries.lastIndexOf(own), 1);
    this.#entries.unshift(own);
  }

  moveToEnd(name: string): void {
    const [entry] = this.#entries.splice(this.#indexOf(name), 1);
    if (entry !== undefined) this.#entries.push(entry);
  }

  /** Whether an entry after the last one of that name refers to it. */
  isReferredToAfter(name: string): boolean {
    return this.#entries.slice(this.#indexOf(name) + 1).some((entry) => refersTo(entry, name));
  }

  refersTo(name: string): boolean {
    return this.#entries.some((entry) => refersTo(entry, name));
  }

  /**
   * Adds ours to a variable. A value from a required reference moves to a variable of its own,
   * which the kubelet resolves first; an optional one may be missing, and what is left of it then
   * would stop the application, so nothing is done and `false` says so.
   */
  extend({ name, alone, around }: Extension): boolean {
    const entry = this.find(name);
    if (entry === undefined) {
      const value = this.#joinable.has(name) ? around(`$(${name})`) : alone;
      this.append({ name, value });
      return true;
    }
    if (!isReference(entry)) {
      const current = plainValue(entry);
      this.#replace(entry, { ...entry, value: current === '' ? alone : around(current) });
      return true;
    }
    const kept = `OTEL_INJECTED_ORIG_${name}`;
    if (!isRequiredReference(entry) || this.has(kept)) return false;
    const index = this.#indexOf(name);
    this.#entries.splice(index, 1, { ...entry, name: kept }, { name, value: around(`$(${kept})`) });
    this.#names.add(kept);
    return true;
  }

  /** Whether its owner says that a hidden source holds it. */
  joins(name: string): boolean {
    return this.#joinable.has(name);
  }

  canExtend(name: string): boolean {
    const entry = this.find(name);
    if (entry === undefined || !isReference(entry)) return true;
    return isRequiredReference(entry) && !this.has(`OTEL_INJECTED_ORIG_${name}`);
  }

  #replace(entry: EnvEntry, next: EnvEntry): void {
    this.#entries[this.#entries.lastIndexOf(entry)] = next;
  }

  #indexOf(name: string): number {
    return this.#entries.findLastIndex((entry) => entry.name === name);
  }
}

const isReference = (entry: EnvEntry) => (member(entry, 'valueFrom') ?? null) !== null;

function plainValue(entry: EnvEntry): string {
  const value = member(entry, 'value');
  return typeof value === 'string' ? value : '';
}

/** Most values refer to nothing, which is seen at a glance. */
function refersTo(entry: EnvEntry, name: string): boolean {
  const value = plainValue(entry);
  if (!value.includes(`$(${name})`)) return false;
  // Two dollar signs stand for one, and what follows them is text.
  return [...value.matchAll(/\$(?:\$|\((?<name>[^)]*)\))/g)].some(
    ({ groups }) => groups?.['name'] === name,
  );
}

const requiredKinds = [
  'configMapKeyRef',
  'secretKeyRef',
  'fieldRef',
  'resourceFieldRef',
  'fileKeyRef',
];

function isRequiredReference(entry: EnvEntry): boolean {
  const from: JsonObject = objectAt(entry, 'valueFrom') ?? {};
  return requiredKinds.some((kind) => {
    const source = objectAt(from, kind);
    return source !== undefined && member(source, 'optional') !== true;
  });
}

function isRequiredSource(source: JsonObject): boolean {
  const reference = objectAt(source, 'configMapRef') ?? objectAt(source, 'secretRef');
  return reference !== undefined && member(reference, 'optional') !== true;
}

export const fieldEntry = (name: string, fieldPath: string): EnvEntry => ({
  name,
  valueFrom: { fieldRef: { fieldPath } },
});
