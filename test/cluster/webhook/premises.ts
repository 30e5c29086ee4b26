import { runPods, type Fate, type Made, type Runner } from '../../journeys/support/runner.ts';
import type { Cluster } from '../cluster.ts';
import type { OwnOptions } from '../plane/own.ts';
import { openKeeper, type Keeper } from '../plane/programs.ts';
import { startCluster } from '../start.ts';
import { hurried } from './hurried.ts';
import * as installed from './installation.ts';
import { start, untilReady, type Product, type Settings } from './program.ts';

/** A cluster of two nodes with all that we ship, whose pods are said to run. */
export interface Premises {
  readonly cluster: Cluster;
  /** A process of ours, with the rights of its role and no others. */
  readonly launch: (role: 'webhook' | 'controller', more?: Settings) => Promise<Product>;
  /** A webhook, which the API server calls from now on. */
  readonly serve: (more?: Settings) => Promise<Product>;
  readonly close: () => Promise<void>;
}

export interface Wishes {
  readonly plane?: OwnOptions | undefined;
  readonly fateOf?: (pod: Made) => Fate;
  /** Beside or instead of those with which everything is hurried. */
  readonly settings: Settings;
}

export async function openPremises({ plane, fateOf, settings }: Wishes): Promise<Premises> {
  const cluster = await startCluster(plane);
  const keeper = openKeeper(cluster.directory);
  let runner: Runner | undefined;
  const close = async () => {
    await runner?.stop();
    await keeper.end();
    await cluster.stop();
  };
  const launch = launcher(cluster, keeper, settings);
  try {
    await installed.install(cluster);
    for (const name of ['node', 'other'])
      await cluster.adminClient.call('POST', '/api/v1/nodes', { metadata: { name } });
    runner = runPods(cluster, fateOf);
  } catch (error) {
    await close();
    throw error;
  }
  const serve = async (more?: Settings) => {
    const webhook = await launch('webhook', more);
    await installed.redirect(cluster, webhook.webhookPort);
    return webhook;
  };
  return { cluster, launch, serve, close };
}

function launcher(cluster: Cluster, keeper: Keeper, settings: Settings): Premises['launch'] {
  let launched = 0;
  return async (role, more = {}) => {
    const { directory } = cluster;
    const token = await cluster.serviceAccountToken(installed.namespace, `otel-retrofit-${role}`);
    const { kubeconfig } = await cluster.signIn({ token });
    const name = `${role}-${(launched += 1)}`;
    const all = { ...hurried, ...settings, role, kubeconfig, ...more };
    return untilReady(start({ keeper, directory, name, settings: all }));
  };
}
