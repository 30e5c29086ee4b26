import { names } from '../../../crds/names.ts';
import type { CertificateFact } from '../../../domain/facts.ts';
import { isObject, listAt, objectAt, textAt, type JsonObject } from '../../../domain/json.ts';
import type { ConfigurationStore, Target, TestedOperation, Written } from './stores.ts';

/** A configuration as it is now, with what its webhooks trust. */
export interface Found {
  readonly target: Target;
  readonly version: string;
  readonly webhooks: readonly FoundWebhook[];
}

interface FoundWebhook {
  readonly name: string;
  readonly index: number;
  /** In PEM; empty when there is none. */
  readonly bundle: string;
  /** Who wrote the bundle, or failing that who wrote last, if it was not us. */
  readonly manager: string | undefined;
}

/** Tells the API server whom to trust, and leaves it to others if they insist. */
export interface Publisher {
  read(): Promise<readonly Found[]>;
  /** Writes where it differs. What is given must have been read before the bundle was. */
  publish(found: readonly Found[], bundle: string, now: number): Promise<Written>;
}

export interface PublisherOptions {
  readonly store: ConfigurationStore;
  readonly targets: readonly Target[];
  readonly record: (fact: CertificateFact) => void;
}

/** What was seen of one webhook's bundle. */
interface History {
  /** Whether ours was there when we last looked or wrote. */
  readonly stood: boolean;
  /** When somebody else replaced it. */
  readonly lostAt: readonly number[];
}

/** An upgrade of the chart may take the bundle away once; what does it twice in a day will do it again. */
const memoryMs = 86_400_000;
const mostLosses = 2;

export function createPublisher({ store, targets, record }: PublisherOptions): Publisher {
  const memory = createMemory(record);
  const missing = new Set<string>();

  async function readOne(target: Target): Promise<readonly Found[]> {
    const { kind, configuration } = target;
    const key = `${kind}/${configuration}`;
    const object = await store.read(target);
    if (object !== undefined) {
      missing.delete(key);
      return [readConfiguration(target, object)];
    }
    if (!missing.has(key)) record({ type: 'WebhookConfigurationMissing', configuration });
    missing.add(key);
    return [];
  }

  async function publishOne(found: Found, bundle: string, now: number): Promise<Written> {
    const { target, version } = found;
    const ours = found.webhooks.filter((one) => memory.mayWrite(target, one, bundle, now));
    if (ours.length === 0) return 'written';
    const outcome = await store.patch(target, operationsFor(ours, version, bundle));
    if (outcome === 'changed') return outcome;
    for (const webhook of ours) memory.wrote(target, webhook);
    const webhooks = ours.map(({ name }) => name);
    record({ type: 'CaBundlePublished', configuration: target.configuration, webhooks });
    return outcome;
  }

  return {
    read: async () => {
      const found: Found[] = [];
      for (const target of targets) found.push(...(await readOne(target)));
      return found;
    },
    publish: async (found, bundle, now) => {
      const outcomes: Written[] = [];
      for (const one of found) outcomes.push(await publishOne(one, bundle, now));
      return outcomes.includes('changed') ? 'changed' : 'written';
    },
  };
}

/** Decides whether a webhook's bundle is ours to write, and keeps count of who takes it away. */
function createMemory(record: PublisherOptions['record']) {
  const histories = new Map<string, History>();
  const historyOf = (key: string): History => histories.get(key) ?? { stood: false, lostAt: [] };

  return {
    mayWrite: (target: Target, webhook: FoundWebhook, bundle: string, now: number): boolean => {
      const key = keyOf(target, webhook);
      const { stood, lostAt } = historyOf(key);
      const stands = webhook.bundle === bundle;
      const taker = stood && !stands ? webhook.manager : undefined;
      const recent = lostAt.filter((at) => now - at < memoryMs);
      const losses = taker === undefined ? recent : [...recent, now];
      histories.set(key, { stood: stands, lostAt: losses });
      if (stands || losses.length < mostLosses) return !stands;
      if (taker !== undefined) complain(target, webhook, taker);
      return false;
    },
    wrote: (target: Target, webhook: FoundWebhook): void => {
      const key = keyOf(target, webhook);
      histories.set(key, { ...historyOf(key), stood: true });
    },
  };

  function complain({ configuration }: Target, { name }: FoundWebhook, manager: string): void {
    record({ type: 'CaBundleManagedElsewhere', configuration, webhook: name, manager });
  }
}

const keyOf = ({ kind, configuration }: Target, { name }: FoundWebhook) =>
  `${kind}/${configuration}/${name}`;

function readConfiguration(target: Target, object: JsonObject): Found {
  const metadata = objectAt(object, 'metadata') ?? {};
  const webhooks = (listAt(object, 'webhooks') ?? []).filter(isObject).map((webhook, index) => {
    const name = textAt(webhook, 'name') ?? '';
    const encoded = textAt(objectAt(webhook, 'clientConfig') ?? {}, 'caBundle') ?? '';
    const bundle = Buffer.from(encoded, 'base64').toString();
    return { name, index, bundle, manager: managerOf(metadata, name) };
  });
  return {
    target,
    version: textAt(metadata, 'resourceVersion') ?? '',
    webhooks: webhooks.filter(({ name }) => target.webhooks.includes(name)),
  };
}

/**
 * Guarded by the version too: what is published was read after this configuration, so a bundle that
 * a faster replica has published meanwhile is never overwritten by an older one.
 */
function operationsFor(
  webhooks: readonly FoundWebhook[],
  version: string,
  bundle: string,
): readonly TestedOperation[] {
  const value = Buffer.from(bundle).toString('base64');
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: version },
    ...webhooks.flatMap(({ name, index }): readonly TestedOperation[] => [
      { op: 'test', path: `/webhooks/${index}/name`, value: name },
      { op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value },
    ]),
  ];
}

function managerOf(metadata: JsonObject, webhook: string): string | undefined {
  const entries = (listAt(metadata, 'managedFields') ?? []).filter(isObject);
  const owners = entries.filter((entry) => ownsBundle(entry, webhook));
  const suspects = owners.length > 0 ? owners : entries.toSorted(newestFirst).slice(0, 1);
  return suspects
    .map((entry) => textAt(entry, 'manager') ?? 'unknown')
    .find((manager) => manager !== names.fieldManager);
}

function ownsBundle(entry: JsonObject, webhook: string): boolean {
  const path = [
    'fieldsV1',
    'f:webhooks',
    `k:${JSON.stringify({ name: webhook })}`,
    'f:clientConfig',
  ];
  const found = path.reduce<JsonObject>((owner, key) => objectAt(owner, key) ?? {}, entry);
  return Object.hasOwn(found, 'f:caBundle');
}

const newestFirst = (one: JsonObject, other: JsonObject) =>
  (textAt(other, 'time') ?? '').localeCompare(textAt(one, 'time') ?? '');
