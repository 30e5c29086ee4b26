import { stringify } from 'yaml';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Keeper } from '../../cluster/plane/programs.ts';
import { hurried } from '../../cluster/webhook/hurried.ts';
import * as installed from '../../cluster/webhook/installation.ts';
import { start, untilReady, type Product, type Settings } from '../../cluster/webhook/program.ts';

export type Role = 'webhook' | 'controller';

export const userOf = (role: Role): string =>
  `system:serviceaccount:${installed.namespace}:otel-retrofit-${role}`;

/** One is enough here, and an owner who has just deployed need not be waited for. */
export const eager: Settings = { ...hurried, 'owner-quiet-seconds': 1 };

/** Runs one role of the product as its installed ServiceAccount, which has to be there. */
export async function launch(
  cluster: Cluster,
  keeper: Keeper,
  role: Role,
  settings: Settings = {},
): Promise<Product> {
  const token = await cluster.serviceAccountToken(installed.namespace, `otel-retrofit-${role}`);
  const { kubeconfig } = await cluster.signIn({ token });
  const all = { ...eager, role, kubeconfig, ...settings };
  return untilReady(start({ keeper, directory: cluster.directory, name: role, settings: all }));
}

interface Webhook {
  readonly clientConfig: { readonly service: { readonly path: string } };
}

/**
 * What `kubectl apply -k config/base` applies, for a repository. No Service leads anywhere here, so
 * the webhooks are called at a port of this machine; nothing else is changed.
 */
export async function manifestsAt(cluster: Cluster, port: number): Promise<string> {
  const text = (await installed.manifests(cluster)).map((manifest) => {
    const { webhooks } = manifest as unknown as { readonly webhooks?: readonly Webhook[] };
    if (webhooks === undefined) return stringify(manifest);
    return stringify({ ...manifest, webhooks: webhooks.map((webhook) => at(webhook, port)) });
  });
  return text.join('---\n');
}

const at = (webhook: Webhook, port: number) => ({
  ...webhook,
  clientConfig: { url: `https://localhost:${port}${webhook.clientConfig.service.path}` },
});

/** The same as a release with another image would have it. */
export const withImage = (manifests: string, image: string): string =>
  manifests.replaceAll('image: otel-retrofit:0.1.0', `image: ${image}`);
