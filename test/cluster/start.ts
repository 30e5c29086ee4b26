import { findSource } from './binaries.ts';
import { ensureDefaultAccount, furnish, type Cluster } from './cluster.ts';
import { startPlane, type OwnOptions } from './plane/own.ts';

/**
 * A real Kubernetes API for a test: started in seconds from binaries that are there, or an existing
 * cluster. Whoever starts it stops it; should its owner die first, it goes all the same.
 */
export async function startCluster(options: OwnOptions = {}): Promise<Cluster> {
  const source = await findSource(process.env);
  if (source.kind === 'missing') throw new Error(source.remedy);
  if (source.kind === 'existing') {
    if (Object.keys(options).length > 0) throw new Error(fixed);
    const { attachTo } = await import('./plane/existing.ts');
    return furnish(await attachTo(source.kubeconfig), source.kubectl);
  }
  const plane = await startPlane(source, options);
  await ensureDefaultAccount(plane, 'default');
  return furnish(plane, source.kubectl);
}

const fixed = 'An existing cluster is as it is: unset RETROFIT_KUBECONFIG for a test with options.';
