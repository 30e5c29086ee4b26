import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Api } from '../../../sandbox/api.ts';
import { startSandbox, type Sandbox } from '../../../sandbox/start.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { createClient } from '../../cluster/plane/client.ts';
import { until } from '../../cluster/until.ts';

/** An API server with controllers, whichever it is. */
export interface Plane {
  readonly api: Api;
  /** The path of the almighty user's kubeconfig. */
  readonly kubeconfig: string;
  /** Ready for pods. */
  readonly createNamespace: (name: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

export const realPlane = ({ adminClient, kubeconfig, createNamespace, stop }: Cluster): Plane => ({
  api: adminClient,
  kubeconfig,
  createNamespace,
  stop,
});

/** The sandbox, reached over HTTPS like any other API server. */
export async function sandboxPlane(): Promise<Plane & Pick<Sandbox, 'requests'>> {
  const sandbox = await startSandbox();
  const api = createClient(sandbox);
  const directory = await mkdtemp(join(tmpdir(), 'retrofit-sandbox-'));
  const kubeconfig = join(directory, 'kubeconfig');
  await writeFile(kubeconfig, sandbox.kubeconfig);
  return {
    api,
    kubeconfig,
    requests: () => sandbox.requests(),
    async createNamespace(name) {
      await make(api, '/api/v1/namespaces', { metadata: { name } });
      const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
      await until(async () => (await api.call('GET', account)).code === 200, {
        what: `namespace ${name} has its default ServiceAccount`,
      });
    },
    async stop() {
      await api.close();
      await sandbox.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A step that a test stands on: what refuses it is shown whole. */
export async function make(api: Api, path: string, body: object): Promise<void> {
  const answer = await api.call('POST', path, body);
  if (answer.code !== 201) throw new Error(`POST ${path}: ${JSON.stringify(answer.body)}`);
}
