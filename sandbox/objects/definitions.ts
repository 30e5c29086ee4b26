import type { Fields, Json } from '../api.ts';
import type { Store } from '../store.ts';
import { at, fieldsOf, isFields, listOf, put, textOf, type Thing } from './json.ts';
import { builtIn, type Kind } from './kinds.ts';

const home = 'customresourcedefinitions.apiextensions.k8s.io';
const cleanup = 'customresourcecleanup.apiextensions.k8s.io';

/** What this server serves: the built-in kinds, and those that people define. */
export class Kinds {
  #all: readonly Kind[] = builtIn;
  /** By storage: a definition that is going takes no new objects. */
  readonly #going = new Set<string>();
  readonly #store: Store;
  readonly #now: () => Date;

  constructor(store: Store, now: () => Date) {
    this.#store = store;
    this.#now = now;
    store.of(home).follow(({ type, object }) => {
      if (type === 'DELETED') this.#drop(object.metadata.name);
      else this.#take(object);
    });
  }

  get all(): readonly Kind[] {
    return this.#all;
  }

  find(group: string, version: string, plural: string): Kind | undefined {
    return this.#all.find((kind) => kind.plural === plural && kind.group === group && kind.version === version);
  }

  isGoing({ storage }: Kind): boolean {
    return this.#going.has(storage);
  }

  #take(definition: Thing): void {
    const { name, deletionTimestamp, finalizers = [] } = definition.metadata;
    if (deletionTimestamp !== undefined) {
      if (finalizers.includes(cleanup)) setImmediate(() => this.#remove(name));
      return;
    }
    if (listOf(at(definition, 'status.conditions')).length === 0) {
      setImmediate(() => this.#establish(name));
      return;
    }
    this.#all = [...this.#all.filter(({ storage }) => storage !== name), ...kindsOf(definition)];
  }

  #establish(name: string): void {
    const definition = this.#store.of(home).get('', name);
    if (definition === undefined) return;
    const condition = (type: string, reason: string) => ({ type, status: 'True', lastTransitionTime: this.#time(), reason, message: '' });
    const versions = listOf(at(definition, 'spec.versions')).map(fieldsOf);
    const status = {
      conditions: [condition('NamesAccepted', 'NoConflicts'), condition('Established', 'InitialNamesAccepted')],
      acceptedNames: at(definition, 'spec.names'),
      storedVersions: versions.filter(({ storage }) => storage === true).map(({ name: version = '' }) => version),
    };
    this.#store.write(home, put(put(definition, 'status', status), 'metadata.finalizers', [cleanup]));
  }

  /** Its objects go first; those that somebody holds by a finalizer keep it until they are let go. */
  #remove(name: string): void {
    this.#going.add(name);
    const instances = this.#store.of(name);
    for (const thing of instances.list()) {
      if ((thing.metadata.finalizers ?? []).length === 0) this.#store.remove(name, thing);
      else if (thing.metadata.deletionTimestamp === undefined) this.#store.write(name, put(thing, 'metadata.deletionTimestamp', this.#time()));
    }
    if (instances.list().length > 0) {
      const unfollow = instances.follow(() => {
        unfollow();
        setImmediate(() => this.#remove(name));
      });
      return;
    }
    const definition = this.#store.of(home).get('', name);
    if (definition !== undefined) this.#store.remove(home, definition);
  }

  #drop(name: string): void {
    this.#all = this.#all.filter(({ storage }) => storage !== name);
    this.#going.delete(name);
    this.#store.of(name).close();
  }

  #time(): string {
    return this.#now().toISOString().replace(/\.\d+Z$/, 'Z');
  }
}

function kindsOf(definition: Thing): readonly Kind[] {
  const { group, names, scope, versions } = fieldsOf(definition['spec']);
  const { plural, kind, shortNames, categories } = fieldsOf(names);
  const served = listOf(versions).map(fieldsOf).filter((version) => version['served'] === true);
  return served.map((version) => {
    const subresources = Object.keys(fieldsOf(version['subresources'])).filter((name) => name === 'status');
    return {
      group: textOf(group),
      version: textOf(version['name']),
      kind: textOf(kind),
      plural: textOf(plural),
      namespaced: scope === 'Namespaced',
      storage: definition.metadata.name,
      short: listOf(shortNames).map(textOf),
      categories: listOf(categories).map(textOf),
      subresources,
      growth: 'content' as const,
      fields: Object.fromEntries(listOf(version['selectableFields']).map((field) => textOf(fieldsOf(field)['jsonPath']).slice(1)).map((path) => [path, path])),
      custom: { schema: rooted(at(version, 'schema.openAPIV3Schema')), columns: listOf(version['additionalPrinterColumns']).map(fieldsOf) },
    };
  });
}

/** What every object has is not the author's to describe. */
function rooted(schema: Json | undefined): Fields {
  const given = fieldsOf(schema);
  const { metadata: _m, apiVersion: _v, kind: _k, ...properties } = fieldsOf(given['properties']);
  const required = listOf(given['required']).filter((name) => !['metadata', 'apiVersion', 'kind'].includes(textOf(name)));
  return isFields(given['properties']) ? { ...given, properties, required } : { ...given, required };
}
