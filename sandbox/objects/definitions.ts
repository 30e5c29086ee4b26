import type { Fields } from '../api.ts';
import type { Store } from '../store.ts';
import { at, fieldsOf, listOf, textOf, without, type Thing } from './json.ts';
import { builtIn, type Kind } from './kinds.ts';

/** What this server serves: the built-in kinds, and those that people define. */
export class Kinds {
  readonly #store: Store;
  #all: readonly Kind[] = builtIn;

  constructor(store: Store) {
    this.#store = store;
    store.of('customresourcedefinitions.apiextensions.k8s.io').follow(({ type, object }) => {
      const { name } = object.metadata;
      if (type === 'DELETED') this.#empty(name);
      const others = this.#all.filter(({ storage }) => storage !== name);
      this.#all = type === 'DELETED' ? others : [...others, ...kindsOf(object)];
    });
  }

  get all(): readonly Kind[] {
    return this.#all;
  }

  /** The objects go with their definition, and whoever watches them hears of each. */
  #empty(name: string): void {
    const instances = this.#store.of(name);
    for (const thing of instances.list()) this.#store.remove(name, thing);
    instances.close();
  }
}

function kindsOf(definition: Thing): readonly Kind[] {
  const { group, names, scope, versions } = fieldsOf(definition['spec']);
  const { plural, kind, shortNames } = fieldsOf(names);
  const served = listOf(versions).filter((version) => at(version, 'served') === true);
  return served.map((version) => ({
    group: textOf(group),
    version: textOf(at(version, 'name')),
    kind: textOf(kind),
    plural: textOf(plural),
    namespaced: scope === 'Namespaced',
    storage: definition.metadata.name,
    short: listOf(shortNames).map(textOf),
    subresources: at(version, 'subresources.status') === undefined ? [] : ['status'],
    growth: 'content',
    schema: rooted(fieldsOf(at(version, 'schema.openAPIV3Schema'))),
    columns: listOf(at(version, 'additionalPrinterColumns')).map(fieldsOf),
  }));
}

const typeMeta = ['metadata', 'apiVersion', 'kind'];

/** What every object has is not the author's to describe. */
function rooted(schema: Fields): Fields {
  const required = listOf(schema['required']).filter((name) => !typeMeta.includes(textOf(name)));
  return { ...schema, required, properties: without(fieldsOf(schema['properties']), ...typeMeta) };
}
