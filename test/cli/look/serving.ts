import { createServer } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { objectAt, textAt, type JsonObject } from '../../../domain/json.ts';

/** How a server answers lists. */
export interface Manner {
  /** It sends whole objects to whoever would do with metadata. */
  readonly sendsAll?: boolean;
  readonly longestPage?: number;
  /** What came before a page is forgotten by the time the next one is asked for. */
  readonly forgets?: string;
  /** The only namespace of which anything is told. */
  readonly only?: string;
}

export interface Serving {
  readonly kubeconfig: string;
  /** Each list that was asked for, its first page only, and whether of metadata alone. */
  readonly asked: readonly string[];
  readonly stop: () => Promise<void>;
}

/** An API server that has these objects, and tells of them in one manner. */
export async function serve(objects: readonly JsonObject[], manner: Manner): Promise<Serving> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://server');
    const isPart = /as=PartialObjectMetadataList/.test(request.headers.accept ?? '');
    if (!url.searchParams.has('continue')) asked.push(`${url.pathname}${isPart ? ' part' : ''}`);
    const { code, body } = answer(objects, url, { ...manner, isPart });
    response.writeHead(code, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const folder = await mkdtemp(join(tmpdir(), 'retrofit-serving-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const { port } = server.address() as AddressInfo;
  await writeFile(kubeconfig, JSON.stringify(kubeconfigOf(`http://127.0.0.1:${port}`)));
  return {
    kubeconfig,
    asked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await rm(folder, { recursive: true });
    },
  };
}

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

function answer(
  objects: readonly JsonObject[],
  { pathname, searchParams }: URL,
  { sendsAll, longestPage = 1_000, forgets, only, isPart }: Manner & { readonly isPart: boolean },
) {
  const { place, plural = '', one } = path.exec(pathname)?.groups ?? {};
  const seen = place ?? (plural === 'namespaces' ? one : undefined);
  if (only !== undefined && seen !== only) return status(403, 'Forbidden');
  const kind = objects.filter((json) => `${textAt(json, 'kind')?.toLowerCase()}s` === plural);
  const here = kind.filter((json) => place === undefined || metaOf(json)['namespace'] === place);
  if (one !== undefined) {
    const found = here.find((json) => metaOf(json)['name'] === one);
    return found === undefined ? status(404, 'NotFound', one) : { code: 200, body: found };
  }
  const from = Number(searchParams.get('continue') ?? 0);
  if (from > 0 && plural === forgets) return status(410, 'Expired');
  const wanted = here.filter((json) => isSelected(json, searchParams.get('fieldSelector') ?? ''));
  const to = from + Math.min(longestPage, Number(searchParams.get('limit')));
  const metadata = { resourceVersion: '7', ...(to < wanted.length && { continue: `${to}` }) };
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

/** The one selector that is used: of what is not in some phases. */
function isSelected(json: JsonObject, selector: string): boolean {
  const phase = textAt(objectAt(json, 'status') ?? {}, 'phase') ?? '';
  return !selector.split(',').includes(`status.phase!=${phase}`);
}

const status = (code: number, reason: string, name?: string) => ({
  code,
  body: { kind: 'Status', status: 'Failure', code, reason, ...(name && { details: { name } }) },
});
