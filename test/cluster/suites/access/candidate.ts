import { createClient } from '../../../../controller/kube/client.ts';
import { readKubeConfig } from '../../../../controller/kube/credentials.ts';
import { createLease } from '../../../../controller/kube/lease.ts';
import { createTransport } from '../../../../controller/kube/transport.ts';

/*
 * A process that writes as long as it holds a lease, so that a test can stop it in its tracks. Each
 * write says under which term it was decided; it is fenced and conditional, as ours are.
 */
const [, , kubeconfig = '', identity = ''] = process.argv;
const client = createClient(
  createTransport(readKubeConfig({ file: kubeconfig }), { version: '0.0.0' }),
);
const place = {
  resource: { group: '', version: 'v1', plural: 'configmaps', namespaced: true },
  namespace: 'default',
  name: 'written-by-the-holder',
};
let term = -1;
let count = 0;
const lease = createLease({
  client,
  namespace: 'default',
  name: 'retrofit-stalls',
  identity,
  onGained: (gained) => (term = gained),
  durations: { leaseMs: 4_000, renewMs: 500, retryMs: 200, fenceMs: 2_000, callMs: 1_500 },
});

async function write(): Promise<void> {
  if (!lease.holds()) return;
  const decidedUnder = String(term);
  const { metadata } = await client.get(place, { deadlineMs: 1_500 });
  const { resourceVersion } = metadata;
  const data = { term: decidedUnder, writer: identity, count: String((count += 1)) };
  const patch = { metadata: { resourceVersion }, data };
  await client.mergePatch(place, patch, { fence: () => lease.holds(), deadlineMs: 1_500 });
}

void lease.run(new AbortController().signal);
for (;;) {
  await write().catch(() => undefined);
  await new Promise((done) => setTimeout(done, 5));
}
