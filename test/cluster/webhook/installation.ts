import { parseAllDocuments, stringify } from 'yaml';
import type { JsonObject } from '../../../domain/json.ts';
import type { Cluster, Printed } from '../cluster.ts';
import { until } from '../until.ts';

export const namespace = 'otel-retrofit';
export const account = 'otel-retrofit-webhook';
export const configuration = 'otel-retrofit';
const base = `${import.meta.dirname}/../../../config/base`;

export interface Manifest extends JsonObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

let rendering: Promise<readonly Manifest[]> | undefined;

/** What `kubectl apply -k config/base` applies. */
export const manifests = (cluster: Cluster): Promise<readonly Manifest[]> =>
  (rendering ??= render(cluster));

async function render({ kubectl }: Cluster): Promise<readonly Manifest[]> {
  const { code, stdout, stderr } = await kubectl(['kustomize', base]);
  if (code !== 0) throw new Error(stderr);
  const documents = parseAllDocuments(stdout);
  if (!Array.isArray(documents)) throw new Error('config/base is empty');
  return documents.map((document) => document.toJS() as Manifest);
}

/**
 * How long the API server waits for an answer where a test is about something else. What we ship says
 * three seconds, which a machine without a processor to spare may take by itself; then a pod that was
 * only late looks like one that was lost.
 */
const patienceSeconds = 20;

/**
 * Installs what we ship. No Service leads anywhere here, so the webhooks are called at a port of this
 * machine, at first one where nobody answers, and with patience; nothing else is changed.
 */
export async function install(cluster: Cluster): Promise<Printed> {
  const found = (await manifests(cluster)).map(redirected);
  const stdin = found.map((one) => stringify(one)).join('---\n');
  const printed = await cluster.kubectl(['apply', '--filename=-'], { stdin });
  const instrumentations = '/apis/opentelemetry.io/v1alpha1/instrumentations';
  await until(async () => (await cluster.adminClient.call('GET', instrumentations)).code === 200, {
    what: 'Instrumentations are served',
  });
  return printed;
}

interface Webhook extends JsonObject {
  readonly clientConfig: { readonly service: { readonly path: string } };
  readonly timeoutSeconds: number;
}

const webhooksOf = (manifest: Manifest): readonly Webhook[] =>
  (manifest as unknown as { readonly webhooks?: readonly Webhook[] }).webhooks ?? [];

function redirected(manifest: Manifest): Manifest {
  const webhooks = webhooksOf(manifest);
  if (webhooks.length === 0) return manifest;
  const changed = webhooks.map((webhook) => ({
    ...webhook,
    clientConfig: { url: `https://localhost:1${webhook.clientConfig.service.path}` },
    timeoutSeconds: patienceSeconds,
  }));
  return { ...manifest, webhooks: changed };
}

/** From now on the API server calls another port. */
export async function redirect(cluster: Cluster, port: number): Promise<void> {
  await change(cluster, 'clientConfig/url', (path) => `https://localhost:${port}${path}`);
}

/** From now on the API server trusts another authority. */
export async function publish(cluster: Cluster, bundle: string): Promise<void> {
  await change(cluster, 'clientConfig/caBundle', () => Buffer.from(bundle).toString('base64'));
}

/** From now on the API server waits for as long as what we ship says. */
export async function beAwaitedAsShipped(cluster: Cluster): Promise<void> {
  const shipped = (await manifests(cluster)).flatMap(webhooksOf)[0]?.timeoutSeconds ?? Number.NaN;
  await change(cluster, 'timeoutSeconds', () => shipped);
}

async function change(
  { adminClient }: Cluster,
  member: 'clientConfig/url' | 'clientConfig/caBundle' | 'timeoutSeconds',
  valueFor: (path: string) => string | number,
): Promise<void> {
  for (const [kind, path] of Object.entries(paths)) {
    const answer = await adminClient.call(
      'PATCH',
      `/apis/admissionregistration.k8s.io/v1/${kind}/${configuration}`,
      [{ op: 'add', path: `/webhooks/0/${member}`, value: valueFor(path) }],
      { type: 'application/json-patch+json' },
    );
    if (answer.code !== 200) throw new Error(JSON.stringify(answer.body));
  }
}

const paths = {
  mutatingwebhookconfigurations: '/mutate-pod',
  validatingwebhookconfigurations: '/validate-instrumentation',
};

/** The path of a kubeconfig with a token of the ServiceAccount that we ship, and its rights alone. */
export async function kubeconfigOf({ serviceAccountToken, signIn }: Cluster): Promise<string> {
  const token = await serviceAccountToken(namespace, account);
  return (await signIn({ token })).kubeconfig;
}

interface Configuration {
  readonly webhooks: readonly { readonly clientConfig: { readonly caBundle?: string } }[];
}

/** What the API server trusts, in PEM: of the mutating webhook, then of the validating one. */
export async function publishedBundles({ adminClient }: Cluster): Promise<readonly string[]> {
  const answers = await Promise.all(
    Object.keys(paths).map((kind) =>
      adminClient.call<Configuration>(
        'GET',
        `/apis/admissionregistration.k8s.io/v1/${kind}/${configuration}`,
      ),
    ),
  );
  return answers.map(({ body }) =>
    Buffer.from(body.webhooks[0]?.clientConfig.caBundle ?? '', 'base64').toString(),
  );
}

interface Secret {
  readonly type: string;
  readonly data: Readonly<Record<string, string>>;
}

export const secretPath = `/api/v1/namespaces/${namespace}/secrets/otel-retrofit-certificates`;

/** What the Secret holds, decoded. */
export async function secretOf({ adminClient }: Cluster): Promise<{
  readonly type: string;
  readonly entries: Readonly<Record<string, string>>;
}> {
  const { body } = await adminClient.call<Secret>('GET', secretPath);
  const entries = Object.entries(body.data).map(([key, value]) => [
    key,
    Buffer.from(value, 'base64').toString(),
  ]);
  return { type: body.type, entries: Object.fromEntries(entries) as Record<string, string> };
}
