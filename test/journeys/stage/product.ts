import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { openKeeper } from '../../cluster/plane/programs.ts';
import { until } from '../../cluster/until.ts';
import { start, untilReady, type Product } from '../../cluster/webhook/program.ts';
import { make, type Plane } from './plane.ts';

interface Webhook {
  readonly clientConfig: { readonly service: { readonly path: string } };
}

interface Configuration {
  readonly kind: string;
  readonly webhooks: readonly Webhook[];
}

export interface Running {
  readonly product: Product;
  stop(): Promise<void>;
}

const root = join(import.meta.dirname, '../../..');
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const instrumentations = '/apis/opentelemetry.io/v1alpha1/instrumentations';
const registered = '/apis/admissionregistration.k8s.io/v1';
const plurals: Readonly<Record<string, string>> = {
  MutatingWebhookConfiguration: 'mutatingwebhookconfigurations',
  ValidatingWebhookConfiguration: 'validatingwebhookconfigurations',
};

/**
 * Installs the definition, starts the product as its users start it, and registers its webhooks. No
 * Service leads anywhere here: so they are called at the port where the product listens.
 */
export async function startProduct(plane: Plane): Promise<Running> {
  const { api } = plane;
  const definition = await readFile(join(root, 'crds/instrumentations.yaml'), 'utf8');
  await make(api, definitions, parse(definition) as object);
  await until(async () => (await api.call('GET', instrumentations)).code === 200, {
    what: 'Instrumentations are served',
  });
  await make(api, '/api/v1/namespaces', { metadata: { name: 'otel-retrofit' } });
  const configurations = await readConfigurations();
  for (const { kind, ...rest } of configurations) {
    await make(api, `${registered}/${plurals[kind]}`, { kind, ...rest, webhooks: at(rest, 1) });
  }
  const directory = await mkdtemp(join(tmpdir(), 'retrofit-product-'));
  const keeper = openKeeper(directory);
  const settings = { kubeconfig: plane.kubeconfig, namespace: 'otel-retrofit' };
  const starting = start({ keeper, directory, name: 'retrofit', settings });
  const product = await untilReady(starting).catch(async (error: unknown) => {
    await keeper.end();
    throw error;
  });
  for (const { kind, ...rest } of configurations)
    await redirect(plane, kind, at(rest, product.webhookPort));
  return { product, stop: () => keeper.end() };
}

async function readConfigurations(): Promise<readonly Configuration[]> {
  const text = await readFile(join(root, 'config/base/admission.yaml'), 'utf8');
  return [...parseAllDocuments(text)].map((document) => document.toJS() as Configuration);
}

const at = ({ webhooks }: Pick<Configuration, 'webhooks'>, port: number) =>
  webhooks.map((webhook) => ({
    ...webhook,
    clientConfig: { url: `https://localhost:${port}${webhook.clientConfig.service.path}` },
  }));

/** The authority that the product has published stays. */
async function redirect({ api }: Plane, kind: string, [webhook]: ReturnType<typeof at>) {
  const patch = [
    { op: 'replace', path: '/webhooks/0/clientConfig/url', value: webhook?.clientConfig.url },
  ];
  const path = `${registered}/${plurals[kind]}/otel-retrofit`;
  const { code } = await api.call('PATCH', path, patch, { type: 'application/json-patch+json' });
  if (code !== 200) throw new Error(`PATCH ${path}: ${code}`);
}
