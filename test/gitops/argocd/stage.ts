import type { Cluster } from '../../cluster/cluster.ts';
import { freePorts, openKeeper, type Keeper } from '../../cluster/plane/programs.ts';
import { startCluster } from '../../cluster/start.ts';
import { install, redirect } from '../../cluster/webhook/installation.ts';
import { call, eventually } from '../../journeys/support/ground.ts';
import { runPods, type Fate, type Made } from '../../journeys/support/runner.ts';
import { isReady, isStamped, podsOf, type Spot } from '../../journeys/support/workloads.ts';
import type { Files } from '../flux/archive.ts';
import { launch } from '../live/product.ts';
import { startArgo } from './programs.ts';
import { openRepository, type Repository } from './repository.ts';

/** A control plane with pods that seem to run, Argo CD, and the Git repository it looks at. */
export interface Stage {
  readonly cluster: Cluster;
  readonly keeper: Keeper;
  readonly repository: Repository;
  /** Puts these files into Git, beside what is there; one that is `undefined` goes. */
  readonly commit: (files: Readonly<Record<string, string | undefined>>) => Promise<string>;
  readonly close: () => Promise<void>;
}

export interface Choices {
  /** What stands in `argocd-cm` beside what Argo CD brings. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly fateOf?: (pod: Made) => Fate;
}

export async function openStage({ settings, fateOf }: Choices = {}): Promise<Stage> {
  const cluster = await startCluster();
  const keeper = openKeeper(cluster.directory);
  const runner = runPods(cluster, fateOf);
  const close = async () => {
    await runner.stop();
    await keeper.end();
    await cluster.stop();
  };
  try {
    for (const name of ['node', 'other'])
      await call(cluster, 'POST', '/api/v1/nodes', { metadata: { name } });
    await startArgo(cluster, keeper, settings);
    const repository = await openRepository(cluster.directory);
    return { cluster, keeper, repository, commit: committing(repository), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** All that is installed, and one process of each role, which the API server and Argo CD meet. */
export async function runProduct({ cluster, keeper }: Stage): Promise<void> {
  await install(cluster);
  const [port = 0] = await freePorts(1);
  await launch(cluster, keeper, 'webhook', { 'webhook-port': port });
  await redirect(cluster, port);
  await launch(cluster, keeper, 'controller');
}

function committing({ commit }: Repository): Stage['commit'] {
  let files: Files = {};
  return (more) => {
    const all = Object.entries({ ...files, ...more });
    files = Object.fromEntries(
      all.filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    return commit(files);
  };
}

const imageOf = (pod: unknown) =>
  (pod as { readonly spec: { readonly containers: readonly { readonly image: string }[] } }).spec
    .containers[0]?.image;

export interface Running {
  readonly image: string;
  /** Whether its pods have passed our webhook. */
  readonly stamped: boolean;
}

export const allRun = (cluster: Cluster, spot: Spot, { image, stamped }: Running): Promise<true> =>
  eventually(`every pod of ${spot.name} runs ${image}`, async () => {
    const pods = await podsOf(cluster, spot);
    return (
      pods.length === 2 &&
      pods.every((pod) => isReady(pod) && isStamped(pod) === stamped && imageOf(pod) === image)
    );
  });

/** Something in Git that is no business of ours. */
export const wordsIn = (namespace: string): string => `apiVersion: v1
kind: ConfigMap
metadata:
  name: words
  namespace: ${namespace}
`;
