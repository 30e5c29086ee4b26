import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { request } from 'undici';
import type { Cluster } from '../../test/cluster/cluster.ts';
import { until } from '../../test/cluster/until.ts';
import { podOf } from './pods.ts';

/** As many as etcd takes in one transaction of a megabyte. */
const atOnce = 100;

/**
 * Puts that many pods straight into the etcd of an API server that has no controllers. It tells of
 * them as of any others, and creating them one by one would cost it minutes.
 */
export async function fill(cluster: Cluster, pods: number): Promise<void> {
  const etcd = await addressOfEtcd(cluster);
  for (let first = 0; first < pods; first += atOnce) {
    const some = Array.from({ length: Math.min(atOnce, pods - first) }, (_, n) => first + n);
    await put(`${etcd}/v3/kv/txn`, { success: some.map(putting) });
  }
  await until(() => isCurrent(cluster), {
    what: 'the API server has read all pods',
    timeoutMs: 120_000,
  });
}

async function addressOfEtcd(cluster: Cluster): Promise<string> {
  const pid = cluster.programs().find(({ name }) => name === 'etcd')?.pid;
  const { stdout } = await promisify(execFile)('ps', ['-o', 'args=', '-p', String(pid)]);
  const found = /--listen-client-urls=(?<url>\S+)/.exec(stdout)?.groups?.['url'];
  if (found === undefined) throw new Error('etcd is not among the programs');
  return found;
}

function putting(n: number) {
  const pod = podOf(n);
  const { namespace, name, resourceVersion: _given, ...metadata } = pod.metadata;
  const stored = { apiVersion: 'v1', kind: 'Pod', ...pod };
  return {
    requestPut: {
      key: base64(`/registry/pods/${namespace}/${name}`),
      value: base64(JSON.stringify({ ...stored, metadata: { namespace, name, ...metadata } })),
    },
  };
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

async function put(url: string, body: object): Promise<void> {
  const answer = await request(url, { method: 'POST', body: JSON.stringify(body) });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`etcd answers ${answer.statusCode}: ${text}`);
}

/** Whether the server's own cache is as new as etcd: else the first answer is that it lags. */
async function isCurrent({ adminClient }: Cluster): Promise<boolean> {
  const query =
    'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&fieldSelector=metadata.name=none';
  for await (const { type } of adminClient.watch(
    `/api/v1/pods?${query}`,
    new AbortController().signal,
  )) {
    return type === 'BOOKMARK';
  }
  return false;
}
