import type { Fields } from '../api.ts';
import type { Kind } from '../objects/kinds.ts';

/** What the addresses above the objects answer; undefined for what is none of them. */
export function discover(path: string, kinds: readonly Kind[]): Fields | undefined {
  const groups = [...Map.groupBy(kinds.filter(({ group }) => group !== ''), ({ group }) => group)].map(([group, members]) => groupOf(group, members));
  if (path === '/version') return { major: '1', minor: '36', gitVersion: 'v1.36.3+sandbox', gitCommit: '', gitTreeState: 'clean', buildDate: '1970-01-01T00:00:00Z', goVersion: '', compiler: '', platform: 'a development server, on the loopback only' };
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
  if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups };
  if (path === '/openapi/v3') return { paths: {} };
  const [, root, ...place] = path.split('/');
  if (root === 'apis' && place.length === 1) {
    const found = groups.find(({ name }) => name === place[0]);
    return found && { kind: 'APIGroup', apiVersion: 'v1', ...found };
  }
  const [version, group = ''] = place.toReversed();
  const members = kinds.filter((kind) => kind.group === group && kind.version === version);
  if (members.length === 0 || place.length !== (root === 'api' ? 1 : 2)) return undefined;
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: place.join('/'), resources: members.flatMap(resourcesOf) };
}

function groupOf(group: string, members: readonly Kind[]): Fields {
  const versions = [...new Set(members.map(({ version }) => version))].map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions, preferredVersion: versions[0] };
}

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

function resourcesOf({ plural, kind, namespaced, short, categories, subresources }: Kind): readonly Fields[] {
  const own = { name: plural, singularName: kind.toLowerCase(), namespaced, kind, verbs, shortNames: short, ...(categories.length === 0 ? {} : { categories }) };
  return [own, ...subresources.map((name) => ({ name: `${plural}/${name}`, singularName: '', namespaced, kind, verbs: ['get', 'patch', 'update'] }))];
}
