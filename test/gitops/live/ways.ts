import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { call } from '../../journeys/support/ground.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { placeOf } from '../tools.ts';
import type { HelmTool } from './helm.ts';

const root = join(import.meta.dirname, '../../..');
const run = promisify(execFile);

/** A way of the guide to have us in a cluster. Its commands stand there as they do here. */
export interface Way {
  readonly install: string;
  /** What people run again, with nothing changed. */
  readonly upgrade: string;
  readonly uninstall: string;
  /** What the guide has people do after that, for nothing to be left. */
  readonly rest: readonly string[];
}

const repository = '--set image.repository=registry.example.com/otel-retrofit';

const helm: Way = {
  install: `helm install otel-retrofit config/helm --namespace otel-retrofit --create-namespace ${repository}`,
  upgrade: `helm upgrade otel-retrofit config/helm --namespace otel-retrofit ${repository}`,
  uninstall: 'helm uninstall otel-retrofit --namespace otel-retrofit',
  rest: [
    'kubectl delete namespace otel-retrofit --ignore-not-found',
    'kubectl delete customresourcedefinition instrumentations.opentelemetry.io --ignore-not-found',
  ],
};

const kustomize: Way = {
  install: 'kubectl apply --server-side --kustomize config/base',
  upgrade: 'kubectl apply --server-side --kustomize config/base',
  uninstall: 'kubectl delete --kustomize config/base',
  rest: [],
};

export const ways = { kustomize, helm3: helm, helm4: helm } as const;

export type WayName = keyof typeof ways;

/** Runs a command of the guide. */
export type Terminal = (command: string) => Promise<void>;

/**
 * No Service leads anywhere here, so what we ship is installed from a copy in which the webhooks are
 * called at a port of this machine; nothing else is changed.
 */
export async function openTerminal(
  cluster: Cluster,
  way: WayName,
  port: number,
): Promise<Terminal> {
  const home = await mkdtemp(join(cluster.directory, `${way}-`));
  const place = join(home, 'otel-retrofit');
  await (way === 'kustomize' ? writeOverlay(place, port) : writeChart(place, port));
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig, HOME: home };
  const placed = (word: string) => (/^config\/(?:base|helm)$/.test(word) ? place : word);
  return async (command) => {
    const [program, ...words] = command.split(' ');
    const args = words.map(placed);
    if (program === 'helm') await run(placeOf(way as HelmTool), args, { env });
    else await kubectl(cluster, args);
  };
}

async function kubectl(cluster: Cluster, args: readonly string[]): Promise<void> {
  const { code, stderr } = await cluster.kubectl(args);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
}

const configurations = [
  ['MutatingWebhookConfiguration', '/mutate-pod'],
  ['ValidatingWebhookConfiguration', '/validate-instrumentation'],
] as const;

async function writeOverlay(place: string, port: number): Promise<void> {
  const overlay = {
    resources: [relative(place, join(root, 'config/base'))],
    patches: configurations.map(([kind, path]) => ({
      target: { kind },
      patch: JSON.stringify([
        {
          op: 'replace',
          path: '/webhooks/0/clientConfig',
          value: { url: `https://localhost:${port}${path}` },
        },
      ]),
    })),
  };
  await mkdir(place);
  await writeFile(join(place, 'kustomization.yaml'), stringify(overlay));
}

/** The Service stands in the chart as three lines. */
const service = /service:\n +name: otel-retrofit-webhook\n +namespace: .+\n +path: (?<path>\S+)/g;

async function writeChart(place: string, port: number): Promise<void> {
  await cp(join(root, 'config/helm'), place, { recursive: true });
  const file = join(place, 'templates/base/admission.yaml');
  const text = await readFile(file, 'utf8');
  const called = text.replaceAll(service, `url: https://localhost:${port}$<path>`);
  await writeFile(file, called);
}

/** Takes applications out of the cluster again. */
export async function clear(cluster: Cluster, namespaces: readonly string[]): Promise<void> {
  for (const name of namespaces) await call(cluster, 'DELETE', `/api/v1/namespaces/${name}`);
}
