import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startKubelet } from '../../../sandbox/kubelet/kubelet.ts';
import type { Pod } from '../../../sandbox/kubelet/pod/shapes.ts';
import { createClient, type Client } from '../../cluster/plane/client.ts';
import { isReady, writeImages } from './stage.ts';

/*
 * A node in a process of its own, for a test to kill. It prints where each pod listens that is ready.
 */
const [, , kubeconfig = '', directory = ''] = process.argv;
const api = await clientFrom(kubeconfig);
const images = await writeImages(join(directory, 'images'));
const pods = join(directory, 'pods');
await mkdir(pods);
const kubelet = await startKubelet({ api, images, directory: pods, node: 'killed' });
const told = new Set<string>();
const path = '/api/v1/namespaces/killed/pods';
for await (const { object } of api.watch<Pod>(path, new AbortController().signal)) {
  const { uid } = object.metadata;
  if (told.has(uid) || !isReady(object)) continue;
  told.add(uid);
  console.log(kubelet.addressOf(object.metadata, 8080));
}

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
  readonly users: readonly { readonly user: Readonly<Record<string, string>> }[];
}

/** Both planes write their kubeconfigs as JSON, with a token or a certificate. */
async function clientFrom(file: string): Promise<Client> {
  const { clusters, users } = JSON.parse(await readFile(file, 'utf8')) as Kubeconfig;
  const cluster = clusters[0]?.cluster ?? {};
  const user = users[0]?.user ?? {};
  const { token } = user;
  return createClient({
    server: cluster['server'] ?? '',
    caPem: decoded(cluster['certificate-authority-data']),
    ...(token === undefined
      ? {
          certificate: decoded(user['client-certificate-data']),
          key: decoded(user['client-key-data']),
        }
      : { token }),
  });
}

function decoded(text = ''): string {
  return Buffer.from(text, 'base64').toString();
}
