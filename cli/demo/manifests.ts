import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Api } from '../../sandbox/api.ts';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [member: string]: unknown;
}

const root = join(import.meta.dirname, '../..');

/** The documents of a file below the root, with some of its words replaced. */
export async function manifestsIn(
  path: string,
  words: Readonly<Record<string, string>> = {},
): Promise<readonly Manifest[]> {
  const written = await readFile(join(root, path), 'utf8');
  const text = Object.entries(words).reduce(
    (before, [from, to]) => before.replaceAll(from, to),
    written,
  );
  const documents = parseAllDocuments(text);
  return Array.isArray(documents) ? documents.map((one) => one.toJS() as Manifest) : [];
}

/** Creates what is written there, in its order. */
export async function create(api: Api, manifests: readonly Manifest[]): Promise<void> {
  for (const manifest of manifests) {
    const { code, body } = await api.call('POST', collectionOf(manifest), manifest);
    const { kind, metadata } = manifest;
    if (code !== 201) throw new Error(`${kind} ${metadata.name}: ${code} ${body.message}`);
  }
}

/** The webhook runs outside the cluster, so no Service leads to it. */
export function redirected(manifest: Manifest, port: number): Manifest {
  const { webhooks } = manifest as { readonly webhooks?: readonly Webhook[] };
  if (webhooks === undefined) return manifest;
  const changed = webhooks.map((webhook) => {
    const url = `https://localhost:${port}${webhook.clientConfig.service.path}`;
    return { ...webhook, clientConfig: { url } };
  });
  return { ...manifest, webhooks: changed };
}

interface Webhook {
  readonly clientConfig: { readonly service: { readonly path: string } };
}

function collectionOf({ apiVersion, kind, metadata }: Manifest): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const place = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  return `${group}${place}/${kind.toLowerCase()}s`;
}
