import { createServer } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { objectAt, textAt, type JsonObject } from '../../../domain/json.ts';
import { noon } from '../doctor/cluster.ts';
import { tableOf } from './printing.ts';

/** Around a command that is asked of such a server. */
export const context = {
  version: '0',
  environment: {},
  stdin: () => Promise.resolve(Buffer.of()),
  now: () => noon,
};

/** Words that are understood leave nothing to print. */
export const silent = { out: () => undefined, error: () => undefined };

/** How a server answers lists. */
export interface Manner {
  /** It sends whole objects to whoever would do with metadata. */
  readonly sendsAll?: boolean;
  /** It prints pods for whoever would do with that. */
  readonly prints?: boolean;
  readonly longestPage?: number;
  /** What came before a page is forgotten by the time the next one is asked for. */
  readonly forgets?: string;
  /** A path whose second page comes no sooner than the last of another. */
  readonly lags?: readonly [path: string, behind: string];
  /** The only namespace of which anything is told. */
  readonly only?: string;
  /** Paths of single objects elsewhere that may be read as well. */
  readonly besides?: readonly string[];
  /** Paths that may not be read, whatever else may be. */
  readonly never?: readonly string[];
}

export interface Serving {
  readonly kubeconfig: string;
  /** Each list that was asked for, its first page only, and whether of metadata alone. */
  readonly asked: readonly string[];
  readonly connections: () => number;
  readonly stop: () => Promise<void>;
}

/** An API server that has these objects, and tells of them in one manner. */
export async function serve(objects: readonly JsonObject[], manner: Manner): Promise<Serving> {
  const asked: string[] = [];
  const led = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://server');
    const { accept = '' } = request.headers;
    const form = forms.find((one) => accept.includes(`as=${names[one]};`));
    const isPrinted = manner.prints === true && form === 'table';
    if (!url.searchParams.has('continue') && (form !== 'table' || isPrinted))
      asked.push([url.pathname, form].filter((word) => word !== undefined).join(' '));
    const { code, body } = answer(objects, url, { ...manner, isPrinted, isPart: form === 'part' });
    const respond = () => {
      response.writeHead(code, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    const [late, behind] = manner.lags ?? [];
    const isLast = !('continue' in (objectAt(body as JsonObject, 'metadata') ?? {}));
    if (url.pathname === behind && isLast) response.on('close', led.resolve);
    if (url.pathname === late && url.searchParams.has('continue')) void led.promise.then(respond);
    else respond();
  });
  let connections = 0;
  server.on('connection', () => (connections += 1));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const folder = await mkdtemp(join(tmpdir(), 'retrofit-serving-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const { port } = server.address() as AddressInfo;
  await writeFile(kubeconfig, JSON.stringify(kubeconfigOf(`http://127.0.0.1:${port}`)));
  return {
    kubeconfig,
    asked,
    connections: () => connections,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await rm(folder, { recursive: true });
    },
  };
}

const forms = ['part', 'table'] as const;

const names = { part: 'PartialObjectMetadataList', table: 'Table' } as const;

const kubeconfigOf = (server: string) => ({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'it',
  clusters: [{ name: 'it', cluster: { server } }],
  users: [{ name: 'it', user: { token: 'of-somebody' } }],
  contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
});

const path =
  /^\/apis?(?:\/[\w.]+)?\/v[\w]+(?:\/namespaces\/(?<place>[^/]+)(?=\/))?\/(?<plural>\w+)(?:\/(?<one>.+))?$/;

export const pluralOf = (json: JsonObject) =>
  `${(textAt(json, 'kind') ?? '').toLowerCase().replace(/y$/, 'ie')}s`;

function answer(
  objects: readonly JsonObject[],
  { pathname, searchParams }: URL,
  { isPart, isPrinted, ...manner }: Manner & Record<'isPart' | 'isPrinted', boolean>,
) {
  const { sendsAll, longestPage = 1_000, forgets, only, besides = [], never = [] } = manner;
  const { place, plural = '', one } = path.exec(pathname)?.groups ?? {};
  const seen = place ?? (plural === 'namespaces' ? one : undefined);
  const isElsewhere = only !== undefined && seen !== only && !besides.includes(pathname);
  if (isElsewhere || never.includes(pathname)) return status(403, 'Forbidden');
  const kind = objects.filter((json) => pluralOf(json) === plural);
  // Its controllers do not run, so that it has none: it does not know them either.
  if (plural === 'endpointslices' && kind.length === 0) return status(404, 'NotFound');
  const here = kind.filter((json) => place === undefined || metaOf(json)['namespace'] === place);
  if (one !== undefined) {
    const found = here.find((json) => metaOf(json)['name'] === one);
    return found === undefined ? status(404, 'NotFound', one) : { code: 200, body: found };
  }
  const from = Number(searchParams.get('continue') ?? 0);
  if (from > 0 && plural === forgets) return status(410, 'Expired');
  const wanted = here.filter(
    (json) =>
      isSelected(json, searchParams.get('fieldSelector') ?? '') &&
      isLabelled(json, searchParams.get('labelSelector') ?? ''),
  );
  const to = from + Math.min(longestPage, Number(searchParams.get('limit')));
  const metadata = { resourceVersion: '7', ...(to < wanted.length && { continue: `${to}` }) };
  if (isPrinted) return { code: 200, body: tableOf(metadata, wanted.slice(from, to)) };
  const isCut = isPart && sendsAll !== true;
  const items = wanted.slice(from, to).map((json) => (isCut ? partOf(json) : json));
  return { code: 200, body: { kind: 'List', apiVersion: 'v1', metadata, items } };
}

const metaOf = (json: JsonObject) => objectAt(json, 'metadata') ?? {};

const partOf = (json: JsonObject) => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata: metaOf(json),
});

/** One label and its value are asked for, or none. */
function isLabelled(json: JsonObject, selector: string): boolean {
  const [key = '', value] = selector.split('=');
  return value === undefined || textAt(objectAt(metaOf(json), 'labels') ?? {}, key) === value;
}

/** The one selector that is used: of what is not in some phases. */
function isSelected(json: JsonObject, selector: string): boolean {
  const phase = textAt(objectAt(json, 'status') ?? {}, 'phase') ?? '';
  return !selector.split(',').includes(`status.phase!=${phase}`);
}

const status = (code: number, reason: string, name?: string) => ({
  code,
  body: { kind: 'Status', status: 'Failure', code, reason, ...(name && { details: { name } }) },
});
