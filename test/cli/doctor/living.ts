import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { isObject, objectAt, textAt, type JsonObject } from '../../../domain/json.ts';
import { startSandbox, type Sandbox } from '../../../sandbox/start.ts';
import { makeCertificates } from '../../support/faults/certificate.ts';
import { pluralOf } from '../look/serving.ts';
import { merged, objectsOf, type Scene } from './cluster.ts';

/** A cluster in the sandbox, and the ways to it. */
export interface Living {
  readonly sandbox: Sandbox;
  /** The context `whole` may do everything, and `shop`, the current one, may read one namespace. */
  readonly kubeconfig: string;
  readonly create: (scene: Scene) => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function startLiving(): Promise<Living> {
  const sandbox = await startSandbox({ lifecycles: false });
  const guard = await startGuard(sandbox, 'shop');
  const folder = await mkdtemp(join(tmpdir(), 'retrofit-living-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const ways = [
    { name: 'shop', server: guard.server, caPem: guard.caPem, token: 'of-the-shop' },
    { name: 'whole', ...sandbox },
  ];
  await writeFile(kubeconfig, JSON.stringify(kubeconfigOf(ways)));
  await create(sandbox, definition());
  return {
    sandbox,
    kubeconfig,
    create: async (scene) => {
      // Nobody answers the webhook here, so it comes when the pods are there.
      const objects = objectsOf(scene);
      for (const json of objects.filter((one) => !isWebhook(one))) await create(sandbox, json);
      for (const json of objects.filter(isWebhook)) await create(sandbox, json);
    },
    stop: async () => {
      await guard.stop();
      await sandbox.stop();
      await rm(folder, { recursive: true });
    },
  };
}

const isWebhook = ({ kind }: JsonObject) => kind === 'MutatingWebhookConfiguration';

function definition(): JsonObject {
  const file = join(import.meta.dirname, '../../../crds/instrumentations.yaml');
  const read: unknown = parse(readFileSync(file, 'utf8'));
  if (!isObject(read)) throw new Error('the definition is no object');
  return read;
}

async function create({ api }: Sandbox, json: JsonObject): Promise<void> {
  const given = objectAt(json, 'metadata') ?? {};
  const [namespace, name = ''] = [textAt(given, 'namespace'), textAt(given, 'name')];
  const version = textAt(json, 'apiVersion') ?? '';
  const plural = pluralOf(json);
  const root = version.includes('/') ? `/apis/${version}` : `/api/${version}`;
  const place = namespace === undefined ? '' : `/namespaces/${namespace}`;
  const metadata = merged(given, { resourceVersion: null, uid: null });
  const made = await api.call('POST', `${root}${place}/${plural}`, { ...json, metadata });
  if (made.code !== 201 && made.code !== 409) throw new Error(JSON.stringify(made.body));
  const status = objectAt(json, 'status');
  if (status === undefined || plural === 'customresourcedefinitions') return;
  const path = `${root}${place}/${plural}/${name}/status`;
  const type = 'application/merge-patch+json';
  await api.call('PATCH', path, { status }, { type });
}

interface Way extends Pick<Sandbox, 'server' | 'caPem' | 'token'> {
  readonly name: string;
}

const kubeconfigOf = (ways: readonly Way[]) => ({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': ways[0]?.name,
  clusters: ways.map(({ name, server, caPem }) => ({
    name,
    cluster: { server, 'certificate-authority-data': Buffer.from(caPem).toString('base64') },
  })),
  users: ways.map(({ name, token }) => ({ name, user: { token } })),
  contexts: ways.map(({ name }) => ({ name, context: { cluster: name, user: name } })),
});

/** Stands before the sandbox and lets nobody read what is not in one namespace, nor write anything. */
async function startGuard({ api }: Sandbox, namespace: string) {
  const { ca, server: identity } = await makeCertificates();
  const allowed = new RegExp(`/namespaces/${namespace}(?:[/?]|$)`);
  const server = createServer(identity, (request, response) => {
    const { method = 'GET', url: path = '/' } = request;
    const answer = async () => {
      const isAllowed = method === 'GET' && allowed.test(path);
      const refused = { code: 403, body: forbidden(path) };
      const { code, body } = isAllowed ? await api.call(method, path) : refused;
      response.writeHead(code, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    void answer();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    server: `https://127.0.0.1:${port}`,
    caPem: ca,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

const forbidden = (path: string) => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  reason: 'Forbidden',
  code: 403,
  message: `forbidden: User "of-the-shop" cannot read ${path}`,
});
