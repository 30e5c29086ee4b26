import type { Cluster } from '../../test/cluster/cluster.ts';
import { metadataOf, nameOf, namespaceOf, specOf, statusOf } from './pods.ts';

const lanes = 12;

/**
 * Puts that many pods into an API server that has no controllers: their owners need not exist, and
 * nobody takes them away. The server itself gives them uids, times, defaults and managed fields.
 */
export async function fill(
  cluster: Cluster,
  pods: number,
  tell: (done: number) => void,
): Promise<void> {
  const namespaces = new Set(Array.from({ length: pods }, (_, n) => namespaceOf(n)));
  for (const name of namespaces) await cluster.createNamespace(name);
  let next = 0;
  const work = Array.from({ length: lanes }, async () => {
    for (let n = next++; n < pods; n = next++) {
      await put(cluster, n);
      if (n % 1_000 === 0) tell(n);
    }
  });
  await Promise.all(work);
}

async function put({ adminClient }: Cluster, n: number): Promise<void> {
  const { labels = {}, annotations = {}, ownerReferences = [] } = metadataOf(n);
  const path = `/api/v1/namespaces/${namespaceOf(n)}/pods`;
  const pod = {
    metadata: { name: nameOf(n), labels, annotations, ownerReferences },
    spec: specOf(n),
  };
  const created = await adminClient.call('POST', path, pod);
  const type = 'application/merge-patch+json';
  const { qosClass: _given, ...status } = statusOf(n);
  const at = `${path}/${nameOf(n)}/status`;
  const patched = await adminClient.call('PATCH', at, { status }, { type });
  if (created.code === 201 && patched.code === 200) return;
  throw new Error(`pod ${n}: ${created.code} ${patched.code} ${JSON.stringify(patched.body)}`);
}
