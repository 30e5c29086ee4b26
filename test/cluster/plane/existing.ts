import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import type { Plane } from '../cluster.ts';
import { createClient, type Access, type Client } from './client.ts';
import { kubeconfigOf } from './flags.ts';

/** Uses a cluster somebody else keeps: what only its keeper may do, it refuses. */
export async function attachTo(path: string): Promise<Plane> {
  const directory = await mkdtemp(join(tmpdir(), 'retrofit-cluster-'));
  const admin = await accessFrom(path);
  const { server, caPem } = admin;
  const members: Client[] = [createClient(admin)];
  const [adminClient = createClient(admin)] = members;
  return {
    origin: 'existing',
    hasControllers: true,
    server,
    caPem,
    directory,
    kubeconfig: path,
    adminClient,
    async signIn(who) {
      if (!('token' in who)) return refuse('issue a client certificate');
      const theirs = { server, caPem, token: who.token };
      const kubeconfig = join(directory, `user-${members.length}.kubeconfig`);
      const client = createClient(theirs);
      members.push(client);
      await writeFile(kubeconfig, kubeconfigOf(theirs));
      return { client, kubeconfig };
    },
    auditLines: () => refuse('read the audit log'),
    programs: () => [],
    restartApiServer: () => refuse('restart the API server'),
    killApiServer: () => refuse('kill the API server'),
    async stop() {
      await Promise.all(members.map((client) => client.close()));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const refuse = (what: string): Promise<never> =>
  Promise.reject(
    new Error(
      `An existing cluster does not let us ${what}: unset RETROFIT_KUBECONFIG for this test.`,
    ),
  );

async function accessFrom(path: string): Promise<Access> {
  const config = new KubeConfig();
  config.loadFromFile(path);
  const cluster = config.getCurrentCluster();
  if (cluster === null)
    throw new Error(`${path} has no current context: set one, or give another file.`);
  const caPem = cluster.caData
    ? Buffer.from(cluster.caData, 'base64').toString('utf8')
    : await readFile(cluster.caFile ?? '', 'utf8');
  const options: {
    cert?: string | Buffer;
    key?: string | Buffer;
    headers?: Record<string, string>;
  } = {};
  await config.applyToHTTPSOptions(options);
  const bearer = options.headers?.['Authorization'];
  return {
    server: cluster.server,
    caPem,
    ...(options.cert === undefined ? {} : { certificate: String(options.cert) }),
    ...(options.key === undefined ? {} : { key: String(options.key) }),
    ...(bearer === undefined ? {} : { token: bearer.replace(/^Bearer /, '') }),
  };
}
