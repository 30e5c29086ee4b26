import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Keeper } from '../../cluster/plane/programs.ts';
import { until } from '../../cluster/until.ts';
import { call, type Item } from '../../journeys/support/ground.ts';
import { placeOf } from '../tools.ts';

const namespace = 'flux-system';
const name = 'kustomize-controller';

/** Whom the audit log names when Flux writes. */
export const fluxUser = `system:serviceaccount:${namespace}:${name}`;

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

export interface Kustomization extends Item {
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly Condition[];
    readonly lastAppliedRevision?: string;
    readonly lastAttemptedRevision?: string;
    readonly lastHandledReconcileAt?: string;
  };
}

const kustomizations = `/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/${namespace}/kustomizations`;

/**
 * Flux's kustomize-controller, with the rights that Flux gives it, which are all. What waits for
 * another Kustomization asks again every second, and not twice a minute; and what waits for health
 * holds a worker, of which there would be four.
 */
export async function startFlux(cluster: Cluster, keeper: Keeper): Promise<void> {
  const definitions = join(placeOf('flux'), '../definitions');
  const applied = await cluster.kubectl(['apply', '--server-side', '--filename', definitions]);
  if (applied.code !== 0) throw new Error(applied.stderr);
  await untilServed(cluster, definitions);
  await cluster.createNamespace(namespace);
  await call(cluster, 'POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, {
    metadata: { name },
  });
  await call(cluster, 'POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name: 'cluster-reconciler' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  });
  const token = await cluster.serviceAccountToken(namespace, name);
  const { kubeconfig } = await cluster.signIn({ token });
  keeper.run(name, '/usr/bin/env', [
    `KUBECONFIG=${kubeconfig}`,
    `RUNTIME_NAMESPACE=${namespace}`,
    `TMPDIR=${cluster.directory}`,
    `HOME=${cluster.directory}`,
    placeOf('flux'),
    '--watch-all-namespaces',
    '--enable-leader-election=false',
    '--metrics-addr=127.0.0.1:0',
    '--health-addr=127.0.0.1:0',
    '--requeue-dependency=1s',
    '--concurrent=20',
    '--log-level=debug',
  ]);
}

interface Definition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly plural: string };
    readonly versions: readonly { readonly name: string; readonly served: boolean }[];
  };
}

const untilServed = async (cluster: Cluster, folder: string) => {
  const paths = readdirSync(folder).flatMap((file) =>
    parseAllDocuments(readFileSync(join(folder, file), 'utf8')).flatMap((document) => {
      const { spec } = document.toJS() as Definition;
      const served = spec.versions.filter((version) => version.served);
      return served.map((version) => `/apis/${spec.group}/${version.name}/${spec.names.plural}`);
    }),
  );
  await until(
    async () => {
      const answers = await Promise.all(paths.map((path) => cluster.adminClient.call('GET', path)));
      return answers.every(({ code }) => code === 200);
    },
    { what: 'what Flux defines is served' },
  );
};

/** A Kustomization of one folder; it looks again only when it is told to, or at a new commit. */
export const follow = (cluster: Cluster, folder: string, spec: object = {}): Promise<unknown> =>
  call(cluster, 'POST', kustomizations, {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: folder },
    spec: {
      interval: '1h',
      retryInterval: '1s',
      timeout: '1m',
      path: `./${folder}`,
      prune: true,
      sourceRef: { kind: 'GitRepository', name: 'cluster' },
      ...spec,
    },
  });

export const readKustomization = (cluster: Cluster, folder: string): Promise<Kustomization> =>
  call<Kustomization>(cluster, 'GET', `${kustomizations}/${folder}`);

const saysOf = ({ status }: Kustomization, type: string) =>
  status?.conditions?.find((condition) => condition.type === type);

export const isReady = (one: Kustomization): boolean =>
  saysOf(one, 'Ready')?.status === 'True' && saysOf(one, 'Reconciling') === undefined;

/** Waits until Flux has applied this commit, and finds nothing left to do. */
export const untilApplied = (cluster: Cluster, folder: string, revision: string): Promise<void> =>
  untilSaid(cluster, folder, {
    what: `applied ${revision}`,
    condition: (one) => one.status?.lastAppliedRevision === revision && isReady(one),
  });

let requests = 0;

/** Makes Flux look again at what it has applied, as it does every few minutes. */
export async function reconcile(cluster: Cluster, folder: string): Promise<void> {
  const token = `look-${(requests += 1)}`;
  const annotations = { 'reconcile.fluxcd.io/requestedAt': token };
  await call(cluster, 'PATCH', `${kustomizations}/${folder}`, { metadata: { annotations } });
  await untilSaid(cluster, folder, {
    what: 'looked again',
    condition: (one) => one.status?.lastHandledReconcileAt === token && isReady(one),
  });
}

interface Saying {
  readonly what: string;
  readonly condition: (one: Kustomization) => boolean;
}

/** What Flux says of itself instead is most of what there is to know of a failure. */
async function untilSaid(
  cluster: Cluster,
  folder: string,
  { what, condition }: Saying,
): Promise<void> {
  try {
    const isSaid = async () => condition(await readKustomization(cluster, folder));
    await until(isSaid, { what: `Flux has ${what}` });
  } catch (cause) {
    const { status } = await readKustomization(cluster, folder);
    throw new Error(`Flux says of ${folder}: ${JSON.stringify(status)}`, { cause });
  }
}

/** Its finalizer deletes what it has applied, and then lets it go. */
export async function unfollow(cluster: Cluster, folder: string): Promise<void> {
  await call(cluster, 'DELETE', `${kustomizations}/${folder}`);
  const isGone = async () =>
    (await cluster.adminClient.call('GET', `${kustomizations}/${folder}`)).code === 404;
  await until(isGone, { what: `Flux has let go of ${folder}` });
}
