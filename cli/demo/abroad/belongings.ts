import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '../../../controller/kube/client.ts';
import { faultOf } from '../../../controller/kube/fault.ts';
import type { Place } from '../../../controller/kube/resource.ts';
import { objectAt } from '../../../domain/json.ts';
import { manifestsIn, redirected, type Manifest } from '../manifests.ts';

/** The services of the shop that have no need of anything but Node.js. */
export const apps = ['stock', 'cart', 'web'] as const;

/** Everything that a visit brings along, in the order in which it is created. */
export interface Belongings {
  readonly atFirst: readonly Manifest[];
  /** Without one nobody could call the webhook, so it stays at home. */
  readonly webhooks: readonly Manifest[];
  readonly instrumentation: readonly Manifest[];
}

/** Its name is all that two clusters share: the node fetches the image itself. */
const image = 'docker.io/library/node:24-alpine';

/** Nothing here reaches beyond two namespaces, and the kind that comes with it. */
export async function pack(webhookPort: number, mayRestart: boolean): Promise<Belongings> {
  const words = { 'http://prices': "''" };
  const [crds, home, admission, shop, instrumentation] = await Promise.all([
    manifestsIn('crds/instrumentations.yaml'),
    manifestsIn('config/base/namespace.yaml'),
    manifestsIn('config/base/admission.yaml'),
    manifestsIn('cli/demo/shop/shop.yaml', words),
    manifestsIn('cli/demo/shop/instrumentation.yaml'),
  ]);
  const [place, ...deployments] = shop;
  if (place === undefined) throw new Error('The shop has no namespace.');
  return {
    atFirst: [
      ...crds,
      ...home,
      mayRestart ? allowing(place) : place,
      await code(),
      ...deployments.map(asInAnyCluster),
      ...apps.map(serviceOf),
    ],
    webhooks: mayRestart ? admission.map((one) => confined(redirected(one, webhookPort))) : [],
    instrumentation,
  };
}

export const namespaces = ['shop', 'otel-retrofit'] as const;

const allowing = (namespace: Manifest): Manifest => ({
  ...namespace,
  metadata: { ...namespace.metadata, annotations: { 'otel-retrofit.dev/remediation': 'restart' } },
});

/** The programs of the shop, which no registry has. */
async function code(): Promise<Manifest> {
  const folder = join(import.meta.dirname, '../shop');
  const texts = await Promise.all(
    apps.map(async (app) => [`${app}.cjs`, await readFile(join(folder, `${app}.cjs`), 'utf8')]),
  );
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'programs', namespace: 'shop' },
    data: Object.fromEntries(texts),
  };
}

function asInAnyCluster(manifest: Manifest): Manifest {
  const { spec } = manifest as unknown as Deployment;
  const { template } = spec;
  const containers = template.spec.containers.map((container) => ({
    ...container,
    image,
    args: [`/programs/${container.name}.cjs`],
    env: [...container.env, { name: 'HOST', value: '0.0.0.0' }],
    volumeMounts: [{ name: 'programs', mountPath: '/programs' }],
  }));
  const volumes = [{ name: 'programs', configMap: { name: 'programs' } }];
  const pod = { ...template.spec, containers, volumes };
  return { ...manifest, spec: { ...spec, template: { ...template, spec: pod } } };
}

interface Deployment {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly { readonly name: string; readonly env: readonly object[] }[];
      };
    };
  };
}

const serviceOf = (app: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: app, namespace: 'shop' },
  spec: { selector: { app }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
});

/** No pod of anybody else passes this webhook. */
function confined(manifest: Manifest): Manifest {
  const { webhooks } = manifest as { readonly webhooks?: readonly object[] };
  if (webhooks === undefined) return manifest;
  const namespaceSelector = {
    matchExpressions: [
      { key: 'kubernetes.io/metadata.name', operator: 'In', values: [...namespaces] },
    ],
  };
  return { ...manifest, webhooks: webhooks.map((webhook) => ({ ...webhook, namespaceSelector })) };
}

export const titleOf = ({ kind, metadata: { name, namespace } }: Manifest): string =>
  namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;

export function placeOf({ apiVersion, kind, metadata: { name, namespace } }: Manifest): Place {
  const [version = '', group = ''] = apiVersion.split('/').toReversed();
  const plural = `${kind.toLowerCase()}s`;
  const resource = { group, version, plural, namespaced: namespace !== undefined };
  return { resource, namespace, name };
}

/** What was created here, and by nobody else. */
export interface Made {
  readonly manifest: Manifest;
  readonly uid: string;
}

/** Creates what is given, and writes down each as soon as it is there. */
export async function unpack(
  client: Client,
  manifests: readonly Manifest[],
  made: Made[],
): Promise<void> {
  for (const manifest of manifests) {
    const { metadata } = manifest;
    const marked = {
      ...manifest,
      metadata: { ...metadata, labels: { ...metadata.labels, ...mark } },
    };
    const { name: _name, ...collection } = placeOf(manifest);
    try {
      await client.create(collection, marked);
    } finally {
      // An answer may be lost on its way: whether it is there, and ours, is seen by looking.
      const uid = await uidOfOurs(client, manifest);
      if (uid !== undefined) made.push({ manifest, uid });
    }
  }
}

/** By which what this process has created is known from what somebody else calls the same. */
const mark = { 'otel-retrofit.dev/demo': randomUUID() };

async function uidOfOurs(client: Client, manifest: Manifest): Promise<string | undefined> {
  const found = await client.get(placeOf(manifest)).catch(() => undefined);
  const labels = objectAt(found?.metadata ?? {}, 'labels') ?? {};
  return Object.entries(mark).every(([key, value]) => labels[key] === value)
    ? found?.metadata.uid
    : undefined;
}

/** Takes away what was made, the latest first, and nothing else of the same name; says what is left. */
export async function packUp(client: Client, made: readonly Made[]): Promise<readonly string[]> {
  const left: string[] = [];
  for (const { manifest, uid } of made.toReversed()) {
    try {
      await client.delete(placeOf(manifest), { uid });
    } catch (error) {
      if (!isGone(error)) left.push(titleOf(manifest));
    }
  }
  const going = made.filter(({ manifest }) => !left.includes(titleOf(manifest)));
  for (const one of going) if (!(await isLeaving(client, one))) left.push(titleOf(one.manifest));
  return left;
}

/** Somebody else's of the same name answers with a conflict: ours is gone then. */
const isGone = (error: unknown) =>
  ['NotFound', 'Conflict', 'KindAbsent'].includes(faultOf(error).key);

const looks = 240;
const lookMs = 500;

async function isLeaving(client: Client, { manifest, uid }: Made): Promise<boolean> {
  for (let look = 0; look < looks; look += 1) {
    try {
      const { metadata } = await client.get(placeOf(manifest));
      if (metadata.uid !== uid) return true;
    } catch (error) {
      if (isGone(error)) return true;
    }
    await pause(lookMs);
  }
  return false;
}
