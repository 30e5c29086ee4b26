import type { Cluster } from '../cluster.ts';
import { account, namespace } from './installation.ts';
import type { Product } from './program.ts';

/** What a webhook has spent so far: none of it grows where a machine is merely slow. */
export interface Cost {
  /** Of a processor. */
  readonly cpuMs: number;
  /** To the API server, of all replicas. */
  readonly calls: number;
}

export async function costOf(
  { auditLines }: Pick<Cluster, 'auditLines'>,
  product: Product,
): Promise<Cost> {
  const cpu = /^process_cpu_seconds_total (?<seconds>.+)$/m.exec(await product.metrics());
  const user = `system:serviceaccount:${namespace}:${account}`;
  return {
    cpuMs: 1_000 * Number(cpu?.groups?.['seconds']),
    calls: (await auditLines()).filter(({ user: { username } }) => username === user).length,
  };
}

export const between = (before: Cost, after: Cost): Cost => ({
  cpuMs: after.cpuMs - before.cpuMs,
  calls: after.calls - before.calls,
});
