import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import type { Api } from '../../sandbox/api.ts';
import { until } from '../../test/cluster/until.ts';
import { serve } from '../webhook/programs.ts';

const root = join(import.meta.dirname, '../..');
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const instrumentations = '/apis/opentelemetry.io/v1alpha1/instrumentations';
const configurations = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

interface Webhook {
  readonly clientConfig: { readonly service: { readonly path: string } };
}

interface Configuration {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly webhooks: readonly Webhook[];
}

export const home = 'otel-retrofit';

export async function make<T = object>(api: Api, path: string, body: object): Promise<T> {
  const answer = await api.call<T>('POST', path, body);
  if (answer.code === 201) return answer.body;
  throw new Error(`POST ${path}: ${answer.code} ${JSON.stringify(answer.body)}`);
}

/** The kind, and the namespace that the probe asks in. */
export async function install(api: Api): Promise<void> {
  const definition = await readFile(join(root, 'crds/instrumentations.yaml'), 'utf8');
  await make(api, definitions, parse(definition) as object);
  await until(async () => (await api.call('GET', instrumentations)).code === 200, {
    what: 'Instrumentations are served',
  });
  await make(api, '/api/v1/namespaces', { metadata: { name: home } });
  const account = `/api/v1/namespaces/${home}/serviceaccounts/default`;
  await until(async () => (await api.call('GET', account)).code === 200, {
    what: 'the namespace of the probe takes pods',
  });
}

/**
 * Runs the webhook role, and has it called: for every pod, or for the probe alone. No Service leads
 * anywhere here, so it is called at its port.
 */
export async function startWebhook(
  api: Api,
  { program, kubeconfig }: { readonly program: string; readonly kubeconfig: string },
  isForAll: boolean,
): Promise<ChildProcess> {
  const { metadata, webhooks } = await configuration();
  const name = metadata.name;
  const at = (port: number) =>
    webhooks.map((webhook) => ({
      ...webhook,
      clientConfig: { url: `https://localhost:${port}${webhook.clientConfig.service.path}` },
      ...(isForAll ? {} : { namespaceSelector: only(home) }),
    }));
  await make(api, configurations, { metadata, webhooks: at(1) });
  const settings = {
    role: 'webhook',
    kubeconfig,
    namespace: home,
    'bind-address': '127.0.0.1',
    'webhook-port': 0,
    'probe-port': 0,
    'metrics-port': 0,
    'stop-delay-ms': 0,
  };
  const words = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, String(value)]);
  const { child, webhookPort } = await serve([program, 'run', ...words]);
  const url = at(webhookPort)[0]?.clientConfig.url;
  const patch = [{ op: 'replace', path: '/webhooks/0/clientConfig/url', value: url }];
  const type = 'application/json-patch+json';
  const answer = await api.call('PATCH', `${configurations}/${name}`, patch, { type });
  if (answer.code !== 200) throw new Error(JSON.stringify(answer.body));
  return child;
}

const only = (namespace: string) => ({
  matchLabels: { 'kubernetes.io/metadata.name': namespace },
});

async function configuration(): Promise<Configuration> {
  const text = await readFile(join(root, 'config/base/admission.yaml'), 'utf8');
  const all = [...parseAllDocuments(text)].map((document) => document.toJS() as Configuration);
  const found = all.find(({ kind }) => kind === 'MutatingWebhookConfiguration');
  if (found === undefined) throw new Error('No webhook is among the manifests.');
  return found;
}
