import { names } from '../../../crds/names.ts';
import type { FaultKey } from '../../../domain/faults.ts';
import type { Operation } from '../../../domain/injection/patch.ts';
import { objectAt, textAt, type Json, type JsonObject } from '../../../domain/json.ts';
import type { Client } from '../../kube/client.ts';
import { faultOf } from '../../kube/fault.ts';
import type { Place, Resource } from '../../kube/resource.ts';
import { members, type Entries } from './content.ts';

/** `changed`: somebody was faster, so nothing was written and all must be read anew. */
export type Written = 'written' | 'changed';

export interface StoredSecret {
  readonly uid: string;
  readonly version: string;
  readonly entries: Partial<Entries>;
}

/** The one Secret that all replicas share. */
export interface SecretStore {
  read(): Promise<StoredSecret | undefined>;
  create(entries: Entries): Promise<Written>;
  /** Only if it is still the version that was read. */
  replace(stored: StoredSecret, entries: Entries): Promise<Written>;
}

/** A webhook configuration, and the webhooks in it that lead to us. */
export interface Target {
  readonly kind: 'mutatingwebhookconfigurations' | 'validatingwebhookconfigurations';
  readonly configuration: string;
  readonly webhooks: readonly string[];
}

export type TestedOperation =
  | Operation
  | { readonly op: 'test'; readonly path: string; readonly value: Json };

export interface ConfigurationStore {
  read(target: Target): Promise<JsonObject | undefined>;
  patch(target: Target, operations: readonly TestedOperation[]): Promise<Written>;
}

export function secretStoreOf(
  client: Client,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): SecretStore {
  const collection: Place = { resource: secrets, namespace };
  const place: Place = { ...collection, name };
  return {
    read: async () => {
      const object = await unlessMissing(client.get(place));
      return object && { ...versionOf(object), entries: decoded(objectAt(object, 'data') ?? {}) };
    },
    create: (entries) =>
      written(
        client.create(collection, {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name, namespace },
          type: 'kubernetes.io/tls',
          data: encoded(entries),
        }),
        ['AlreadyExists'],
      ),
    replace: ({ uid, version }, entries) =>
      written(
        client.mergePatch(place, {
          metadata: { uid, resourceVersion: version },
          data: encoded(entries),
        }),
        ['Conflict', 'NotFound'],
      ),
  };
}

export function configurationStoreOf(client: Client): ConfigurationStore {
  return {
    read: (target) => unlessMissing(client.get(placeOf(target))),
    patch: (target, operations) =>
      written(
        client.jsonPatch(placeOf(target), operations, {
          fieldManager: names.fieldManager,
        }),
        ['Conflict', 'NotFound', 'Invalid'],
      ),
  };
}

const placeOf = ({ kind, configuration }: Target): Place => ({
  resource: {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    plural: kind,
    namespaced: false,
  },
  name: configuration,
});

const secrets: Resource = { group: '', version: 'v1', plural: 'secrets', namespaced: true };

async function unlessMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (faultOf(error).key === 'NotFound') return undefined;
    throw error;
  }
}

/** A failed `test` is answered as Invalid, with nothing that tells it from any other. */
async function written(call: Promise<unknown>, outrun: readonly FaultKey[]): Promise<Written> {
  try {
    await call;
    return 'written';
  } catch (error) {
    if (outrun.includes(faultOf(error).key)) return 'changed';
    throw error;
  }
}

function versionOf(object: JsonObject) {
  const metadata = objectAt(object, 'metadata') ?? {};
  return {
    uid: textAt(metadata, 'uid') ?? '',
    version: textAt(metadata, 'resourceVersion') ?? '',
  };
}

const encoded = (entries: Entries): JsonObject =>
  Object.fromEntries(
    Object.entries(entries).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
  );

function decoded(stored: JsonObject): Partial<Entries> {
  const found = members
    .map((key) => [key, textAt(stored, key)] as const)
    .filter((entry): entry is [keyof Entries, string] => entry[1] !== undefined);
  return Object.fromEntries(
    found.map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]),
  );
}
