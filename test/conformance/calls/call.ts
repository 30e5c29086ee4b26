/** One request, as far as it says what an API server must understand. */
export interface Heard {
  readonly method: string;
  readonly path: string;
  /** The content type of the body. */
  readonly type: string;
}

/** What is asked of which resource, and by which options: two lists that are covered each for itself. */
export interface Calls {
  readonly calls: readonly string[];
  readonly options: readonly string[];
}

const place =
  /^\/(?:api|apis\/(?<group>[^/]+))\/[^/]+(?:\/namespaces\/[^/]+(?=\/(?!status$|finalize$)))?\/(?<plural>[^/]+)(?<name>\/[^/]+)?(?:\/(?<part>[^/]+))?$/;

/** `patch deployments.apps/status, merge`: the verb, the resource, the kind of patch. */
export function callIn({ method, path, type }: Heard): string {
  const { pathname, searchParams } = new URL(path, 'https://server');
  const found = place.exec(pathname)?.groups;
  if (found === undefined) return `read ${pathname}`;
  const { group, plural = '', name, part } = found;
  const resource = group === undefined ? plural : `${plural}.${group}`;
  const patch = /^application\/(.*)-patch\+json/.exec(type)?.[1];
  return [
    `${verbOf(method, name, searchParams)} ${part === undefined ? resource : `${resource}/${part}`}`,
    ...(method === 'PATCH' && patch !== undefined ? [patch] : []),
  ].join(', ');
}

function verbOf(method: string, name: string | undefined, query: URLSearchParams): string {
  if (/^(?:true|1)$/.test(query.get('watch') ?? '')) return 'watch';
  if (method === 'GET') return name === undefined ? 'list' : 'get';
  return { POST: 'create', PATCH: 'patch', PUT: 'replace', DELETE: 'delete' }[method] ?? method;
}

/** Options whose values are words of the protocol; of all others the name is enough. */
const worded = new Set([
  'allowWatchBookmarks',
  'dryRun',
  'fieldValidation',
  'resourceVersionMatch',
  'sendInitialEvents',
]);

/** `list limit`, `patch fieldValidation=Strict`: the verb and one option; discovery has none that matter. */
export function optionsIn({ method, path }: Heard): readonly string[] {
  const { pathname, searchParams } = new URL(path, 'https://server');
  const found = place.exec(pathname)?.groups;
  if (found === undefined) return [];
  const verb = verbOf(method, found['name'], searchParams);
  return [...searchParams]
    .filter(([name]) => name !== 'watch')
    .map(([name, value]) => `${verb} ${name}${worded.has(name) ? `=${value}` : ''}`);
}

export const summaryOf = (heard: readonly Heard[]): Calls => ({
  calls: [...new Set(heard.map(callIn))].toSorted(),
  options: [...new Set(heard.flatMap(optionsIn))].toSorted(),
});
