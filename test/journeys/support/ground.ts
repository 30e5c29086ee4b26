import type { Client } from '../../cluster/plane/client.ts';
import { until } from '../../cluster/until.ts';

/** What a journey needs of a control plane, be it a real one or the embedded one. */
export interface Ground {
  readonly adminClient: Client;
  readonly createNamespace: (name: string) => Promise<void>;
}

export interface Meta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly generation?: number;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly { readonly kind: string; readonly uid: string }[];
}

export interface Item {
  readonly metadata: Meta;
}

interface List<T> {
  readonly items: readonly T[];
}

/** An answer that is as it should be; anything else is shown whole. */
export async function call<T>(
  { adminClient }: Pick<Ground, 'adminClient'>,
  method: string,
  path: string,
  body?: object,
): Promise<T> {
  const type = method === 'PATCH' ? { type: 'application/merge-patch+json' } : {};
  const answer = await adminClient.call<T>(method, path, body, type);
  if (answer.code >= 200 && answer.code < 300) return answer.body;
  throw new Error(`${method} ${path}: ${answer.code} ${JSON.stringify(answer.body)}`);
}

export const list = async <T extends Item>(ground: Ground, path: string): Promise<readonly T[]> =>
  (await call<List<T>>(ground, 'GET', path)).items;

export const eventually = <T>(
  what: string,
  condition: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> => until(condition, { what });
