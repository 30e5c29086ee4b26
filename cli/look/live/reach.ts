import { setFlagsFromString } from 'node:v8';
import { createClient, type Client, type Page } from '../../../controller/kube/client.ts';
import { readKubeConfig } from '../../../controller/kube/credentials.ts';
import { Fault, faultOf } from '../../../controller/kube/fault.ts';
import type { KubeObject, Place, Query } from '../../../controller/kube/resource.ts';
import { createTransport, type Transport } from '../../../controller/kube/transport.ts';
import { faults, type Entry } from '../../../domain/faults.ts';
import type { Problem } from '../../manifest/model.ts';
import type { LookOptions } from '../command.ts';
import type { LookContext } from '../look.ts';

/** How a cluster is reached. */
export type Way = Pick<LookOptions, 'kubeconfig' | 'context'>;

/** Asks a cluster. What keeps it from answering is a problem that is told to a person. */
export async function inCluster<T>(
  { kubeconfig, context }: Way,
  { version, environment }: Pick<LookContext, 'version' | 'environment'>,
  ask: (client: Client, transport: Transport) => Promise<T>,
): Promise<T | { readonly problems: readonly Problem[] }> {
  setFlagsFromString(hastily);
  try {
    const choice = readKubeConfig({ file: kubeconfig, context });
    const isFar = isFarAway(choice.getCurrentCluster()?.server ?? '');
    const manner = isFar ? { zipsLists: true } : { connections: 4 };
    const transport = createTransport(choice, { version, environment, ...manner });
    try {
      return await ask(createClient(transport), transport);
    } finally {
      await transport.close();
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { remedy }: Entry = error.key === 'Forbidden' ? limited : faults[error.key];
    const file = kubeconfig ?? 'kubeconfig';
    return { problems: [{ file, sentence: error.message, ...(remedy && { remedy }) }] };
  }
}

/**
 * Room for what is young doubles each time that it has become too small, and what survives is moved
 * each time. In a process that is over within seconds it may as well have all its room at once.
 */
const hastily = '--semi-space-growth-factor=16';

/** Said to a person, who may have other rights than the controller. */
const limited: Entry = {
  ...faults.Forbidden,
  remedy:
    'Name a namespace that you may read with -n, or ask for the right to list; `kubectl auth can-i --list` shows what you may do.',
};

/** On one machine nothing is gained by sending less, and little by asking for more at once. */
const isFarAway = (server: string) =>
  !/^https?:\/\/(?:127\.[\d.]+|localhost|\[::1\])(?=[:/]|$)/.test(server);

/** A person waits for it. */
export const deadlineMs = 10_000;

export const pageSize = 1_000;

/** Which objects of a place are meant, and whether more than their metadata is. */
export interface Wish {
  readonly query?: Query;
  readonly metadataOnly?: boolean;
}

export interface Timed extends Wish {
  /** What comes is taken no sooner. */
  readonly after?: Promise<unknown>;
}

/** While one page is taken, the next is written. */
export async function eachPage(
  client: Client,
  place: Place,
  take: (objects: readonly KubeObject[]) => void | Promise<void>,
  { query = {}, metadataOnly }: Wish = {},
): Promise<void> {
  const pageFrom = (from: string | undefined) =>
    client.list(place, { ...query, limit: pageSize, continue: from }, { deadlineMs, metadataOnly });
  let coming: Promise<Page> | undefined = pageFrom(undefined);
  while (coming !== undefined) {
    const { items, next }: Page = await coming;
    coming = next === undefined ? undefined : pageFrom(next);
    // Whoever takes a page may wait, and fail, before this one is awaited.
    coming?.catch(() => undefined);
    await take(items);
  }
}

export const isForbidden = (error: unknown) => faultOf(error).key === 'Forbidden';
