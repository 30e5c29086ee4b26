import type { ExecutionContext } from 'ava';
import type { Answer, CallOptions, Client } from '../cluster/plane/client.ts';
import type { Hooks } from './hooks.ts';

/** In byte order, to be compared where order is no contract. */
export const sorted = (texts: readonly string[]): readonly string[] =>
  texts.toSorted((a, b) => (a < b ? -1 : 1));

/** Any object, as a fact reads it. */
export interface Thing {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly deletionGracePeriodSeconds?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly uid: string }[];
    readonly managedFields?: readonly { readonly manager: string; readonly subresource?: string }[];
    readonly continue?: string;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, string>>;
  readonly items?: readonly Thing[];
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: {
    readonly name?: string;
    readonly kind?: string;
    readonly causes?: readonly { readonly field?: string; readonly reason?: string }[];
  };
}

export interface Access {
  readonly server: string;
  readonly caPem: string;
  readonly token: string;
}

/** A control plane under test, the sandbox or the real one: what both can do. */
export interface Plane extends Access {
  readonly client: Client;
  readonly hooks: Hooks;
  /** A new one, in which pods can be made. */
  namespace(): Promise<string>;
  /** As a restart of the API server does it: no watch goes on from the past. */
  forget(): Promise<void>;
}

/** What holds of every control plane. */
export interface Fact {
  readonly title: string;
  readonly check: (t: ExecutionContext, plane: Plane) => Promise<void>;
  /** Somebody must give workloads their pods, and namespaces what they begin with. */
  readonly needsControllers?: true;
  /** It disturbs whoever would run beside it. */
  readonly isLast?: true;
}

export const merge = { type: 'application/merge-patch+json' };
export const strategic = { type: 'application/strategic-merge-patch+json' };
export const json = { type: 'application/json-patch+json' };

/** The answer, read as any object. */
export const ask = (
  { client }: Pick<Plane, 'client'>,
  method: string,
  path: string,
  ...given: readonly [body?: object, options?: CallOptions]
): Promise<Answer<Thing>> => client.call<Thing>(method, path, ...given);

/** As `ask`, where all but success would make what follows meaningless. */
export async function must(...given: Parameters<typeof ask>): Promise<Thing> {
  const { code, body } = await ask(...given);
  if (code < 300) return body;
  throw new Error(`${given[1]} ${given[2]}: ${code} ${JSON.stringify(body).slice(0, 500)}`);
}

/** What went wrong, as clients tell it apart. */
export async function refusal(...given: Parameters<typeof ask>): Promise<readonly unknown[]> {
  const { code, body } = await ask(...given);
  return [code, body.reason];
}

export interface Told {
  readonly type: string;
  readonly object: Thing;
}

/** What a watch tells until it has told what is looked for, or ends. */
export async function watchUntil(
  { client }: Pick<Plane, 'client'>,
  path: string,
  isLast: (event: Told, events: readonly Told[]) => boolean,
): Promise<readonly Told[]> {
  const stop = new AbortController();
  const limit = AbortSignal.any([stop.signal, AbortSignal.timeout(30_000)]);
  const events: Told[] = [];
  for await (const event of client.watch<Thing>(path, limit)) {
    events.push(event);
    if (isLast(event, events)) break;
  }
  stop.abort();
  return events;
}

export const take = (plane: Pick<Plane, 'client'>, path: string, count: number) =>
  watchUntil(plane, path, (_event, events) => events.length === count);

export const core = (namespace: string, plural: string) =>
  `/api/v1/namespaces/${namespace}/${plural}`;
export const apps = (namespace: string, plural: string) =>
  `/apis/apps/v1/namespaces/${namespace}/${plural}`;

export const versionOf = async (plane: Plane, path: string): Promise<string> =>
  (await must(plane, 'GET', path)).metadata.resourceVersion;

export const aMap = (name: string, labels: Readonly<Record<string, string>> = {}) => ({
  metadata: { name, labels },
  data: { a: '1' },
});

export const template = (name: string) => ({
  metadata: { labels: { app: name } },
  spec: { containers: [{ name: 'app', image: 'app:1' }] },
});

export const aPod = (name: string) => ({
  metadata: { name, labels: { app: name } },
  spec: template(name).spec,
});

export const aWorkload = (name: string, more: object = {}) => ({
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: template(name),
    ...more,
  },
});
