import type { KubeObject, Metadata } from '../api.ts';

/** What is stored of one kind, and what becomes of it. */
interface Shelf {
  get(namespace: string, name: string): KubeObject | undefined;
  list(): readonly KubeObject[];
  follow(follower: (change: { readonly object: KubeObject }) => void): () => void;
}

export interface Store {
  of(storage: string): Shelf;
}

const core = ['namespaces', 'nodes', 'pods'];
const apps = ['deployments', 'replicasets', 'statefulsets', 'daemonsets', 'controllerrevisions'];
const plurals: readonly string[] = [...core, ...apps];

/** Where an object is: `pods/shop/cart-1`. */
export const keyOf = (
  plural: string,
  { namespace = '', name }: Pick<Metadata, 'namespace' | 'name'>,
) => `${plural}/${namespace}/${name}`;

export const pluralOf = (key: string) => key.slice(0, key.indexOf('/'));
export const namespaceOf = (key: string) => key.split('/')[1] ?? '';

/** Where the API server has it; without a name, all of them. */
export function pathOf(key: string): string {
  const [plural = '', namespace = '', name = ''] = key.split('/');
  const root = core.includes(plural) ? '/api/v1' : '/apis/apps/v1';
  const home = namespace === '' ? root : `${root}/namespaces/${namespace}`;
  return name === '' ? `${home}/${plural}` : `${home}/${plural}/${name}`;
}

/** Its owners among the followed kinds. */
export const ownersOf = ({ metadata: { ownerReferences = [], namespace = '' } }: KubeObject) =>
  ownerReferences
    .map(({ kind, name, uid }) => ({ plural: `${kind.toLowerCase()}s`, name, uid }))
    .filter(({ plural }) => plurals.includes(plural))
    .map(({ plural, name, uid }) => ({ uid, key: keyOf(plural, { namespace, name }) }));

/** The stored objects by kind and by owner, and a word on each that concerns a change. */
export class View {
  readonly #store: Store;
  readonly #owned = new Map<string, Set<string>>();
  readonly #ends: readonly (() => void)[];

  constructor(store: Store, concern: (key: string) => void) {
    this.#store = store;
    this.#ends = plurals.map((plural) => {
      const take = ({ object }: { readonly object: KubeObject }) => {
        for (const key of this.#take(plural, object)) concern(key);
      };
      for (const object of this.all(plural)) take({ object });
      return this.#shelf(plural).follow(take);
    });
  }

  close(): void {
    for (const end of this.#ends) end();
  }

  get(key: string): KubeObject | undefined {
    const [plural = '', namespace = '', name = ''] = key.split('/');
    return this.#shelf(plural).get(namespace, name);
  }

  all(plural: string): readonly KubeObject[] {
    return this.#shelf(plural).list();
  }

  ownedBy({ metadata: { uid } }: KubeObject): readonly string[] {
    return [...(this.#owned.get(uid) ?? [])];
  }

  #shelf(plural: string) {
    return this.#store.of(core.includes(plural) ? plural : `${plural}.apps`);
  }

  /** A change concerns the object, its owners, what it leaves behind, and, of a node, every DaemonSet. */
  #take(plural: string, object: KubeObject): readonly string[] {
    const key = keyOf(plural, object.metadata);
    const owners = ownersOf(object);
    for (const { uid } of owners) {
      const owned = this.#owned.get(uid) ?? new Set();
      if (this.get(key) === undefined) owned.delete(key);
      else owned.add(key);
      if (owned.size === 0) this.#owned.delete(uid);
      else this.#owned.set(uid, owned);
    }
    const left = this.get(key) === undefined ? this.ownedBy(object) : [];
    const daemons = plural === 'nodes' ? this.all('daemonsets') : [];
    return [
      key,
      ...owners.map((owner) => owner.key),
      ...left,
      ...daemons.map(({ metadata }) => keyOf('daemonsets', metadata)),
    ];
  }
}
