import type { Api, KubeObject } from '../api.ts';
import { ownersOf, type View } from './view.ts';

/** Nobody owns it any more. */
export function isOrphan(view: View, object: KubeObject): boolean {
  const owners = ownersOf(object);
  return owners.length > 0 && !owners.some(({ uid, key }) => view.get(key)?.metadata.uid === uid);
}

interface Discovered {
  readonly groups: readonly { readonly preferredVersion: { readonly groupVersion: string } }[];
  readonly resources: readonly {
    readonly name: string;
    readonly namespaced: boolean;
    readonly verbs: readonly string[];
  }[];
}

/** Deletes what is in a namespace that is to go, and lets it go when nothing is left. */
export async function empty(api: Api, { metadata: { name } }: KubeObject): Promise<boolean> {
  const { groups } = (await api.call<Discovered>('GET', '/apis')).body;
  const roots = groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`);
  let left = 0;
  for (const root of ['/api/v1', ...roots]) {
    const { resources } = (await api.call<Discovered>('GET', root)).body;
    const kinds = resources.filter(({ namespaced, verbs }) => namespaced && verbs.includes('list'));
    for (const { name: plural } of kinds) {
      const path = `${root}/namespaces/${name}/${plural}`;
      const { items = [] } = (await api.call('GET', path)).body;
      left += items.length;
      const staying = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      for (const { metadata } of staying) await api.call('DELETE', `${path}/${metadata.name}`);
    }
  }
  if (left > 0) return false;
  const body = { metadata: { name }, spec: { finalizers: [] } };
  return (await api.call('PUT', `/api/v1/namespaces/${name}/finalize`, body)).code === 200;
}
