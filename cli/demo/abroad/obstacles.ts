import { annotations as keys } from '../../../crds/names.ts';
import type { Client } from '../../../controller/kube/client.ts';
import { faultOf } from '../../../controller/kube/fault.ts';
import type { KubeObject, Place } from '../../../controller/kube/resource.ts';
import { objectAt, type JsonObject } from '../../../domain/json.ts';
import type { Manifest } from '../manifests.ts';
import { placeOf, titleOf, type Belongings } from './belongings.ts';

/** Why a cluster must not be visited: what is there already, and who might take the visit for more. */
export async function obstaclesIn(
  client: Client,
  { atFirst, webhooks }: Belongings,
): Promise<readonly string[]> {
  // What lies in a namespace that is not there is not there either.
  const wide = [...atFirst, ...webhooks].filter(({ metadata }) => metadata.namespace === undefined);
  const taken = await Promise.all(
    wide.map(async (one) => ((await isThere(client, one)) ? [one] : [])),
  );
  const asking = await Promise.all(kinds.map((kind) => askingIn(client, kind)));
  return [
    ...taken.flat().map((one) => `${titleOf(one)} is there already.`),
    ...asking.flat().map((one) => `${one} asks for an agent already.`),
  ];
}

async function isThere(client: Client, manifest: Manifest): Promise<boolean> {
  try {
    await client.get(placeOf(manifest));
    return true;
  } catch (error) {
    if (faultOf(error).key === 'NotFound') return false;
    throw error;
  }
}

interface Kind extends Place {
  readonly name?: undefined;
  readonly title: string;
  /** Where it says what its pods ask for. */
  readonly askedBy: (object: KubeObject) => JsonObject | undefined;
}

const ofTemplate = ({ spec }: KubeObject & { readonly spec?: unknown }) =>
  objectAt(objectAt({ spec } as JsonObject, 'spec') ?? {}, 'template');

const workloads = (title: string): Kind => ({
  resource: { group: 'apps', version: 'v1', plural: `${title.toLowerCase()}s`, namespaced: true },
  title,
  askedBy: ofTemplate,
});

const kinds: readonly Kind[] = [
  {
    resource: { group: '', version: 'v1', plural: 'namespaces', namespaced: false },
    title: 'Namespace',
    askedBy: (object) => object,
  },
  ...['Deployment', 'StatefulSet', 'DaemonSet'].map(workloads),
];

const pageSize = 500;

/** The controller would tell of them by Events, and they are nothing of ours. */
async function askingIn(client: Client, { title, askedBy, ...place }: Kind) {
  const found: string[] = [];
  let next: string | undefined;
  do {
    const page = await client.list(place, { limit: pageSize, continue: next });
    for (const object of page.items) {
      const { namespace, name } = object.metadata;
      const metadata = objectAt(askedBy(object) ?? {}, 'metadata') ?? {};
      const written = Object.keys(objectAt(metadata, 'annotations') ?? {});
      if (!written.some((key) => key.startsWith(keys.inject('')))) continue;
      found.push(namespace === undefined ? `${title} ${name}` : `${title} ${namespace}/${name}`);
    }
    ({ next } = page);
  } while (next !== undefined);
  return found;
}
