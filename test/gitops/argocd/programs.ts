import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../../cluster/cluster.ts';
import { freePorts, type Keeper } from '../../cluster/plane/programs.ts';
import { until } from '../../cluster/until.ts';
import { call } from '../../journeys/support/ground.ts';
import { placeOf } from './tools.ts';

export const namespace = 'argocd';
const account = 'argocd-application-controller';

/** Whom the audit log names when Argo CD writes. */
export const argoUser = `system:serviceaccount:${namespace}:${account}`;

interface Ports {
  readonly redis: number;
  readonly repository: number;
  readonly repositoryMetrics: number;
  readonly metrics: number;
}

/**
 * Argo CD without its user interface: Redis, what renders manifests, and what applies them, with
 * the accounts, rights and settings of its own manifests; `settings` go into `argocd-cm` beside them.
 */
export async function startArgo(
  cluster: Cluster,
  keeper: Keeper,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  await install(cluster);
  await call(cluster, 'PATCH', `/api/v1/namespaces/${namespace}/configmaps/argocd-cm`, {
    data: settings,
  });
  const token = await cluster.serviceAccountToken(namespace, account);
  const { kubeconfig } = await cluster.signIn({ token });
  const [redis = 0, repository = 0, repositoryMetrics = 0, metrics = 0] = await freePorts(4);
  const ports = { redis, repository, repositoryMetrics, metrics };
  const variables = await variablesIn(cluster.directory, kubeconfig);
  startRedis(cluster, keeper, ports);
  for (const [name, flags] of Object.entries(flagsFor(ports)))
    keeper.run(name, '/usr/bin/env', [
      ...variables,
      `ARGOCD_BINARY_NAME=${name}`,
      join(placeOf('argocd'), 'argocd'),
      ...flags,
      '--redis',
      `127.0.0.1:${redis}`,
    ]);
  for (const port of [repositoryMetrics, metrics])
    await until(async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok, {
      what: 'Argo CD is healthy',
    });
}

async function install(cluster: Cluster): Promise<void> {
  await cluster.createNamespace(namespace);
  const folder = join(placeOf('argocd'), 'manifests');
  const words = ['apply', '--server-side', '--namespace', namespace, '--filename', folder];
  const { code, stderr } = await cluster.kubectl(words);
  if (code !== 0) throw new Error(stderr);
  const projects = `/apis/argoproj.io/v1alpha1/namespaces/${namespace}/appprojects`;
  await until(async () => (await cluster.adminClient.call('GET', projects)).code === 200, {
    what: 'what Argo CD defines is served',
  });
  await call(cluster, 'POST', projects, {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name: 'default' },
    spec: {
      sourceRepos: ['*'],
      destinations: [{ namespace: '*', server: '*' }],
      clusterResourceWhitelist: [{ group: '*', kind: '*' }],
    },
  });
}

/** It thinks it is in the cluster it applies to, and keeps what it keeps in the folder of this run. */
async function variablesIn(directory: string, kubeconfig: string): Promise<readonly string[]> {
  const home = join(directory, 'argocd');
  const folder = async (name: string) => {
    await mkdir(join(home, name), { recursive: true });
    return join(home, name);
  };
  return [
    'ARGOCD_FAKE_IN_CLUSTER=true',
    `KUBECONFIG=${kubeconfig}`,
    `PATH=${placeOf('kustomize')}:${process.env['PATH'] ?? ''}`,
    `HOME=${await folder('home')}`,
    `TMPDIR=${await folder('tmp')}`,
    `ARGOCD_TLS_DATA_PATH=${await folder('tls')}`,
    `ARGOCD_SSH_DATA_PATH=${await folder('ssh')}`,
    `ARGOCD_GPG_DATA_PATH=${await folder('gpg')}`,
    `ARGOCD_GNUPGHOME=${await folder('gnupg')}`,
    `ARGOCD_PLUGINSOCKFILEPATH=${await folder('plugins')}`,
    'ARGOCD_GPG_ENABLED=false',
  ];
}

/** Nothing it knows is worth keeping. */
function startRedis(cluster: Cluster, keeper: Keeper, { redis }: Ports): void {
  const place = placeOf('redis');
  const flags = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  keeper.run('redis', '/usr/bin/env', [
    '-C',
    cluster.directory,
    `LD_LIBRARY_PATH=${join(place, 'usr/lib', `${architecture}-linux-gnu`)}`,
    join(place, 'usr/bin/redis-server'),
    '--port',
    String(redis),
    ...flags,
  ]);
}

const architecture = process.arch === 'arm64' ? 'aarch64' : 'x86_64';

/** It looks again when it is told to, or when something changes, and heals at once. */
const flagsFor = (ports: Ports): Readonly<Record<string, readonly string[]>> => ({
  'argocd-repo-server': [
    '--address=127.0.0.1',
    `--port=${ports.repository}`,
    '--metrics-address=127.0.0.1',
    `--metrics-port=${ports.repositoryMetrics}`,
    '--disable-tls',
  ],
  'argocd-application-controller': [
    `--namespace=${namespace}`,
    `--repo-server=127.0.0.1:${ports.repository}`,
    '--repo-server-plaintext',
    `--metrics-port=${ports.metrics}`,
    '--app-resync=3600',
    '--app-resync-jitter=0',
    '--persist-resource-health',
  ],
});
