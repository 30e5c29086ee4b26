import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startCluster } from '../../cluster/start.ts';
import { tellAll } from './tell.ts';

/** `node test/sandbox/lifecycles/record.ts`: asks the real controllers again, and keeps what they say. */
const cluster = await startCluster();
try {
  const orders = await tellAll({ api: cluster.adminClient, quietMs: 300 }, process.argv[3]);
  const file = process.argv[2] ?? join(import.meta.dirname, 'orders.json');
  writeFileSync(file, `${JSON.stringify(orders, undefined, 2)}\n`);
} finally {
  await cluster.stop();
}
