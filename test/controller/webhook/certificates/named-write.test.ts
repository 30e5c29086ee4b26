import test from 'ava';
import { createPublisher } from '../../../../controller/webhook/certificates/publisher.ts';
import type { TestedOperation } from '../../../../controller/webhook/certificates/stores.ts';
import { pods } from './cluster.ts';

test('each bundle is written on condition that the place is still that of our webhook', async (t) => {
  const sent: TestedOperation[] = [];
  const publisher = createPublisher({
    store: {
      read: async () => ({
        metadata: { resourceVersion: '7' },
        webhooks: [{ name: 'somebody.else.dev' }, { name: 'pods.otel-retrofit.dev' }],
      }),
      patch: async (_target, operations) => {
        sent.push(...operations);
        return 'written';
      },
    },
    targets: [pods],
    record: () => undefined,
  });
  await publisher.publish(await publisher.read(), 'bundle', 0);
  const conditions = sent.filter(({ op }) => op === 'test');
  const places = sent.filter(({ op }) => op !== 'test').map(({ path }) => path);
  t.deepEqual(places, ['/webhooks/1/clientConfig/caBundle']);
  t.deepEqual(conditions, [
    { op: 'test', path: '/metadata/resourceVersion', value: '7' },
    { op: 'test', path: '/webhooks/1/name', value: 'pods.otel-retrofit.dev' },
  ]);
});
