import type { Fields } from '../api.ts';
import { versionOf, type Kind } from '../objects/kinds.ts';

const version: Fields = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.3+sandbox',
  platform: 'a development server, on the loopback only',
};

/** What the addresses above the objects answer; undefined for what is none of them. */
export function discover(path: string, kinds: readonly Kind[]): Fields | undefined {
  if (path === '/version') return version;
  if (path === '/openapi/v3') return { paths: Object.fromEntries(kinds.map(documentOf)) };
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] };
  const groups = [...Map.groupBy(kinds, ({ group }) => group)]
    .filter(([group]) => group !== '')
    .map(([name, members]) => groupOf(name, members));
  if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups };
  const members = kinds.filter((kind) => path.replace('/openapi/v3', '') === `/${rootOf(kind)}`);
  const [first] = members;
  if (first === undefined) return undefined;
  if (path.startsWith('/openapi'))
    return { openapi: '3.0.0', info: {}, paths: Object.fromEntries(members.map(operationOf)) };
  const resources = members.flatMap(resourcesOf);
  const groupVersion = versionOf(first);
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
}

function groupOf(name: string, members: readonly Kind[]): Fields {
  const versions = [...new Set(members.map(({ version: one }) => one))].map((one) => ({
    groupVersion: `${name}/${one}`,
    version: one,
  }));
  return { name, versions, preferredVersion: versions[0] };
}

const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

function resourcesOf(one: Kind): readonly Fields[] {
  const { plural, kind, namespaced, short, subresources } = one;
  const names = { name: plural, singularName: kind.toLowerCase(), shortNames: short };
  const parts = subresources.map((name) => ({
    name: `${plural}/${name}`,
    singularName: '',
    namespaced,
    kind,
    verbs: ['get', 'patch', 'update'],
  }));
  return [{ ...names, namespaced, kind, verbs }, ...parts];
}

const rootOf = (kind: Kind) => `${kind.group === '' ? 'api' : 'apis'}/${versionOf(kind)}`;

const documentOf = (kind: Kind) =>
  [rootOf(kind), { serverRelativeURL: `/openapi/v3/${rootOf(kind)}` }] as const;

/** All that kubectl looks for before it leaves the checking of fields to the server. */
function operationOf(one: Kind): readonly [string, Fields] {
  const { group, version: served, kind, namespaced, plural } = one;
  const patch = {
    'x-kubernetes-group-version-kind': { group, version: served, kind },
    parameters: [{ name: 'fieldValidation', in: 'query', schema: { type: 'string' } }],
  };
  const home = namespaced ? 'namespaces/{namespace}/' : '';
  return [`/${rootOf(one)}/${home}${plural}/{name}`, { patch }];
}
